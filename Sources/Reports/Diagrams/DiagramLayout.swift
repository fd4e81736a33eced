/// Where the boxes of a diagram stand: stages from left to right as long as there is room, then in the next row.
struct DiagramLayout {
    /// Blocks of one stage that stand beside each other.
    struct Group {
        /// The stage's position.
        let stage: Int
        /// The blocks' positions in the stage.
        let blocks: Range<Int>
        /// Whether its only block stands without a panel behind it.
        let isBare: Bool
        /// The left edge of the panel behind the blocks, or of the bare block.
        var left = 0.0
    }

    enum Spacing {
        /// Between blocks of a stage, and between stages of a row.
        static let toBlock = 10.0
        static let toStage = 26.0
        /// Around the blocks of a stage.
        static let padding = 10.0
        static let box = 108.0...148.0
        /// Left and right of rows, for the line that leads from one to the next.
        static let margin = 16.0
    }

    let rows: [[Group]]
    /// The width of every box.
    let boxWidth: Double
    /// Left of the first group of each row.
    let left: Double

    /// - Parameters:
    ///   - stages: a stage whose only block has the same name stands without a panel.
    ///   - width: of the drawing, in pixels.
    init(_ stages: [ArchitectureDiagram.Stage], width: Double) {
        let whole = Self.pack(stages, width: width)
        let margin = whole.count > 1 ? Spacing.margin : 0
        let packed = whole.count > 1 ? Self.pack(stages, width: width - 2 * margin) : whole
        // Boxes grow as far as the fullest row allows.
        let room = packed.map { row in
            let boxes = row.reduce(0) { $0 + $1.blocks.count }
            return (width - 2 * margin - Self.width(row, box: 0)) / Double(max(1, boxes))
        }
        let box = min(max(room.min() ?? 0, Spacing.box.lowerBound), Spacing.box.upperBound).rounded(.down)
        rows = packed.map { row in
            var left = margin
            return row.map { group in
                var group = group
                group.left = left
                left += Self.width([group], box: box) + Spacing.toStage
                return group
            }
        }
        boxWidth = box
        left = margin
    }

    /// The extent of a group's panel.
    func width(of group: Group) -> Double { Self.width([group], box: boxWidth) }

    /// The left edge of a block's box.
    func left(of block: Int, in group: Group) -> Double {
        group.left + Self.padding(group) + Double(block - group.blocks.lowerBound) * (boxWidth + Spacing.toBlock)
    }

    /// The right end of the longest row.
    var right: Double { rows.compactMap(\.last).map { $0.left + width(of: $0) }.max() ?? 0 }

    /// A stage that does not fit beside the last begins a row; one longer than a row is cut into even parts.
    private static func pack(_ stages: [ArchitectureDiagram.Stage], width: Double) -> [[Group]] {
        func fits(_ row: [Group]) -> Bool { self.width(row, box: Spacing.box.lowerBound) <= width }
        var rows: [[Group]] = []
        for (stage, content) in stages.enumerated() where !content.blocks.isEmpty {
            let count = content.blocks.count
            let isBare = count == 1 && content.blocks[0].name == content.name
            func group(_ blocks: Range<Int>) -> Group { Group(stage: stage, blocks: blocks, isBare: isBare) }
            if let row = rows.last, fits(row + [group(0..<count)]) {
                rows[rows.count - 1].append(group(0..<count))
                continue
            }
            let most = max(1, (1...count).last { fits([group(0..<$0)]) } ?? 1)
            let parts = (count + most - 1) / most
            rows += (0..<parts).map { part in [group(part * count / parts..<(part + 1) * count / parts)] }
        }
        return rows
    }

    private static func padding(_ group: Group) -> Double { group.isBare ? 0 : Spacing.padding }

    private static func width(_ row: [Group], box: Double) -> Double {
        let groups = row.reduce(0) { sum, group in
            let count = Double(group.blocks.count)
            return sum + count * box + (count - 1) * Spacing.toBlock + 2 * padding(group)
        }
        return groups + Double(max(0, row.count - 1)) * Spacing.toStage
    }
}
