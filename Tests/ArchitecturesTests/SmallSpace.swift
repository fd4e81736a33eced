import Architectures
import Seeding

/// Every kind of search space, small.
enum SmallSpace: String, CaseIterable, Sendable {
    case resnest
    case mobile
    case cells = "nas-bench-201"

    func description() throws -> SupernetDescription {
        switch self {
        case .resnest:
            try ResNeStSpace(stem: .small, planes: [16, 32], depths: [2, 2], expansion: 2).description()
        case .mobile:
            try MobileSpace(
                stemWidth: 8, stemStride: 1, widths: [8, 16], depths: [2, 2], strides: [1, 2], headWidth: 24
            )
            .description()
        case .cells: try NASBench201Space(width: 8, cells: 1).description()
        }
    }

    /// Architectures of the space, the same ones each time.
    func architectures(_ count: Int) throws -> [Architecture] {
        let space = try description().space
        var generator = SeededGenerator(seed: 7)
        return (0..<count).map { _ in space.random(using: &generator) }
    }
}

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
