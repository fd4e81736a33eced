import Foundation
import Support
import TestFolders
import Testing

@testable import Experiments

/// A family of a test's own: shapes with a length.
private protocol ShapeDefinition: NamedDefinition {
    func length(_ options: Options) -> Double
}

private struct Square: ShapeDefinition {
    struct Options: Configuration {
        var side = 1.0
        var label = "square"

        static let keyHelp = ["side": "Length of a side.", "label": "What stands beside it."]

        func validate() throws {
            var check = ConfigurationCheck()
            check.require(side > 0, "side", "must be above 0, is \(side)")
            try check.finish()
        }
    }

    let name: String
    let summary = "Four equal sides."
    var defaults: Options

    init(_ name: String = "square", side: Double = 1) {
        self.name = name
        defaults = Options()
        defaults.side = side
    }

    func length(_ options: Options) -> Double { 4 * options.side }
}

private struct Polygon: ShapeDefinition {
    struct Options: Configuration {
        var sides = [3.0, 4, 5]
        var label: [String] = []
        var lineWidth: Int?

        static let meaningsOfAbsence = ["line-width": "7"]
    }

    let name = "polygon"
    let summary = "Sides of any lengths."

    func length(_ options: Options) -> Double { options.sides.reduce(0, +) }
}

private struct Point: ShapeDefinition {
    typealias Options = NoOptions
    let name: String
    let summary = "Nothing at all."

    func length(_ options: NoOptions) -> Double { 0 }
}

private enum Shapes: DefinitionFamily {
    static let registry = Registry<any ShapeDefinition>(
        of: "shape", [Square(), Square("big-square", side: 100), Polygon(), Point(name: "point")]
    ) { $0.name }
    static var standard: any ShapeDefinition { Square() }
    static func erased(_ member: any ShapeDefinition) -> any NamedDefinition { member }
    static func unregistered(_ name: String) -> (any ShapeDefinition)? {
        name.hasSuffix(".shape") ? Point(name: name) : nil
    }
    static var unregisteredNames: String? { "the path of a .shape file" }
}

extension NamedOptions where Family == Shapes {
    fileprivate func length() throws -> Double {
        func length<D: ShapeDefinition>(_ definition: D) throws -> Double {
            try definition.length(options(of: definition))
        }
        return try length(definition)
    }
}

/// A section that chooses among definitions, in a configuration.
private struct Drawing: Configuration {
    var width = 3
    var shape = NamedOptions<Shapes>()
    var others: [NamedOptions<Shapes>] = []
    var frame: NamedOptions<Shapes>?
}

