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
    /// Inverted bottlenecks that share their tensors: widths, windows, blocks left out.
    case elasticMobile = "elastic-mobile"
    /// Bottlenecks with split attention, of several groups, that share their tensors.
    case elasticResNeSt = "elastic-resnest"
    /// A stage that runs its first blocks, whose windows are made by matrices.
    case depths
    /// Inverted bottlenecks that share their tensors, of images that are made smaller.
    case imageSizes = "image-sizes"

    /// Whether candidates share their tensors.
    public var isShared: Bool { [.elasticMobile, .elasticResNeSt, .depths, .imageSizes].contains(self) }

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
        case .elasticMobile:
            try elastic(
                MobileSpace(
                    stemWidth: 8, stemStride: 1, widths: [8, 16], depths: [2, 2], strides: [1, 2], headWidth: 24
                ).description(), Architecture([1, 5, 1, 3]))
        case .elasticResNeSt:
            try elastic(
                ResNeStSpace(stem: .small, planes: [16, 32], depths: [2, 2], expansion: 2).description(),
                Architecture([3, 1, 2, 3]))
        case .depths: try SupernetDescription("depths", channels: 3, backbone: Self.stage)
        case .imageSizes:
            try elastic(
                MobileSpace(
                    stemWidth: 8, stemStride: 1, widths: [8, 16], depths: [1, 1], strides: [1, 2], headWidth: 24
                )
                .description(), Architecture([0, 2]), [6, 8, .init(height: 10, width: 7)])
        }
    }

    private func elastic(
        _ description: SupernetDescription, _ path: Architecture, _ sizes: [ImageSize] = []
    ) throws -> SupernetDescription {
        var options = Elasticity()
        options.multiple = 4
        options.imageSizes = sizes
        return try SupernetDescription(
            rawValue, channels: description.channels,
            backbone: description.fixed(to: path)
                .elastic(inputs: description.channels, imageSize: 16, options).layer)
    }

    /// Two to four blocks, each of its own width and window, as in Once-for-All.
    private static var stage: Layer {
        func block(_ inner: Int, _ kernel: Int) -> Layer {
            .residual(
                body: .sequence(
                    Layer.convolutionBlock("expand", "bn0", .init(inner, kernel: 1))
                        + Layer.convolutionBlock("depth.conv", "bn1", .init(inner, kernel: kernel, groups: inner))
                        + Layer.convolutionBlock("project", "bn2", .init(8, kernel: 1), relu: false)),
                shortcut: nil, relu: false)
        }
        func choice(_ number: Int) -> Layer {
            let candidates = [8, 16].flatMap { inner in [3, 5, 7].map { (inner, $0) } }
            return .choice(
                Layer.Choice(
                    "block \(number)",
                    candidates.map { .init("width \($0), kernel \($1)", block($0, $1)) }, sharing: .matrices))
        }
        // The depth is one choice that stands at each block that may be left out.
        func deeper(_ number: Int) -> Layer {
            .choice(
                Layer.Choice(
                    "depth", (2...4).map { .init("\($0)", $0 > number ? choice(number) : .identity) },
                    sharing: .slices))
        }
        return .sequence(
            Layer.convolutionBlock("stem", "bn", .init(8, kernel: 3)) + [
                .init("blocks.0", choice(0)), .init("blocks.1", choice(1)), .init("blocks.2", deeper(2)),
                .init("blocks.3", deeper(3)), .init("", .globalPool),
            ])
    }

    /// Architectures of the space, the same ones each time.
    public func architectures(_ count: Int) throws -> [Architecture] {
        let space = try description().space
        var generator = SeededGenerator(seed: 7)
        return (0..<count).map { _ in space.random(using: &generator) }
    }
}
