import Architectures
import Experiments
import Foundation
import Methods
import SearchStrategies
import Support
import TestFolders
import Testing

@testable import Workflows

/// Search spaces as configurations name them.
@Suite struct SpaceConfigurationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path

    private static let builtIn = [
        "resnest", "resnest-tiny", "resnest50", "nas-bench-201", "mobile", "mobile-tiny", "chain", "efficientnet-lite0",
        "mobilenet-v3-elastic",
    ]

    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static func study(_ settings: String...) throws -> StudyConfiguration {
        try ConfigurationLoader.load(StudyConfiguration.self, files: [], overrides: settings).value
    }

    private static func complaint(_ settings: String...) throws -> String {
        let error = #expect(throws: ConfigurationError.self) {
            _ = try ConfigurationLoader.load(StudyConfiguration.self, files: [], overrides: settings)
        }
        return try #require(error).problems.map(\.description).joined(separator: "\n")
    }

    private static let tiny = ResNeStSpace(stem: .half, planes: [32, 64, 128], depths: [2, 2, 2], expansion: 2)

    /// Settings, and the supernet that they have always meant.
    private static let meanings: [(settings: [String], description: @Sendable () throws -> SupernetDescription)] = [
        (["space.name=resnest"], { try tiny.description(name: "resnest") }),
        ([], { try tiny.description(name: "resnest-tiny") }),
        (["space.name=resnest50"], { try ResNeStSpace.resnest50.description(name: "resnest50") }),
        (["space.name=nas-bench-201"], { try NASBench201Space().description() }),
        (["space.name=mobile"], { try MobileSpace().description() }),
        (["space.name=mobile-tiny"], { try MobileSpace.tiny(channels: 3).description(name: "mobile-tiny") }),
        (["space.name=chain"], { try ChainSpace(channels: 3).description() }),
        (["space.name=efficientnet-lite0"], { try EfficientNetLiteSpace().description() }),
        (["space.name=mobilenet-v3-elastic"], { try MobileNetV3ElasticSpace().description() }),
        (
            ["space.name=mobilenet-v3-elastic", "space.width-multiplier=1.2", "space.stem-stride=1"],
            { try MobileNetV3ElasticSpace(widthMultiplier: 1.2, stemStride: 1).description() }
        ),
        (
            [
                "space.name=resnest50", "space.stem=small", "space.stem-width=8", "space.planes=[16, 32]",
                "space.depths=[1, 2]", "space.expansion=1",
            ],
            {
                try ResNeStSpace(stem: .small, stemWidth: 8, planes: [16, 32], depths: [1, 2], expansion: 1)
                    .description(name: "resnest50")
            }
        ),
        (
            ["space.name=resnest50", "space.stem-width=8"],
            {
                try ResNeStSpace(stem: .deep, stemWidth: 8, planes: [64, 128, 256, 512], depths: [3, 4, 6, 3])
                    .description(name: "resnest50")
            }
        ),
        (
            [
                "space.name=nas-bench-201", "space.width=8", "space.cells=1", "space.reduction=pool",
                "space.stem-stride=2",
            ],
            { try NASBench201Space(width: 8, cells: 1, stemStride: 2, reduction: .pool).description() }
        ),
        (
            [
                "space.name=mobile-tiny", "space.width=8", "space.widths=[8, 16]", "space.depths=[1, 2]",
                "space.strides=[2, 1]",
            ],
            {
                try MobileSpace(
                    stemWidth: 8, stemStride: 1, widths: [8, 16], depths: [1, 2], strides: [2, 1], headWidth: 128
                ).description(name: "mobile-tiny")
            }
        ),
        (
            ["space.name=chain", "space.widths=[4, 8]", "space.depths=[1, 1]", "space.stem-stride=1"],
            { try ChainSpace(channels: 3, widths: [4, 8], depths: [1, 1], stemStride: 1).description() }
        ),
        (
            ["space.name=efficientnet-lite0", "space.stem-stride=1"],
            { try EfficientNetLiteSpace(stemStride: 1).description() }
        ),
    ]

    @Test(arguments: meanings.indices) func aNameWithItsOptionsMeansItsSupernet(index: Int) throws {
        let meaning = Self.meanings[index]
        let space = try ConfigurationLoader.load(
            StudyConfiguration.self, files: [], overrides: meaning.settings
        ).value.space
        #expect(try space.description(channels: 3) == meaning.description())
        #expect(try space.description(channels: 3).features(imageSize: 64) > 0)
    }

    @Test func everySpaceDescribesItsOptionsAndItsImages() throws {
        // Another test may have registered more.
        #expect(Array(SpaceFamily.registry.names.prefix(Self.builtIn.count)) == Self.builtIn)
        for name in Self.builtIn {
            let space = try SpaceConfiguration(named: name)
            let keys = try Resolved(space).yaml().split(separator: "\n").map { String($0.prefix { $0 != ":" }) }
            #expect(keys[0] == "name")
            #expect(Set(type(of: space.options).keyHelp.keys) == Set(keys.dropFirst()), "\(name)")
            let usual = space.definition.usualImages
            #expect(usual == (name.hasSuffix("-tiny") ? .smallGrey : .photographs))
            #expect(try space.description(channels: usual.channels).features(imageSize: usual.size) > 0)
        }
    }

    @Test func aWrongOptionIsRefusedWithThoseOfTheSpace() throws {
        #expect(
            try Self.complaint("space.name=chain", "space.width=[8]")
                == "unknown key `space.width` (--set space.width=[8]); the search space `chain` has `widths`, `depths`, "
                + "`stem-stride`; did you mean `space.widths`?")
        #expect(try Self.complaint("space.name=resnet").contains("did you mean resnest"))
        #expect(try Self.complaint("space.name=a.yaml", "space.width=8").contains("`a.yaml` has no options"))
        #expect(try Self.complaint("space.stem=depe").contains("did you mean deep"))
        #expect(try Self.complaint("space.depths=[1, 1]").contains("`space.planes`: must have one entry a stage"))
        for setting in [
            "space.planes=[0, 1, 2]", "space.expansion=0", "space.stem-width=100000", "space.depths=[1, 2, 5000]",
        ] {
            let key = setting.prefix { $0 != "=" }
            #expect(try Self.complaint(setting).contains("`\(key)`: must be from 1 to"))
        }
        #expect(try Self.complaint("space.name=nas-bench-201", "space.cells=0").contains("`space.cells`"))
        #expect(try Self.complaint("space.name=mobile", "space.strides=[1]").contains("`space.strides`"))
    }

    /// The settings that verbs begin with suit the standard space; another name over them is no fault of whoever gives
    /// it.
    @Test func aNameOverOptionsOfTheStandardSpaceLeavesThemOut() throws {
        let preset = ["space.stem=half", "space.planes=[16, 32, 64]", "space.expansion=4", "space.depths=[2, 2, 2]"]
        let study = try ConfigurationLoader.load(
            StudyConfiguration.self, files: [], overrides: preset + ["space.name=chain"]
        ).value
        #expect(study.space == (try SpaceConfiguration(named: "chain")))
    }

    /// As every version before each space had its own keys wrote them.
    private static let earlier = """
        space:
          name: NAME
          stem: null
          stem-width: null
          planes: null
          depths: null
          expansion: null
          width: null
          cells: null
          reduction: null
          stem-stride: null
          widths: null
          strides: null

        """

    @Test(arguments: builtIn) func storedConfigurationsWithTheKeysOfAllSpacesLoad(
        name: String
    ) throws {
        let text = Self.earlier.replacing("NAME", with: name)
        let file = try folder.write(text, to: "study.yaml")
        for stored in [nil, file] {
            let loaded = try ConfigurationLoader.load(
                StudyConfiguration.self, stored: stored, files: stored == nil ? [file] : [])
            #expect(loaded.value.space == (try SpaceConfiguration(named: name)))
        }
        // A run of before goes on.
        let run = folder.path + "/run"
        let now = try ConfigurationLoader.load(
            StudyConfiguration.self, files: [], overrides: ["space.name=\(name)"])
        _ = try RunFolder(run, configuration: now, seed: 1, sourceFolder: folder.path)
        let own = try Resolved(now.value.space).yaml().split(separator: "\n").map { "  \($0)\n" }.joined()
        let before = now.yaml().replacing("space:\n" + own, with: text)
        #expect(before != now.yaml())
        _ = try folder.write(before, to: "run/" + RunFolder.configurationName)
        #expect(try RunFolder(run, configuration: now, seed: 1, sourceFolder: folder.path).isResumed)
        // A value of its own, rather than null or a default, is refused where the space lacks the key, and passed over in what
        // a run stored.
        let wrong = text.replacing("cells: null", with: "cells: 3").replacing("stem: null", with: "stem: small")
        _ = try folder.write(wrong, to: "study.yaml")
        #expect(throws: ConfigurationError.self) {
            _ = try ConfigurationLoader.load(StudyConfiguration.self, files: [file])
        }
        let stored = try ConfigurationLoader.load(StudyConfiguration.self, stored: file).value.space
        #expect(stored.name == name)
    }

    @Test func shippedConfigurationsMeanWhatTheyMeant() throws {
        func space(_ name: String) throws -> SupernetDescription {
            try ConfigurationLoader.load(StudyConfiguration.self, files: ["\(Self.root)/Configs/\(name).yaml"]).value
                .space.description(channels: 3)
        }
        #expect(try space("fashion-mnist-study") == Self.tiny.description(name: "resnest-tiny"))
        #expect(try space("resnest50-pinas-imagenet") == ResNeStSpace.resnest50.description(name: "resnest50"))
        #expect(
            try space("emoji-resnest50")
                == ResNeStSpace(
                    stem: .deep, stemWidth: 8, planes: [16, 32, 64, 128], depths: [3, 4, 6, 3]
                ).description(name: "resnest50"))
        let cells = NASBench201Space(channels: 1, width: 8, cells: 1, stemStride: 2, reduction: .pool)
        for (name, wanted) in [
            ("cells", try cells.description()), ("cells-held-out", try cells.description()),
            ("chain", try ChainSpace().description()),
        ] {
            for file in ["Configs/truth-\(name).yaml", "Tables/\(name)/config.yaml"] {
                let options = try ConfigurationLoader.load(
                    BenchmarkConfiguration.self, stored: "\(Self.root)/\(file)"
                ).value
                #expect(try options.space.description(channels: 1) == wanted, "\(file)")
            }
        }
    }

    @Test func shippedComparisonsMeanWhatTheyMeant() throws {
        func space(_ settings: [String]) throws -> SpaceConfiguration {
            try ConfigurationLoader.load(StudyConfiguration.self, files: [], overrides: settings).value.space
        }
        let ranking = try ConfigurationLoader.load(
            RankingComparisonConfiguration.self, files: ["\(Self.root)/Configs/ranking-study.yaml"]
        ).value
        let wanted = [
            "chain": try ChainSpace().description(),
            "cells": try NASBench201Space(channels: 1, width: 8, cells: 1, stemStride: 2, reduction: .pool)
                .description(),
        ]
        for place in ranking.spaces {
            for method in ranking.methods {
                let found = try space(ranking.settings + place.settings + method.settings)
                #expect(try found.description(channels: 1) == wanted[place.name])
            }
        }
        let transfer = try ConfigurationLoader.load(
            TransferComparisonConfiguration.self, files: ["\(Self.root)/Configs/transfer-study.yaml"]
        ).value
        for source in transfer.sources {
            #expect(
                try space(source.settings).description(channels: 3)
                    == ResNeStSpace(stem: .half, planes: [16, 32, 64], depths: [2, 2, 2]).description(name: "resnest"))
        }
    }

    @Test func theShippedComparisonOfStrategiesHasOneBudget() throws {
        let options = try ConfigurationLoader.load(
            StrategyComparisonConfiguration.self, files: ["\(Self.root)/Configs/strategies.yaml"]
        ).value
        #expect(options.strategies.map(\.rawValue) == ["random", "evolution", "nsga2"] && options.seeds.count == 5)
        let search = try ConfigurationLoader.load(
            AdaptationConfiguration.self, files: [], overrides: options.settings
        ).value.search
        #expect(search.budgets == ["35%"] && search.evaluations == 1000)
    }

    @Test func aSpaceIsDeclaredByAFile() throws {
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
        let file = try folder.write(text, to: "space.yaml")
        let space = try Self.study("space.name=\(file)").space
        let description = try space.description(channels: 1)
        #expect(description.space.points == [ChoicePoint("first", ["3x3", "pool", "identity"])])
        #expect(try space.places(under: "space").map(\.value.path) == [NamedPlace(file).path])
        #expect(throws: SpaceError.self) { _ = try space.description(channels: 3) }
        _ = try folder.write(
            text.replacing("outputs: 8, kernel: 3}", with: "kernel: 3}"), to: "space.yaml")
        let error = #expect(throws: SpaceError.self) { _ = try space.description(channels: 1) }
        #expect(try #require(error).description.contains("outputs"))
    }
}

