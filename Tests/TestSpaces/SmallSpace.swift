import Architectures
import Support

/// Every kind of search space, small.
public enum SmallSpace: String, CaseIterable, Sendable {
    /// Bottlenecks with split attention: two stages of two blocks.
    case resnest
    /// Inverted bottlenecks: two stages of two blocks.
    case mobile
    /// One cell a stage.
    case cells = "nas-bench-201"

    /// Its layers and choices, for images of three channels.
    public func description() throws -> SupernetDescription {
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
    public func architectures(_ count: Int) throws -> [Architecture] {
        let space = try description().space
        var generator = SeededGenerator(seed: 7)
        return (0..<count).map { _ in space.random(using: &generator) }
    }
}
