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
        /// How many weights it has.
        public var parameters: Int
        /// How many multiplications with addition one image takes.
        public var multiplyAdds: Int

        /// A block as the space and the cost model describe it; the diagram checks that the chosen candidate exists.
        public init(
            name: String, chosen: String? = nil, candidates: [String] = [], output: String = "", parameters: Int = 0,
            multiplyAdds: Int = 0
        ) {
            self.name = name
            self.chosen = chosen
            self.candidates = candidates
            self.output = output
            self.parameters = parameters
            self.multiplyAdds = multiplyAdds
        }

        /// Whether the space has candidates for it.
        public var isChoice: Bool { !candidates.isEmpty }
        /// The position of the chosen candidate.
        var choice: Int? { chosen.flatMap { candidates.firstIndex(of: $0) } }
    }

    /// Blocks that belong together, such as those of one resolution.
    public struct Stage: Sendable, Equatable {
        /// Above its blocks; not repeated where the only block has the same name.
        public var name: String
        /// In the order of the data.
        public var blocks: [Block]

        /// A stage of any number of blocks; one without any is not drawn.
        public init(_ name: String, _ blocks: [Block]) {
            self.name = name
            self.blocks = blocks
        }
    }

    /// Another path through the same space, to tell where this one differs.
    public struct Comparison: Sendable, Equatable {
        /// What the other path is called: `source`.
        public var name: String
        /// For each block that has a choice, in the order of the data, the position of the other path's candidate.
        public var choices: [Int]
        /// Whether its candidate stands, struck out, in blocks that differ. These are framed either way.
        public var isNamed: Bool

        /// A path by its positions, as its code has them; the diagram checks that the candidates exist.
        public init(_ name: String, choices: [Int], isNamed: Bool = true) {
            self.name = name
            self.choices = choices
            self.isNamed = isNamed
        }
    }

    /// Above the drawing; empty for none.
    public var title: String
    /// In the order of the data.
    public var stages: [Stage]
    /// Blocks in which this path differs from it are marked; nil for no marks.
    public var compared: Comparison?

    /// A diagram of any number of stages. The data are checked when it is drawn.
    public init(title: String = "", stages: [Stage], compared: Comparison? = nil) {
        self.title = title
        self.stages = stages
        self.compared = compared
    }

    /// All blocks, in the order of the data.
    var blocks: [Block] { stages.flatMap(\.blocks) }
    /// The candidates of every choice, if these are the same throughout; else nil.
    var commonCandidates: [String]? {
        let lists = blocks.filter(\.isChoice).map(\.candidates)
        return lists.dropFirst().allSatisfy { $0 == lists.first } ? lists.first : nil
    }

    /// The widths that a page has room for: on a large screen, and on a small one or on paper.
    public static let widths = (wide: 1120.0, narrow: 720.0)

    /// The drawing, with as many blocks in a row as `width` has room for.
    ///
    /// - Parameter width: in pixels; at least that of one block comes back.
    /// - Throws: ``ReportError`` with everything in the data that does not fit together.
    public func svg(width: Double = widths.wide) throws(ReportError) -> SVG {
        if !problems.isEmpty { throw ReportError(problems) }
        return DiagramDrawing(self, width: width).svg()
    }

    /// The drawing as a part of a page, which shows the width that it has room for.
    ///
    /// - Throws: ``ReportError`` with everything in the data that does not fit together.
    public func markup() throws(ReportError) -> Markup {
        Page.adapting(wide: try svg(width: Self.widths.wide), narrow: try svg(width: Self.widths.narrow))
    }
}
