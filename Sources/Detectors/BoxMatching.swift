import Support

/// Which object each box is to learn.
public enum BoxMatch: Hashable, Sendable {
    case object(Int)
    case background
    /// Neither right nor wrong.
    case ignored
}

/// Matches boxes to the objects that they overlap most.
public struct BoxMatcher: Sendable, Hashable {
    /// Below this overlap a box is background.
    public var low: Float
    /// From this overlap on it is its object's.
    public var high: Float
    /// Whether for each object the boxes that overlap it most are positive, however little it is. They learn the object that
    /// they themselves overlap most.
    public var keepsBest: Bool

    /// A matcher with these limits.
    public init(low: Float, high: Float, keepsBest: Bool) {
        (self.low, self.high, self.keepsBest) = (low, high, keepsBest)
    }

    /// The match of each box. Of several objects that a box overlaps alike, the first counts.
    public func matches(_ boxes: [Box], _ objects: [Box]) -> [BoxMatch] {
        guard !objects.isEmpty else { return [BoxMatch](repeating: .background, count: boxes.count) }
        var overlaps = [Float](repeating: 0, count: boxes.count)
        var own = [Int](repeating: 0, count: boxes.count)
        // The boxes that overlap each object most; ties are all kept, those at no overlap at all as well, as published.
        var best = [Float](repeating: -1, count: objects.count)
        var nearest = [[Int]](repeating: [], count: objects.count)
        for (place, box) in boxes.enumerated() {
            for (object, other) in objects.enumerated() {
                let overlap = box.overlap(other)
                if overlap > overlaps[place] { (overlaps[place], own[place]) = (overlap, object) }
                guard keepsBest, overlap >= best[object] else { continue }
                if overlap > best[object] { (best[object], nearest[object]) = (overlap, []) }
                nearest[object].append(place)
            }
        }
        var matches = boxes.indices.map { place -> BoxMatch in
            overlaps[place] >= high ? .object(own[place]) : overlaps[place] < low ? .background : .ignored
        }
        for place in nearest.joined() { matches[place] = .object(own[place]) }
        return matches
    }
}

/// Draws some of the boxes that were matched, so that background does not outweigh objects.
public struct BalancedSample: Sendable, Hashable {
    /// How many boxes are drawn, at most.
    public var count: Int
    /// The largest share of them that are of objects.
    public var objects: Double

    /// A sample of this size.
    public init(count: Int, objects: Double) { (self.count, self.objects) = (count, objects) }

    /// The places of the boxes that are drawn without replacement, in rising order: first those of objects, of which there
    /// are at most a share, then those of the background, which fill up.
    public func draw(
        _ matches: [BoxMatch], using generator: inout SeededGenerator
    ) -> (objects: [Int], background: [Int]) {
        func some(_ places: [Int], _ count: Int) -> [Int] {
            places.count <= count
                ? places : generator.permutation(places.count).prefix(count).map { places[$0] }.sorted()
        }
        let positive = matches.indices.filter { if case .object = matches[$0] { true } else { false } }
        let drawn = some(positive, Int(Double(count) * objects))
        let negative = matches.indices.filter { matches[$0] == .background }
        return (drawn, some(negative, count - drawn.count))
    }
}
