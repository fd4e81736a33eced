import Architectures
import ArgumentParser
import Foundation
import Methods
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
        var command = try SupernetCommand.parseAsRoot(arguments)
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
        // Other tests of this process leave out images, which is told below.
        #expect(expected.count >= 3 && expected.map(\.first) == found.prefix(expected.count).map(\.0))
        for (old, new) in zip(expected, found) {
            func number(_ text: String) throws -> Double {
                try #require(Double(text.split(separator: " ").first ?? ""))
            }
            // Shares and years are told with two digits after the point.
            let tolerance = old[1].contains(" ") ? 0.0101 : 1e-5
            #expect(abs(try number(old[1]) - number(new.1)) <= tolerance, "\(old) \(new)")
        }
    }

    @Test(arguments: EarlierFiles.classifiers + EarlierFiles.others)
    func itCostsTheSame(network: EarlierFiles.Network) throws {
        let found = EarlierFiles.table(
            try EarlierCopy().supernet("export", [network.path, "--output", "network.onnx"]))
        let expected = EarlierFiles.table(try EarlierFiles.expected("\(network.name).cost.txt"))
        #expect(expected.count >= 4)
        // What is told has come to be more: tasks have costs, and networks of classes a task.
        #expect(found.filter { row in expected.contains { $0.first == row.first } } == expected)
        let card = try NetworkFile.read(network.path).card
        let cost = try card.network.cost(imageSize: card.imageSize)
        let own = [
            ["task", card.task], ["parameters", Console.grouped(cost.parameters)],
            ["multiply-adds", Console.grouped(cost.multiplyAdds)],
        ]
        // What a neck learns is no layer's cost.
        #expect(own.filter { card.head == nil || $0.first != "parameters" }.allSatisfy(found.contains))
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

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

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

    private func leaves(ofFile path: String) throws -> Leaves {
        try leaves(String(contentsOfFile: path, encoding: .utf8))
    }

    /// What is understood of a file, as text.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - isStored: whether the program stored it, rather than somebody wrote it.
    private func resolved(
        _ kind: Kind, _ path: String, isStored: Bool = false, _ overrides: [String] = []
    ) throws -> Leaves {
        func load<T: Configuration>(_ type: T.Type) throws -> Leaves {
            try leaves(
                ConfigurationLoader.load(
                    type, stored: isStored ? path : nil, files: isStored ? [] : [path], overrides: overrides
                ).yaml())
        }
        return try load(kind.type)
    }

    enum Kind: Sendable {
        case study, network, adaptation, benchmark, rankings, transfer

        var type: any Configuration.Type {
            switch self {
            case .study: StudyConfiguration.self
            case .network: NetworkTrainingConfiguration.self
            case .adaptation: AdaptationConfiguration.self
            case .benchmark: BenchmarkConfiguration.self
            case .rankings: RankingComparisonConfiguration.self
            case .transfer: TransferComparisonConfiguration.self
            }
        }
    }

    /// A file without the keys that are refused now.
    private func withoutRefused(_ name: String) throws -> String {
        try folder.write(EarlierFiles.accepted(name), to: "accepted.yaml")
    }

    /// The options of a section's definitions by their keys: of the chosen one, and of all others.
    private func options(_ section: String, _ name: String?) throws -> (own: Leaves, others: Set<String>) {
        func all<Family: DefinitionFamily>(_ family: Family.Type) throws -> (own: Leaves, others: Set<String>) {
            func leaves(_ member: Family.Member) throws -> Leaves {
                let entries = try Family.erased(member).defaultTree.entries ?? []
                return Dictionary(uniqueKeysWithValues: entries.map { ($0.key, words($0.value)) })
            }
            let chosen = try #require(Family.member(named: name ?? ""))
            return (
                try leaves(chosen), Set(try Family.registry.members.flatMap { try leaves($0).map(\.key) })
            )
        }
        return switch section {
        case "space": try all(SpaceFamily.self)
        case "method": try all(SupernetMethodFamily.self)
        case "task": try all(TaskFamily.self)
        default: ([:], [])
        }
    }

    @Test(arguments: [
        (Kind.study, "configs/study.yaml"), (.study, "pi-nas/study.yaml"), (.study, "fairnas/study.yaml"),
        (.study, "own/study.yaml"), (.network, "configs/train.yaml"), (.network, "network/config.yaml"),
        (.network, "fairnas/finetune/config.yaml"), (.network, "pi-nas/retrain/config.yaml"),
        (.adaptation, "configs/adapt.yaml"), (.adaptation, "configs/adapt-domain.yaml"),
        (.adaptation, "adapted/classification/config.yaml"), (.adaptation, "adapted/unsupervised/config.yaml"),
        (.adaptation, "adapted/re-identification/config.yaml"), (.adaptation, "adapted/spread/config.yaml"),
        (.benchmark, "configs/truth.yaml"), (.benchmark, "truth/config.yaml"),
        (.rankings, "configs/ranking-study.yaml"), (.transfer, "configs/transfer-study.yaml"),
    ]) func everyKeyMeansWhatItSays(kind: Kind, name: String) throws {
        let isStored = !name.hasPrefix("configs/")
        let path = isStored ? Self.path(name) : try withoutRefused(name)
        let now = try resolved(kind, path, isStored: isStored)
        for (key, value) in try leaves(ofFile: path) {
            if let keys = kind.type.renamedKeys[key] {
                // What was without effect is gone.
                #expect(!keys.isEmpty || key.hasSuffix(".precision") || key.hasSuffix(".device"))
                for new in keys { #expect(now[new] == value, "\(key), now \(new)") }
                continue
            }
            let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
            let options = try options(parts[0], now["\(parts[0]).name"])
            if parts.count == 2, options.others.contains(parts[1]) {
                // A null is the chosen definition's default; what it has not, it passes over.
                let own = options.own[parts[1]]
                #expect(now[key] == (value == "null" || own == nil ? own : value), "\(key)")
            } else {
                // A control has another name; new keys of sources and targets have no value.
                let own = now[key]?.replacing("folds: null, ", with: "").replacing("from: null, ", with: "")
                #expect(own == value.replacing("broken-pair", with: "mismatched-weights"), "\(key)")
            }
        }
    }

    @Test(arguments: [(Kind.study, "configs/study.yaml"), (.adaptation, "configs/adapt-domain.yaml")])
    func optionsOfOthersAreRefusedInWords(kind: Kind, name: String) throws {
        let error = #expect(throws: ConfigurationError.self) { _ = try resolved(kind, Self.path(name)) }
        let problems = try #require(error).problems
        #expect(problems.map(\.key) == EarlierFiles.refused[name])
        let owners = [
            "space": "the search space `resnest-tiny`", "method": "the method `pi-nas`",
            "task": "the task `domain-adaptation`",
        ]
        for problem in problems {
            let (words, section) = ("\(problem)", String(problem.key.prefix { $0 != "." }))
            #expect(words.contains(problem.key) && words.contains(owners[section] ?? "?"), "\(words)")
        }
    }

    /// What was made of the file at its time, and what is made of it now.
    @Test(arguments: [
        (Kind.study, "configs/study.yaml", "pi-nas/study.yaml"),
        (.network, "configs/train.yaml", "network/config.yaml"),
        (.adaptation, "configs/adapt-domain.yaml", "adapted/domain-adaptation/config.yaml"),
        (.benchmark, "configs/truth.yaml", "truth/config.yaml"),
    ]) func aFileMeansWhatItMeantAtItsTime(kind: Kind, file: String, stored: String) throws {
        // Images were not turned then.
        let now = try resolved(kind, withoutRefused(file), ["data.orientation=ignore"])
        #expect(try now == resolved(kind, Self.path(stored), isStored: true))
    }

    /// What a version stored is all that it knew.
    @Test(arguments: [
        ("configs/study.yaml", "pi-nas/study.yaml"), ("configs/train.yaml", "network/config.yaml"),
        ("configs/adapt-domain.yaml", "adapted/domain-adaptation/config.yaml"),
        ("configs/truth.yaml", "truth/config.yaml"),
    ]) func theFilesHaveEveryKeyOfTheirTime(file: String, stored: String) throws {
        let (given, known) = try (leaves(ofFile: Self.path(file)), leaves(ofFile: Self.path(stored)))
        #expect(Set(given.keys) == Set(known.keys) && given.count > 20)
    }

    @Test func everyValueIsKnown() throws {
        let text = try String(contentsOfFile: Self.path("configs/values.txt"), encoding: .utf8)
        let settings = text.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("#") }
        #expect(settings.count > 20)
        // Of these, another space or method has the key.
        let owners = ["space.reduction": "space.name=nas-bench-201", "method.fair-update": "method.name=fairnas"]
        let file = try withoutRefused("configs/study.yaml")
        for setting in settings {
            let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
            // As they were tried at their time: sizes of one space are none of another.
            let sizes = ["planes", "depths", "widths", "strides"].map { "space.\($0)=null" }
            let more = parts[0] == "space.name" || owners[parts[0]]?.hasPrefix("space") == true ? sizes : []
            let now = try resolved(.study, file, [owners[parts[0]]].compactMap(\.self) + [setting] + more)
            #expect(try now[parts[0]] == leaves("x: \(parts[1])")["x"], "\(setting)")
        }
    }

    @Test(arguments: [("space", ["first", "second"]), ("nested", ["block"])])
    func spacesOfFilesAreRead(name: String, points: [String]) throws {
        let space = try SpaceConfiguration(named: Self.path("configs/\(name).yaml"))
        #expect(try space.description(channels: 3).space.points.map(\.name) == points)
    }
}
