import Architectures
import ArgumentParser
import Foundation
import Networks
import Supernets
import Tasks
import TestFolders
import Testing
import Training
import Workflows

@testable import Experiments
@testable import SupernetCommands

/// Networks and supernets that an earlier version of the program wrote: they open, and say the same.
@Suite struct EarlierNetworkTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: [String]) throws {
        var command = try SupernetCommands.Supernet.parseAsRoot(arguments)
        try command.run()
    }

    /// What `predict` says, with images named from the folder of the files on.
    private func predictions(_ file: String, _ images: String, _ more: [String]) throws -> Any {
        let arguments = more.map { $0.contains("/") ? "\(EarlierFiles.folder)/\($0)" : $0 }
        try run(
            ["predict", file, "\(EarlierFiles.folder)/\(images)", "--output", folder.file("p.json")] + arguments)
        return try EarlierFiles.json(
            folder.text("p.json").replacingOccurrences(of: EarlierFiles.folder + "/", with: ""))
    }

    private func expected(_ name: String) throws -> Any {
        try EarlierFiles.json(EarlierFiles.expected("\(name).predictions.json"))
    }

    @Test(arguments: EarlierFiles.classifiers + EarlierFiles.others)
    func itPredictsTheSame(network: EarlierFiles.Network) throws {
        let expected = try expected(network.name)
        #expect((expected as? [Any])?.isEmpty == false)
        let found = try predictions(network.path, network.images, network.predicting)
        #expect(EarlierFiles.differences(expected, found).isEmpty)
        // Written anew it is the same network still.
        let again = folder.file("again.safetensors")
        try run(["export", network.path, "--output", again])
        let foundAgain = try predictions(again, network.images, network.predicting)
        #expect(EarlierFiles.differences(expected, foundAgain).isEmpty)
    }

    @Test(arguments: EarlierFiles.classifiers + EarlierFiles.others)
    func itScoresTheSame(network: EarlierFiles.Network) throws {
        let expected = EarlierFiles.table(try EarlierFiles.expected("\(network.name).score.txt"))
        let found = try Evaluate.parse(
            [network.path, "--data", "\(EarlierFiles.folder)/\(network.data)"] + network.scoring
        ).rows()
        #expect(expected.count >= 3 && expected.map(\.first) == found.map(\.0))
        for (old, new) in zip(expected, found) {
            func number(_ text: String) throws -> Double {
                try #require(Double(text.split(separator: " ").first ?? ""))
            }
            // Shares and years are told with two digits after the point.
            let tolerance = old[1].contains(" ") ? 0.0101 : 1e-5
            #expect(abs(try number(old[1]) - number(new.1)) <= tolerance, "\(old) \(new)")
        }
    }

    @Test(arguments: EarlierFiles.classifiers) func itCostsTheSame(network: EarlierFiles.Network) throws {
        let card = try NetworkFile.read(network.path).card
        let cost = try card.network.cost(imageSize: card.imageSize)
        let expected = EarlierFiles.table(try EarlierFiles.expected("\(network.name).cost.txt"))
        #expect(
            expected == [
                ["parameters", Console.grouped(cost.parameters)],
                ["multiply-adds", Console.grouped(cost.multiplyAdds)],
                ["images", "3 x 16 x 16"], ["classes", "\(card.classNames.count)"],
            ])
    }

    @Test(arguments: EarlierFiles.others) func itsHeadIsTheSame(network: EarlierFiles.Network) throws {
        let summary = TaskExport(file: try TaskNetworkFile.read(network.path)).summary
        let expected = EarlierFiles.table(try EarlierFiles.expected("\(network.name).cost.txt"))
        #expect(expected == summary.map { [$0.0, $0.1] })
    }

    @Test(arguments: EarlierFiles.classifiers + EarlierFiles.others)
    func itIsExportedAsONNX(network: EarlierFiles.Network) throws {
        try run(["export", network.path, "--output", folder.file("n.onnx"), "--fold-batch-norm"])
        let output = network.name == "re-identification" ? "embedding" : "logits"
        #expect(try Data(folder.bytes("n.onnx")).range(of: Data(output.utf8)) != nil)
    }

    @Test(arguments: EarlierFiles.supernets) func aSupernetOpens(supernet: EarlierFiles.Supernet) throws {
        let path = "\(EarlierFiles.folder)/\(supernet.file)"
        let card = try SupernetFile.read(path).card
        #expect(card.method == supernet.method && card.dimension == supernet.dimension)
        #expect(card.origin?.description == supernet.origin && card.imageSize == 16)
        #expect(card.supernet.space.points.map(\.candidates.count) == supernet.candidates)
        let hasNames = card.classNames == ["cross", "disc", "stripes"]
        #expect(supernet.hasClasses ? hasNames : card.classNames.isEmpty)

        guard let name = supernet.name else { return }
        let cut = folder.file("cut.safetensors")
        let probe = supernet.probe.map { ["--probe", "\(EarlierFiles.folder)/\($0)"] } ?? []
        try run(["export", path, "--path", supernet.path, "--output", cut] + probe)
        let found = try predictions(cut, "photos", ["--top", "3"])
        #expect(try EarlierFiles.differences(expected(name), found).isEmpty)
    }
}