@Suite struct NamedOptionsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func load(_ yaml: String, _ settings: String..., stored: Bool = false) throws -> Drawing {
        let file = try folder.write(yaml, to: "drawing.yaml")
        return try ConfigurationLoader.load(
            Drawing.self, stored: stored ? file : nil, files: stored ? [] : [file], overrides: settings
        ).value
    }

    private func complaints(_ yaml: String, _ settings: String...) throws -> [String] {
        let file = try folder.write(yaml, to: "drawing.yaml")
        let error = #expect(throws: ConfigurationError.self) {
            _ = try ConfigurationLoader.load(Drawing.self, files: [file], overrides: settings)
        }
        return try #require(error).problems.map { $0.description.replacing(folder.path + "/", with: "") }
    }

    @Test func theNameChoosesAmongDefinitionsWithTheirOwnOptions() throws {
        #expect(try load("").shape.length() == 4)
        #expect(try load("shape:").shape.length() == 4)
        #expect(try load("shape: {side: 2}").shape.length() == 8)
        #expect(try load("shape: {name: big-square}").shape.length() == 400)
        #expect(try load("shape: {name: polygon, sides: [1, 2]}").shape.length() == 3)
        #expect(try load("shape: {name: point}").shape.length() == 0)
        #expect(try load("shape: {name: a/b.shape}").shape.name == "a/b.shape")
        let drawing = try load("others: [{name: polygon, line-width: 2}, {name: square, side: 3}]\nframe: {side: 5}")
        let lengths = try drawing.others.map { shape in try shape.length() }
        #expect(lengths == [12, 12])
        #expect(try drawing.others[0].options(as: Polygon.Options.self).lineWidth == 2)
        #expect(try drawing.frame?.length() == 20)
    }

    @Test func settingsReachOptionsWhateverTheStandardDefinitionHasThere() throws {
        #expect(try load("", "shape.name=polygon", "shape.sides=[7]").shape.length() == 7)
        // A string to the one, a list to the other.
        let polygon = try load("", "shape.name=polygon", "shape.label=[a, b]").shape
        #expect(try polygon.options(as: Polygon.Options.self).label == ["a", "b"])
        let square = try load("shape: {name: polygon}", "shape.name=square", "shape.label=[a, b]").shape
        #expect(try square.options(as: Square.Options.self).label == "[a, b]")
        #expect(try load("", "shape={name: polygon, sides: [7, 8]}").shape.length() == 15)
    }

    @Test func aKeyThatTheDefinitionLacksIsRefusedWithThoseThatItHas() throws {
        let polygon =
            "unknown key `shape.side` (drawing.yaml:3); the shape `polygon` has `sides`, `label`, `line-width`; did you "
            + "mean `shape.sides`?"
        #expect(try complaints("shape:\n  name: polygon\n  side: 2") == [polygon])
        let square = [
            "unknown key `shape.colour` (drawing.yaml:1); the shape `square` has `side`, `label`",
            "unknown key `shape.sdie` (--set shape.sdie=1); the shape `square` has `side`, `label`; did you mean "
                + "`shape.side`?",
        ]
        #expect(try complaints("shape: {colour: red}", "shape.sdie=1") == square)
        #expect(
            try complaints("shape: {name: point, side: 2}") == [
                "unknown key `shape.side` (drawing.yaml:1); the shape `point` has no options"
            ])
    }

    @Test func aWrongNameOrValueIsRefusedInItsPlace() throws {
        let name = [
            "`width`: expected an integer, found \"x\" (drawing.yaml:1)",
            "`shape.name`: expected one of square, big-square, polygon, point, the path of a .shape file, found "
                + "\"polygone\"; did you mean polygon? (drawing.yaml:3)",
        ]
        #expect(try complaints("width: x\nshape:\n  name: polygone\n  corners: 2") == name)
        #expect(try complaints("shape: {name: [1]}")[0].hasPrefix("`shape.name`: expected a string"))
        #expect(try complaints("shape: 3") == ["`shape`: expected a section of keys, found 3 (drawing.yaml:1)"])
        #expect(
            try complaints("shape: {name: big-square, side: -1}") == [
                "`shape.side`: must be above 0, is -1.0 (drawing.yaml:1)"
            ])
        #expect(
            try complaints("others:\n  - name: polygon\n    sides: wide") == [
                "`others[0].sides`: expected a list, found \"wide\" (drawing.yaml:3)"
            ])
    }

    @Test func nullStandsForTheDefaultAndNullsOfOtherDefinitionsArePassedOver() throws {
        let stored = "shape: {name: big-square, side: null, label: null, sides: null, line-width: null}"
        #expect(try load(stored, stored: true).shape == NamedOptions(named: "big-square"))
        #expect(try load("shape: {name: big-square, side: 3}", "shape.side=null").shape.length() == 400)
        #expect(try load("shape: {name: polygon, line-width: null}").shape == NamedOptions(named: "polygon"))
        #expect(try complaints("shape: {name: big-square, sides: [1], line-width: null}").count == 1)
    }

    @Test func optionsOfADefinitionThatIsNotChosenInTheEndArePassedOver() throws {
        #expect(try load("shape: {side: 3}", "shape.name=polygon").shape == NamedOptions(named: "polygon"))
        #expect(try load("", "shape.side=3", "shape.name=point").shape.name == "point")
        // What both have stays, and what neither has is refused.
        #expect(try load("shape: {side: 3}", "shape.name=big-square").shape.length() == 12)
        #expect(try complaints("shape: {colour: red}", "shape.name=polygon").count == 1)
        // An option given with the name, or after it, must be one.
        #expect(try complaints("", "shape.name=polygon", "shape.side=3").count == 1)
        // A base has its own defaults, which are none of another's.
        var base = Drawing()
        base.shape = try NamedOptions(named: "square", Square.Options.self) { $0.side = 6 }
        func over(_ settings: String...) throws -> Double {
            try ConfigurationLoader.load(Drawing.self, over: base, overrides: settings).value.shape.length()
        }
        #expect(try over() == 24)
        #expect(try over("shape.side=null") == 4)
        #expect(try over("shape.name=big-square") == 400)
    }

    @Test func itIsWrittenFlatWithAllOptionsAndReadBack() throws {
        var drawing = Drawing()
        drawing.shape = try NamedOptions(named: "polygon", Polygon.Options.self) { $0.lineWidth = 2 }
        let yaml = try Resolved(drawing).yaml()
        #expect(
            yaml == """
                width: 3
                shape:
                  name: polygon
                  sides: [3.0, 4.0, 5.0]
                  label: []
                  line-width: 2
                others: []
                frame: null

                """)
        #expect(try load(yaml) == drawing)
        #expect(try load(yaml, stored: true) == drawing)
        let json = try JSONEncoder().encode(drawing)
        #expect(try JSONDecoder().decode(Drawing.self, from: json) == drawing)
    }

    @Test func whatIsStoredWithoutANewerOptionKeepsItsMeaning() throws {
        func lineWidth(_ drawing: Drawing) throws -> Int? {
            try drawing.shape.options(as: Polygon.Options.self).lineWidth
        }
        let yaml = "shape: {name: polygon, sides: [1]}"
        #expect(try lineWidth(load(yaml)) == nil)
        #expect(try lineWidth(load(yaml, stored: true)) == 7)
    }

    @Test func aRunGoesOnOnlyWithTheSameOptions() throws {
        func open(_ shape: NamedOptions<Shapes>) throws -> RunFolder {
            var drawing = Drawing()
            drawing.shape = shape
            return try RunFolder(
                folder.path + "/run", configuration: Resolved(drawing), seed: 1, command: ["draw"],
                sourceFolder: folder.path)
        }
        #expect(try !open(NamedOptions(named: "big-square")).isResumed)
        #expect(try open(NamedOptions(named: "big-square")).isResumed)
        for other in [
            try NamedOptions<Shapes>(named: "square"),
            try NamedOptions<Shapes>(named: "big-square", Square.Options.self) { $0.side = 3 },
        ] {
            let error = #expect(throws: RunFolderError.self) { _ = try open(other) }
            #expect("\(try #require(error))".contains("shape.side: 100.0 → "))
        }
        // Of before definitions had keys of their own.
        let config = folder.path + "/run/" + RunFolder.configurationName
        try Data("shape: {name: big-square, side: null, sides: null}".utf8).write(to: URL(fileURLWithPath: config))
        #expect(try open(NamedOptions(named: "big-square")).isResumed)
    }

    @Test func optionsHaveTheirType() throws {
        var shape = try NamedOptions<Shapes>(named: "square")
        try shape.update(Square.Options.self) { $0.side = 3 }
        #expect(try shape.length() == 12)
        #expect(throws: NamedOptionsError.otherOptions(name: "square", noun: "shape", wanted: "Options")) {
            try shape.update(Polygon.Options.self) { $0.sides = [] }
        }
        let error = #expect(throws: NamedOptionsError.self) { _ = try NamedOptions<Shapes>(named: "sqare") }
        let words = try #require(error).description
        #expect(
            words.hasPrefix("there is no shape `sqare`; there are square, ") && words.hasSuffix("did you mean square?"))
        try shape.update(Square.Options.self) { $0.side = 0 }
        let wrong = shape
        #expect(throws: InvalidConfiguration.self) { try wrong.validate() }
    }

    @Test func helpListsDefinitionsAndOptions() {
        let square = [
            "square: Four equal sides.", "  side: Length of a side. Default: 1.0.",
            "  label: What stands beside it. Default: square.",
        ]
        #expect(Array(Shapes.help.prefix(3)) == square)
        #expect(Shapes.help[3...4] == ["big-square: Four equal sides.", "  As square, with side: 100.0."])
        #expect(Shapes.help.contains("  line-width:"))
    }
}

