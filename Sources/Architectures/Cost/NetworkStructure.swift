/// What can be counted of a network without computing anything: its layers, and the paths by which its input reaches its output.
///
/// Such counts rank architectures at no cost, so that whatever ranks them at a cost is to be compared with them. A layer of zeros
/// ends the paths through it; a shortcut is a path without layers.
public struct NetworkStructure: Hashable, Sendable {
    /// The layers with learned weights, but for normalisation, wherever they are.
    public var learningLayers: Int
    /// The convolutions on paths from the input to the output.
    public var convolutions: Int
    /// The largest number of convolutions on one path.
    public var greatestDepth: Int
    /// The smallest number of convolutions on one path.
    public var leastDepth: Int
    /// The largest number of convolutions with windows larger than one pixel on one path.
    public var greatestWideDepth: Int

    /// Counts a network.
    ///
    /// - Parameter layer: the layers; of choices, all candidates count as branches side by side.
    public init(_ layer: Layer) {
        let flow = Flow(layer)
        learningLayers = flow.learning
        (convolutions, greatestDepth) = (flow.convolutions, flow.most)
        (leastDepth, greatestWideDepth) = (flow.least, flow.wide)
    }

    /// The counts with their names, in a fixed order.
    public var named: [(name: String, value: Int)] {
        [
            ("layers that learn", learningLayers), ("convolutions on paths", convolutions),
            ("greatest depth", greatestDepth), ("least depth", leastDepth),
            ("depth in wide windows", greatestWideDepth),
        ]
    }
}

/// What lies between the input and the output of a layer.
private struct Flow {
    /// Whether anything of the input reaches the output.
    var isAlive = true
    /// All layers that learn.
    var learning = 0
    /// Convolutions on paths; 0 where nothing reaches the output, as the depths are.
    var (convolutions, most, least, wide) = (0, 0, 0, 0)

    /// Nothing in between: the output is the input.
    static let straight = Flow()

    private init() {}

    init(_ layer: Layer) {
        switch layer {
        case .convolution(let convolution): self = Self.one(isWide: convolution.kernel > 1)
        case .splitAttention:
            self = Self.one(isWide: true)
            // Two small layers weigh the splits.
            learning += 2
        case .linear: learning = 1
        case .zero: isAlive = false
        case .batchNorm, .relu, .relu6, .hardSwish, .hardSigmoid, .pad, .pool, .globalPool, .squeeze, .resize, .dropout,
            .tap, .identity:
            break
        case .sequence(let parts): self = Self.inTurn(parts.map { Flow($0.layer) })
        case .residual(let body, let shortcut, _):
            self = Self.sideBySide([Flow(body), shortcut.map { Flow($0.layer) } ?? .straight])
        case .join(let parts): self = Self.sideBySide(parts.map { Flow($0.layer) })
        case .choice(let choice): self = Self.sideBySide(choice.candidates.map { Flow($0.layer) })
        case .global(let body): self = Flow(body)
        case .gate(let body):
            let inner = Flow(body)
            self = Self.sideBySide([inner, .straight])
            // Times nothing is nothing.
            if !inner.isAlive { end() }
        case .cell(let edges): self = Self.cell(edges.map { ($0.from, $0.to, Flow($0.part.layer)) })
        }
    }

    private static func one(isWide: Bool) -> Flow {
        var flow = Flow()
        (flow.learning, flow.convolutions, flow.most, flow.least) = (1, 1, 1, 1)
        flow.wide = isWide ? 1 : 0
        return flow
    }

    /// Nothing reaches the output.
    private mutating func end() {
        isAlive = false
        (convolutions, most, least, wide) = (0, 0, 0, 0)
    }

    private static func inTurn(_ flows: [Flow]) -> Flow {
        var all = Flow()
        for flow in flows {
            all.learning += flow.learning
            all.convolutions += flow.convolutions
            (all.most, all.least, all.wide) = (all.most + flow.most, all.least + flow.least, all.wide + flow.wide)
        }
        if !flows.allSatisfy(\.isAlive) { all.end() }
        return all
    }

    private static func sideBySide(_ flows: [Flow]) -> Flow { cell(flows.map { (0, 1, $0) }) }

    /// Nodes that are the sums of the edges that lead to them, from node 0 to the last.
    private static func cell(_ edges: [(from: Int, to: Int, flow: Flow)]) -> Flow {
        var all = Flow()
        all.learning = edges.reduce(0) { $0 + $1.flow.learning }
        let last = edges.map(\.to).max() ?? 0
        var reached = [Bool](repeating: false, count: last + 1)
        var leads = reached
        (reached[0], leads[last]) = (true, true)
        // Edges lead from a node to a later one.
        for edge in edges.sorted(by: { $0.to < $1.to }) where edge.flow.isAlive && reached[edge.from] {
            reached[edge.to] = true
        }
        for edge in edges.sorted(by: { $0.from > $1.from }) where edge.flow.isAlive && leads[edge.to] {
            leads[edge.from] = true
        }
        guard reached[last], leads[0] else {
            all.end()
            return all
        }
        var (most, wide) = ([Int](repeating: 0, count: last + 1), [Int](repeating: 0, count: last + 1))
        var least = [Int](repeating: .max, count: last + 1)
        least[0] = 0
        for edge in edges.sorted(by: { $0.to < $1.to })
        where edge.flow.isAlive && reached[edge.from] && leads[edge.to] {
            all.convolutions += edge.flow.convolutions
            most[edge.to] = max(most[edge.to], most[edge.from] + edge.flow.most)
            wide[edge.to] = max(wide[edge.to], wide[edge.from] + edge.flow.wide)
            least[edge.to] = min(least[edge.to], least[edge.from] + edge.flow.least)
        }
        (all.most, all.wide, all.least) = (most[last], wide[last], least[last])
        return all
    }
}