/// Settings of an earlier version, every key of them: they are read, and mean the same.
@Suite struct EarlierConfigurationTests {
    private typealias Leaves = [String: String]

    private static func path(_ name: String) -> String { "\(EarlierFiles.folder)/\(name)" }

    private func leaves(_ text: String) throws -> Leaves {
        let leaves = try ConfigYAMLReader.read(text, file: "x.yaml").leaves()
        return Dictionary(uniqueKeysWithValues: leaves.map { ($0.path, words($0.value)) })
    }

    /// A value without regard to quotes and the order of keys.
    private func words(_ node: ConfigNode) -> String {
        switch node.content {
        case .scalar(let scalar): scalar.text
        case .list(let elements): "[" + elements.map(words).joined(separator: ", ") + "]"
        case .section(let entries):
            "{" + entries.map { "\($0.key): \(words($0.value))" }.sorted().joined(separator: ", ") + "}"
        }
    }

    private func leaves(ofFile name: String) throws -> Leaves {
        try leaves(String(contentsOfFile: Self.path(name), encoding: .utf8))
    }

    /// What is understood of a file, as text.
    private func resolved(_ kind: Kind, _ name: String, _ overrides: [String] = []) throws -> Leaves {
        func load<T: Configuration>(_ type: T.Type) throws -> Leaves {
            try leaves(ConfigurationLoader.load(type, file: Self.path(name), overrides: overrides).yaml())
        }
        return switch kind {
        case .study: try load(StudyConfiguration.self)
        case .network: try load(NetworkTrainingConfiguration.self)
        case .adaptation: try load(AdaptationConfiguration.self)
        case .truth: try load(TruthConfiguration.self)
        case .rankings: try load(RankingStudyConfiguration.self)
        case .transfer: try load(TransferStudyConfiguration.self)
        }
    }

    enum Kind: Sendable { case study, network, adaptation, truth, rankings, transfer }

    @Test(arguments: [
        (Kind.study, "configs/study.yaml"), (.study, "pi-nas/study.yaml"), (.study, "fairnas/study.yaml"),
        (.study, "own/study.yaml"), (.network, "configs/train.yaml"), (.network, "network/config.yaml"),
        (.network, "fairnas/finetune/config.yaml"), (.network, "pi-nas/retrain/config.yaml"),
        (.adaptation, "configs/adapt.yaml"), (.adaptation, "configs/adapt-domain.yaml"),
        (.adaptation, "adapted/classification/config.yaml"), (.adaptation, "adapted/unsupervised/config.yaml"),
        (.adaptation, "adapted/re-identification/config.yaml"), (.adaptation, "adapted/spread/config.yaml"),
        (.truth, "configs/truth.yaml"), (.truth, "truth/config.yaml"), (.rankings, "configs/ranking-study.yaml"),
        (.transfer, "configs/transfer-study.yaml"),
    ]) func everyKeyMeansWhatItSays(kind: Kind, name: String) throws {
        let now = try resolved(kind, name)
        for (key, value) in try leaves(ofFile: name) {
            #expect(now[key] == value, "\(key)")
        }
    }

    /// What a version stored is all that it knew.
    @Test(arguments: [
        ("configs/study.yaml", "pi-nas/study.yaml"), ("configs/train.yaml", "network/config.yaml"),
        ("configs/adapt-domain.yaml", "adapted/domain-adaptation/config.yaml"),
        ("configs/truth.yaml", "truth/config.yaml"),
    ]) func theFilesHaveEveryKeyOfTheirTime(file: String, stored: String) throws {
        let (given, known) = try (leaves(ofFile: file), leaves(ofFile: stored))
        #expect(Set(given.keys) == Set(known.keys) && given.count > 20)
    }

    @Test func everyValueIsKnown() throws {
        let text = try String(contentsOfFile: Self.path("configs/values.txt"), encoding: .utf8)
        let settings = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
        #expect(settings.count > 20)
        for setting in settings {
            let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
            let now = try resolved(.study, "configs/study.yaml", [setting])
            #expect(try now[parts[0]] == leaves("x: \(parts[1])")["x"], "\(setting)")
        }
    }

    @Test(arguments: [("space", ["first", "second"]), ("nested", ["block"])])
    func spacesOfFilesAreRead(name: String, points: [String]) throws {
        var space = SpaceConfiguration()
        space.name = Self.path("configs/\(name).yaml")
        #expect(try space.description(channels: 3).space.points.map(\.name) == points)
    }
}