/// What a program that uses the library adds of its own.
@Suite struct OwnDefinitionTests {
    /// One place for a convolution of one of two sizes.
    private struct OnePlace: SpaceDefinition {
        struct Options: Configuration {
            var outputs = 8
            static let keyHelp = ["outputs": "Channels of the convolution."]
        }

        let name: String
        let summary = "One place for a convolution of one of two sizes."
        let usualImages = UsualImages.smallGrey

        func description(_ options: Options, channels: Int) throws -> SupernetDescription {
            let candidates = [3, 5].map { kernel in
                Layer.Candidate(
                    "\(kernel)x\(kernel)",
                    .sequence(Layer.convolutionBlock("conv", "norm", .init(options.outputs, kernel: kernel))))
            }
            return try SupernetDescription(
                name, channels: channels,
                backbone: .sequence([
                    .init("place", .choice(.init("place", candidates))), .init("", .globalPool),
                ]))
        }
    }

    /// Asks for the same as a random search.
    private struct Wanderer: NamedSearchStrategy {
        static let name = "wanderer-\(UUID().uuidString.prefix(8))"
        static let summary = "Paths as they come."
        private var search: RandomSearch
        init(_ plan: SearchPlan) { search = RandomSearch(plan) }
        mutating func next() throws -> Architecture? { try search.next() }
        mutating func tell(_ evaluations: [Evaluation]) throws { try search.tell(evaluations) }
    }

