import Testing

@testable import Reports

struct ArchitectureDiagramTests {
    typealias Block = ArchitectureDiagram.Block
    typealias Stage = ArchitectureDiagram.Stage

    static let candidates = ["radix <1>", "radix \"2\" & more", "radix 4"]

    /// Stages of choice blocks between a stem and a head.
    static func diagram(_ counts: [Int], candidates: [String] = candidates) -> ArchitectureDiagram {
        let stages = counts.enumerated().map { stage, count in
            Stage(
                "layer\(stage)",
                (0..<count).map { block in
                    Block(
                        name: "layer\(stage).\(block)", chosen: candidates[(stage + block) % candidates.count],
                        candidates: candidates, output: "\(64 << stage) × 14 × 14", parameters: 1000 + block,
                        multiplyAdds: 2_000_000 + block)
                })
        }
        let stem = Stage("stem", [Block(name: "stem", output: "64 × 28 × 28", parameters: 10, multiplyAdds: 500_000)])
        let head = Stage("head", [Block(name: "head", output: "10", parameters: 10, multiplyAdds: 10)])
        return ArchitectureDiagram(title: "A <net> & its \"path\"", stages: [stem] + stages + [head])
    }

    private func content(_ diagram: ArchitectureDiagram, width: Double = 1120) throws -> XMLContent {
        let content = try #require(XMLContent(try diagram.svg(width: width).document()))
        for attributes in content.attributes {
            for (name, value) in attributes where name != "aria-label" {
                #expect(!value.contains("nan") && !value.contains("inf"), "\(name)=\(value)")
            }
        }
        return content
    }

    @Test(arguments: [[3], [2, 2, 2], [3, 4, 6, 3]]) func everyBlockIsThereWithItsChoice(_ counts: [Int]) throws {
        let diagram = Self.diagram(counts)
        for width in [1120, 720, 300.0] {
            let content = try content(diagram, width: width)
            for block in diagram.blocks {
                #expect(content.text.contains(block.name) && content.text.contains(block.output))
                if let chosen = block.chosen { #expect(content.text.contains(chosen)) }
            }
            let chosen = content.attributes.compactMap { $0["class"] }.filter { $0.hasPrefix("cell chosen ") }
            #expect(
                chosen == diagram.blocks.compactMap(\.choice).map { "cell chosen \(ChoiceColour.className($0))" })
            let open = content.attributes.count { $0["class"] == "open" }
            #expect(open == counts.reduce(0, +) * (Self.candidates.count - 1))
        }
    }

    @Test func aDiagramWithoutBlocksIsADrawing() throws {
        for stages in [[], [Stage("empty", [])]] {
            let content = try content(ArchitectureDiagram(stages: stages))
            #expect(content.count("rect") == 0 && content.count("circle") == 0)
        }
    }

    @Test func theLegendCountsCandidatesThatAllChoicesHave() throws {
        let diagram = Self.diagram([2, 2])
        let text = try content(diagram).text
        #expect(text.contains("radix <1>\u{2003}×\u{202F}1") && text.contains("radix 4\u{2003}×\u{202F}1"))
        #expect(text.contains("radix \"2\" & more\u{2003}×\u{202F}2"))
        var mixed = diagram
        mixed.stages[1].blocks[0].candidates.append("skip")
        #expect(!(try content(mixed).text.contains("\u{2003}×")))
    }

    @Test func manyCandidatesAreAPositionInFigures() throws {
        let many = (0..<64).map { "c\($0)" }
        let content = try content(
            ArchitectureDiagram(
                stages: [Stage("a", [Block(name: "b", chosen: "c41", candidates: many, multiplyAdds: 1)])]))
        #expect(content.text.contains("42 of 64"))
        #expect(content.count("circle") == 0)
    }

    @Test func blocksThatDifferFromAnotherPathAreFramed() throws {
        var diagram = Self.diagram([3, 2])
        let choices = diagram.blocks.compactMap(\.choice)
        diagram.compared = .init("the <source>", choices: choices)
        let frame = "outline \(Tone.alert.className)"
        let same = try content(diagram)
        #expect(same.text.contains("The same path as the <source>."))
        #expect(same.attributes.allSatisfy { $0["class"] != frame })

        diagram.compared = .init("the <source>", choices: choices.enumerated().map { $0 < 2 ? ($1 + 1) % 3 : $1 })
        let other = try content(diagram)
        #expect(other.text.contains("Framed: 2 blocks with another candidate than in the <source>"))
        // A frame around the box, and a ring around the other candidate's dot.
        let framed = zip(other.elements, other.attributes).filter { $0.1["class"] == frame }.map(\.0)
        #expect(framed == ["rect", "circle", "rect", "circle"])
        #expect(other.attributes.count { $0["class"] == "small struck" } == 2)
    }

    @Test func whatDoesNotFitTogetherIsReportedAtOnce() {
        var diagram = Self.diagram([3])
        diagram.stages[0].blocks[0].chosen = "radix 4"
        diagram.stages[1].blocks[0].chosen = "radix 8"
        diagram.stages[1].blocks[1].chosen = nil
        diagram.stages[1].blocks[2].candidates.append("radix 4")
        diagram.stages[2].blocks[0].parameters = -1
        diagram.stages[2].blocks[0].multiplyAdds = .max
        diagram.compared = .init("source", choices: [0, 3])
        let problems = [
            "block stem: its choice is radix 4, but it has no candidates",
            "block layer0.0: its choice is radix 8, which is none of its candidates radix <1>; radix \"2\" & more; "
                + "radix 4", "block layer0.1: none of its 3 candidates is chosen",
            "block layer0.2: two of its candidates have the same name", "block head: it has -1 parameters",
            "block head: it has \(Int.max) multiply-adds",
            "the path source has 2 choices, but the diagram has 3 blocks with candidates",
            "block layer0.1: the path source takes candidate 3 of 3",
        ]
        #expect(throws: ReportError(problems)) { try diagram.svg() }
        #expect(throws: ReportError(problems)) { try diagram.markup() }
    }
}
