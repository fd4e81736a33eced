import Architectures
import Foundation
import TestSpaces
import Testing

@Suite struct SearchSpaceTests {
    @Test func everythingWrongWithASpaceIsToldAtOnce() throws {
        let points = [
            ChoicePoint("a", ["x", "y", "x", "z", "y", "x"]), ChoicePoint("b", []), ChoicePoint("a", ["x"]),
            ChoicePoint("b", ["x"]), ChoicePoint("a", ["x"]),
        ]
        #expect(
            throws: SpaceError.invalid(
                space: "s",
                [
                    "two choice points are called 'a'", "two choice points are called 'b'",
                    "choice point 'a' has two candidates called 'x'", "choice point 'a' has two candidates called 'y'",
                    "choice point 'b' has no candidates",
                ])
        ) { try SearchSpace("s", points) }
        #expect(throws: SpaceError.invalid(space: "s", ["it has no choice points"])) { try SearchSpace("s", []) }
    }

    @Test func aSupernetsDescriptionTellsEverythingAtOnceToo() {
        func choice(_ point: String, _ names: [String]) -> Layer.Part {
            Layer.Part("", .choice(Layer.Choice(point, names.map { Layer.Candidate($0, .identity) })))
        }
        let backbone = Layer.sequence([
            choice("a", ["x", "x"]), choice("b", ["x"]), choice("b", ["y"]), choice("c", []),
        ])
        #expect(
            throws: SpaceError.invalid(
                space: "s",
                [
                    "choice point 'b' has different candidates at two places",
                    "choice point 'a' has two candidates called 'x'", "choice point 'c' has no candidates",
                ])
        ) { try SupernetDescription("s", channels: 1, backbone: backbone) }
        #expect(throws: SpaceError.invalid(space: "s", ["it has no choice points"])) {
            try SupernetDescription("s", channels: 1, backbone: .relu)
        }
    }

    @Test(arguments: SmallSpace.allCases) func textAndJSONGiveAnArchitectureBack(kind: SmallSpace) throws {
        let space = try kind.description().space
        for architecture in try kind.architectures(20) {
            let text = architecture.description
            #expect(Architecture(text) == architecture)
            #expect(try space.parse(text) == architecture)
            #expect(try space.parse("[" + text.replacing(" ", with: ", ") + "]") == architecture)
            let json = try JSONEncoder().encode([architecture])
            #expect(String(decoding: json, as: UTF8.self) == "[\"\(text)\"]")
            #expect(try JSONDecoder().decode([Architecture].self, from: json) == [architecture])
        }
    }

    @Test(arguments: ["", "  ", "3 a 1", "1.5", "1;2", "99999999999999999999", "-", "[]"])
    func whatIsNoListOfNumbersIsRefused(text: String) throws {
        let space = try SearchSpace(candidates: [4, 4])
        #expect(throws: SpaceError.unreadable(text)) { try space.parse(text) }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(Architecture.self, from: JSONEncoder().encode(text))
        }
    }

    @Test func aRefusalNamesThePointTheCandidateAndWhatThereIs() throws {
        let space = try SearchSpace(
            "s", [ChoicePoint("layer1.0", ["x", "y"]), ChoicePoint("layer1.1", ["x", "y", "z"])])
        for (text, reason) in [
            ("0 3", "at 'layer1.1' it takes candidate 3; there are 0 to 2: x, y, z"),
            ("2 0", "at 'layer1.0' it takes candidate 2; there are 0 to 1: x, y"),
            ("0 -1", "at 'layer1.1' it takes candidate -1; there are 0 to 2: x, y, z"),
            ("0", "it has 1 choices, the space has 2 choice points"),
            ("0 1 1", "it has 3 choices, the space has 2 choice points"),
        ] {
            let error = try #require(throws: SpaceError.self) { try space.parse(text) }
            let architecture = try #require(Architecture(text))
            #expect(error == .notInSpace(architecture, space: "s", reason))
            #expect(error.description == "the architecture `\(text)` is not in the space 's': \(reason)")
        }
    }

    @Test(arguments: SmallSpace.allCases) func theSizeIsTheNumberOfArchitectures(kind: SmallSpace) throws {
        let space = try kind.description().space
        let all = space.everything
        #expect(space.size == Double(all.count) && Set(all).count == all.count)
        #expect(all == all.sorted())
        for architecture in all { try space.validate(architecture) }
    }

    @Test func distanceCountsThePointsThatDiffer() throws {
        let a = try #require(Architecture("0 1 2 3"))
        #expect(a.distance(to: a) == 0)
        #expect(a.replacing(2, with: 0) == Architecture([0, 1, 0, 3]))
        #expect(a.distance(to: Architecture([3, 1, 0, 3])) == 2)
    }
}
