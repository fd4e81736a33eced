import Architectures

extension SearchSpace {
    /// A space by its numbers of candidates.
    init(candidates: [Int]) throws {
        try self.init(
            "test",
            candidates.enumerated().map { point, count in ChoicePoint("p\(point)", (0..<count).map { "c\($0)" }) })
    }

    /// All architectures.
    var everything: [Architecture] {
        points.reduce([[Int]]([[]])) { all, point in
            all.flatMap { beginning in point.candidates.indices.map { beginning + [$0] } }
        }.map(Architecture.init)
    }
}
