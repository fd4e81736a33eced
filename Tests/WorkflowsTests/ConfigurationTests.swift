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

    @Test func spacesComeByNameWithTheirSettings() throws {
        for name in SpaceFamily.registry.names {
            let description = try SpaceConfiguration(named: name).description(channels: 1)
            #expect(description.space.name == name)
            #expect(try description.features(imageSize: 64) > 0)
        }
        var space = SpaceConfiguration()
        try space.update(ResNeStOptions.self) { ($0.depths, $0.planes) = ([1, 1], [16, 32]) }
        #expect(try space.description(channels: 3).space.points.count == 2)
        let error = #expect(throws: NamedOptionsError.self) { _ = try SpaceConfiguration(named: "resnet") }
        #expect("\(try #require(error))".contains("resnest50"))
    }

    @Test func aSpaceIsDeclaredByAFile() throws {
        let file = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).yaml"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let text = """
            name: chain
            channels: 1
            backbone:
              type: sequence
              parts:
                - {key: stem, layer: {type: convolution, outputs: 8, kernel: 3, stride: 2}}
                - key: first
                  layer:
                    type: choice
                    point: first
                    candidates:
                      - {name: 3x3, layer: {type: convolution, outputs: 8, kernel: 3}}
                      - {name: pool, layer: {type: pool, kind: average, kernel: 3, stride: 1, padding: 1}}
                      - {name: identity, layer: {type: identity}}
                - {key: "", layer: {type: global-pool}}
            """
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let space = try SpaceConfiguration(named: file)
        let description = try space.description(channels: 1)
        #expect(description.space.points == [ChoicePoint("first", ["3x3", "pool", "identity"])])
        #expect(throws: SpaceError.self) { _ = try space.description(channels: 3) }
        try text.replacingOccurrences(of: "outputs: 8, kernel: 3}", with: "kernel: 3}")
            .write(toFile: file, atomically: true, encoding: .utf8)
        let error = #expect(throws: SpaceError.self) { _ = try space.description(channels: 1) }
        #expect("\(try #require(error))".contains("outputs"))
    }
}
