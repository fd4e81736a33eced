/// Moves labels apart that would lie on each other, as little as is needed.
enum LabelLayout {
    /// - Parameters:
    ///   - wanted: where each label's middle would best be.
    ///   - height: the least distance between two.
    ///   - range: where they may be. Labels that do not fit into it leave it evenly at both ends.
    /// - Returns: A place for each, in the same order.
    static func spread(_ wanted: [Double], height: Double, within range: ClosedRange<Double>) -> [Double] {
        // Neighbours that are too near become one block about the mean of their wishes, until no two blocks touch.
        struct Block {
            var members: [Int]
            var centre: Double
        }
        func placed(_ members: [Int]) -> Block {
            let mean = members.reduce(0) { $0 + wanted[$1] } / Double(members.count)
            let half = Double(members.count - 1) * height / 2
            let (low, high) = (range.lowerBound + half, range.upperBound - half)
            let centre = low <= high ? min(max(mean, low), high) : (range.lowerBound + range.upperBound) / 2
            return Block(members: members, centre: centre)
        }
        var blocks: [Block] = []
        for index in wanted.indices.sorted(by: { (wanted[$0], $0) < (wanted[$1], $1) }) {
            var block = placed([index])
            while let before = blocks.last,
                block.centre - before.centre < Double(block.members.count + before.members.count) * height / 2
            {
                blocks.removeLast()
                block = placed(before.members + block.members)
            }
            blocks.append(block)
        }
        var result = wanted
        for block in blocks {
            let top = block.centre - Double(block.members.count - 1) * height / 2
            for (place, member) in block.members.enumerated() { result[member] = top + Double(place) * height }
        }
        return result
    }
}
