import Architectures
import Experiments
import Foundation
import Testing

@testable import Workflows

@Suite struct StudyConfigurationTests {
    @Test func theDefaultsAreValidAndRoundTrip() throws {
        let resolved = try Resolved(StudyConfiguration())
        let file = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try resolved.yaml().write(toFile: file, atomically: true, encoding: .utf8)
        #expect(try ConfigurationLoader.load(StudyConfiguration.self, file: file).value == StudyConfiguration())
    }

    @Test(arguments: [
        ("method.paths=1", "cross-path"), ("method.queue-length=1000", "batch-size"),
        ("search.strategy=annealing", "evolution"),
        ("search.max-macs=0", "max-macs"), ("spase.name=mobile", "space"), ("supernet.epoch=1", "epochs"),
        ("device=gpu", "device"), ("method.temperature=0", "temperature"),
    ]) func whatMakesNoSenseIsRefusedByName(setting: String, expected: String) throws {
        let error = #expect(throws: ConfigurationError.self) {
            _ = try ConfigurationLoader.load(StudyConfiguration.self, file: nil, overrides: [setting])
        }
        #expect("\(try #require(error))".contains(expected))
    }

    @Test func contrastiveScoresNeedEmbeddings() {
        #expect(throws: ConfigurationError.self) {
            _ = try ConfigurationLoader.load(
                StudyConfiguration.self, file: nil, overrides: ["method.name=spos", "search.score=contrastive"])
        }
    }
}