/// A registry of a test's own, and names from it in a configuration.
@Suite struct RegistryTests {
    private enum Colours: RegisteredFamily {
        static let registry = Registry<String>(of: "colour", ["red", "green"]) { $0 }
    }

    private struct Paint: Configuration {
        var colour = RegisteredName<Colours>(of: "red")
    }

    @Test func membersAreFoundByNameAndNamesAreTakenOnce() throws {
        let registry = Registry<String>(of: "fruit", ["apple"]) { $0 }
        try registry.register("pear")
        #expect(registry.names == ["apple", "pear"])
        #expect(registry["pear"] == "pear" && registry["plum"] == nil)
        let error = #expect(throws: RegistrationError.nameTaken("apple", noun: "fruit")) {
            try registry.register("apple")
        }
        #expect(try #require(error).description.contains("a fruit of the name `apple` is registered already"))
        for name in ["", "a b", "a/b", "x.yaml", "a,b"] {
            #expect(throws: RegistrationError.notAName(name, noun: "fruit")) { try registry.register(name) }
        }
    }

    @Test func oneOfManyThreadsGetsAName() async {
        let registry = Registry<Int>(of: "number", []) { "n\($0 % 10)" }
        let taken = await withTaskGroup(of: Bool.self, returning: Int.self) { group in
            for number in 0..<100 {
                group.addTask { (try? registry.register(number)) != nil }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(taken == 10 && Set(registry.names).count == 10)
    }

    @Test func aRegisteredNameIsCheckedWhenItIsLoaded() throws {
        func load(_ setting: String) throws -> Paint {
            try ConfigurationLoader.load(Paint.self, files: [], overrides: [setting]).value
        }
        #expect(try load("colour=green").colour.member == "green")
        #expect(RegisteredName<Colours>.all.map(\.rawValue) == ["red", "green"])
        let error = #expect(throws: ConfigurationError.self) { _ = try load("colour=greeen") }
        let expected =
            "`colour`: expected one of red, green, found the string \"greeen\"; did you mean green? (--set colour=greeen)"
        #expect(try #require(error).problems.map(\.description) == [expected])
    }
}