    @Test func aSpaceOfOnesOwnGoesThroughAWholeStudy() throws {
        let name = "one-place-\(UUID().uuidString.prefix(8))"
        #expect(throws: ConfigurationError.self) {
            _ = try ConfigurationLoader.load(StudyConfiguration.self, files: [], overrides: ["space.name=\(name)"])
        }
        try SpaceFamily.register(OnePlace(name: name))
        #expect(throws: RegistrationError.nameTaken(name, noun: "search space")) {
            try SpaceFamily.register(OnePlace(name: name))
        }
        let files = try TemporaryFolder()
        let config = try files.write("space: {name: \(name), outputs: 6}", to: "study.yaml")
        let options = try ConfigurationLoader.load(
            StudyConfiguration.self, over: SmallStudy.options(SinglePathMethod.name, epochs: 1), files: [config]
        ).value
        let small = SmallStudy()
        defer { small.remove() }
        let found = try small.run(options)
        #expect(found.architecture.choices.count == 1)
        let stored = try ConfigurationLoader.load(
            StudyConfiguration.self, stored: small.folder + "/" + Study.settingsName
        ).value
        #expect(try stored.space.options(as: OnePlace.Options.self).outputs == 6)
        let error = #expect(throws: ConfigurationError.self) {
            _ = try ConfigurationLoader.load(
                StudyConfiguration.self, files: [config], overrides: ["space.output=3"])
        }
        #expect(try #require(error).description.contains("did you mean `space.outputs`"))
    }

    @Test func aStrategyOfOnesOwnIsNamedByAConfiguration() throws {
        try SearchStrategyFamily.register(Wanderer.self)
        let search = try ConfigurationLoader.load(
            SearchConfiguration.self, files: [], overrides: ["strategy=\(Wanderer.name)"]
        ).value
        let description = try ChainSpace(widths: [4], depths: [2]).description()
        let check = try BudgetCheck(Budget(), costs: CostTable(description, imageSize: 12, classes: 2))
        var random = search
        random.strategy = .init(of: RandomSearch.self)
        let asked = try [search, random].map { options in
            var strategy = try options.makeStrategy(description.space, seed: 3, check: check)
            return try strategy.ask(10)
        }
        #expect(asked[0].count == 10 && asked[0] == asked[1])
    }
}
