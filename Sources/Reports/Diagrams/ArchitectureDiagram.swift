import Architectures
import Support

/// A network as boxes in the order of the data, grouped in stages: where there was a choice between candidates, which
/// one was taken, and what each block costs.
public struct ArchitectureDiagram: Sendable, Equatable {
    /// A part of the network, drawn as one box.
    public struct Block: Sendable, Equatable {
        /// Its path in the network: `layer2.0`.
        public var name: String
        /// The candidate's name, such as `radix 2, 1 group`; nil for a block without a choice, such as the stem.
        public var chosen: String?
        /// The names of all candidates of the space, each once; empty for a block without a choice.
        public var candidates: [String]
        /// The shape of its output for one image: `64 × 14 × 14`. Empty if it is not known.
        public var output: String
        /// The number of parameters.
        public var parameters: Int
        /// The number of multiply-adds for one image.
        public var multiplyAdds: Int

        /// A block as the space and the cost model describe it; the diagram checks that the chosen candidate exists.
        public init(
            name: String, chosen: String? = nil, candidates: [String] = [], output: String = "", parameters: Int = 0,
            multiplyAdds: Int = 0
        ) {
            (self.name, self.chosen, self.candidates, self.output) = (name, chosen, candidates, output)
            (self.parameters, self.multiplyAdds) = (parameters, multiplyAdds)
        }

        /// Whether the space has candidates for it.
        public var isChoice: Bool { !candidates.isEmpty }
        /// The position of the chosen candidate.
        var choice: Int? { chosen.flatMap { candidates.firstIndex(of: $0) } }
    }

    /// Blocks that belong together, such as those of one resolution.
    public struct Stage: Sendable, Equatable {
        /// The name above the blocks; not repeated where the only block has the same name.
        public var name: String
        /// The blocks in the order of the data.
        public var blocks: [Block]

        /// A stage of any number of blocks; one without any is not drawn.
        public init(_ name: String, _ blocks: [Block]) {
            (self.name, self.blocks) = (name, blocks)
        }
    }

    /// Another path through the same space, to tell where this one differs.
    public struct Comparison: Sendable, Equatable {
        /// The name of the other path, such as `the source path`.
        public var name: String
        /// For each block that has a choice, in the order of the data, the position of the other path's candidate.
        public var choices: [Int]
        /// Whether its candidate stands, struck out, in blocks that differ. These are framed either way.
        public var isNamed: Bool

        /// A path by its positions, as its code has them; the diagram checks that the candidates exist.
        public init(_ name: String, choices: [Int], isNamed: Bool = true) {
            (self.name, self.choices, self.isNamed) = (name, choices, isNamed)
        }
    }

    /// The text above the drawing; empty for none.
    public var title: String
    /// The stages in the order of the data.
    public var stages: [Stage]
    /// Blocks in which this path differs from it are marked; nil for no marks.
    public var compared: Comparison?

    /// A diagram of any number of stages. The data are checked when it is drawn.
    public init(title: String = "", stages: [Stage], compared: Comparison? = nil) {
        (self.title, self.stages, self.compared) = (title, stages, compared)
    }

    /// All blocks, in the order of the data.
    var blocks: [Block] { stages.flatMap(\.blocks) }
    /// The candidates of every choice, if these are the same throughout; else nil.
    var commonCandidates: [String]? {
        let lists = blocks.filter(\.isChoice).map(\.candidates)
        return lists.dropFirst().allSatisfy { $0 == lists.first } ? lists.first : nil
    }

    /// The widths that a page has room for: on a large screen, and on a small one or on paper.
    static let widths = (wide: 1120.0, narrow: 720.0)

    /// The drawing, with as many blocks in a row as `width` has room for.
    ///
    /// - Parameter width: in pixels; at least that of one block comes back.
    /// - Throws: ``ReportError`` with everything in the data that does not fit together.
    func svg(width: Double = widths.wide) throws(ReportError) -> SVG {
        if !problems.isEmpty { throw ReportError(problems) }
        return DiagramDrawing(self, width: width).svg()
    }

    /// The drawing as a part of a page, which shows the width that it has room for.
    ///
    /// - Throws: ``ReportError`` with everything in the data that does not fit together.
    func markup() throws(ReportError) -> Markup {
        Page.adapting(wide: try svg(width: Self.widths.wide), narrow: try svg(width: Self.widths.narrow))
    }
}

extension ArchitectureDiagram {
    /// Everything in the data that does not fit together, with its place.
    var problems: [String] {
        var problems = blocks.flatMap(Self.problems)
        let choices = blocks.filter(\.isChoice)
        if let compared {
            if compared.choices.count != choices.count {
                problems.append(
                    "the path \(compared.name) has \(compared.choices.count) choices, "
                        + "but the diagram has \(choices.count) blocks with candidates")
            }
            for (block, choice) in zip(choices, compared.choices) where !block.candidates.indices.contains(choice) {
                problems.append(
                    "block \(block.name): the path \(compared.name) takes candidate \(choice) "
                        + "of \(block.candidates.count)")
            }
        }
        return problems
    }

    private static func problems(of block: Block) -> [String] {
        var problems: [String] = []
        if let chosen = block.chosen {
            if !block.isChoice {
                problems.append("block \(block.name): its choice is \(chosen), but it has no candidates")
            } else if !block.candidates.contains(chosen) {
                problems.append(
                    "block \(block.name): its choice is \(chosen), which is none of its candidates "
                        + block.candidates.joined(separator: "; "))
            }
        } else if block.isChoice {
            problems.append("block \(block.name): none of its \(block.candidates.count) candidates is chosen")
        }
        if Set(block.candidates).count != block.candidates.count {
            problems.append("block \(block.name): two of its candidates have the same name")
        }
        for (what, count) in [("parameters", block.parameters), ("multiply-adds", block.multiplyAdds)]
        where !(0...mostCount).contains(count) {
            problems.append("block \(block.name): it has \(count) \(what)")
        }
        return problems
    }

    /// Sums of so many over thousands of blocks still fit into an `Int`.
    private static let mostCount = 1 << 50
}

extension ArchitectureDiagram {
    /// A path of a supernet, block by block.
    ///
    /// - Parameters:
    ///   - architecture: the path.
    ///   - description: the supernet.
    ///   - imageSize: the size of the images in pixels.
    ///   - head: the number of outputs of the head; nil to leave the head out.
    ///   - cost: the cost of the whole network, of which the head has what the blocks do not have.
    /// - Throws: `SpaceError` for a path of another space.
    public init(
        of architecture: Architecture, in description: SupernetDescription, imageSize: ImageSize, head: Int? = nil,
        cost: Cost
    ) throws {
        var stages: [Stage] = []
        let points = description.space.points
        for block in try description.blocks(of: architecture, imageSize: imageSize) {
            let point = block.points.count == 1 ? points[block.points[0]] : nil
            let drawn = Block(
                name: block.name, chosen: point.map { $0.candidates[architecture[block.points[0]]] },
                candidates: point?.candidates ?? [], output: block.output.description,
                parameters: block.cost.parameters, multiplyAdds: block.cost.multiplyAdds)
            let stage = block.name.split(separator: ".").first.map(String.init) ?? block.name
            if stages.last?.name == stage {
                stages[stages.count - 1].blocks.append(drawn)
            } else {
                stages.append(.init(stage, [drawn]))
            }
        }
        if let head {
            let rest = stages.flatMap(\.blocks)
            let drawn = Block(
                name: "fc", output: "\(head)", parameters: cost.parameters - rest.reduce(0) { $0 + $1.parameters },
                multiplyAdds: cost.multiplyAdds - rest.reduce(0) { $0 + $1.multiplyAdds })
            stages.append(.init("fc", [drawn]))
        }
        self.init(title: "Architecture \(architecture)", stages: stages)
    }
}
