/// The part of a tensor that a smaller layer takes of the largest one's.
public struct TensorPart: Hashable, Sendable {
    /// What is taken along one dimension.
    public enum Dimension: Hashable, Sendable {
        /// All of it.
        case whole
        /// The leading values of each of several blocks of equal size, so many of them in all.
        case leading(count: Int, blocks: Int)
        /// So many values in the middle.
        case centre(count: Int)
    }

    /// What is taken along each dimension.
    public var dimensions: [Dimension]
    /// The sizes of windows that lead from the tensor's own to the part's, by learned matrices; empty where the middle
    /// of the window is taken as it stands.
    public var windows: [Int] = []

    /// Whether nothing is left out.
    public var isWhole: Bool { dimensions.allSatisfy { $0 == .whole } }
}

extension Layer.Choice {
    /// The tensors that the candidates of a choice share, and the part of each that a candidate takes.
    public struct SharedTensors: Sendable {
        /// The position of the largest candidate, whose tensors they are.
        public let largest: Int
        /// The layout of its tensors.
        public let layout: TensorLayout
        /// The parts that each candidate takes, by key; a candidate that lacks a key does without the tensor.
        public let parts: [[String: TensorPart]]
        /// The kernels that take smaller windows through learned matrices, by key: the sizes of their windows,
        /// descending.
        public let windows: [String: [Int]]
    }

    /// The name of the learned matrix that leads from a kernel's window to the next smaller one, beside the kernel
    /// itself (Cai et al., "Once-for-All", ICLR 2020).
    public static func matrixName(from window: Int, to smaller: Int) -> String { "\(window)to\(smaller)_matrix" }

    /// Finds the tensors that the candidates share.
    ///
    /// - Parameters:
    ///   - inputs: the number of channels that come in.
    ///   - path: the key of the choice, for errors.
    /// - Throws: `SpaceError.layer` where no candidate has all tensors of the others, or a candidate is no part of it.
    public func sharedTensors(inputs: Int, path: String) throws -> SharedTensors {
        let layouts = try candidates.map { try TensorLayout(of: $0.layer, inputs: inputs, path: path) }
        let largest = try largest(layouts, path)
        let whole = Dictionary(uniqueKeysWithValues: layouts[largest].tensors.map { ($0.key, $0) })
        var parts: [[String: TensorPart]] = []
        for (candidate, layout) in zip(candidates, layouts) {
            var own: [String: TensorPart] = [:]
            for tensor in layout.tensors {
                guard let source = whole[tensor.key], let part = TensorPart(of: source, as: tensor) else {
                    throw SpaceError.layer(
                        path: path,
                        "candidate '\(candidate.name)' is no part of '\(candidates[largest].name)': its tensor "
                            + "'\(tensor.key)' of \(tensor.shape) is not within one of "
                            + (whole[tensor.key].map { "\($0.shape)" } ?? "the other, which has no such key"))
                }
                own[tensor.key] = part
            }
            if !candidate.layer.choicePoints.isEmpty, let sliced = own.first(where: { !$0.value.isWhole }) {
                throw SpaceError.layer(
                    path: path,
                    "candidate '\(candidate.name)' takes a part of the tensor '\(sliced.key)' and has choices of its "
                        + "own; it can only have one of both")
            }
            parts.append(own)
        }
        var windows: [String: [Int]] = [:]
        if sharing == .matrices {
            for (key, tensor) in whole where tensor.axes.last?.kind == .window {
                let sizes = Set(
                    zip(layouts, parts).compactMap { layout, own in
                        own[key] == nil ? nil : layout.tensors.first { $0.key == key }?.axes.last?.size
                    })
                guard sizes.count > 1 else { continue }
                windows[key] = sizes.sorted(by: >)
                for candidate in parts.indices {
                    guard case .centre(let size)? = parts[candidate][key]?.dimensions.last else { continue }
                    parts[candidate][key]?.windows = sizes.sorted(by: >).filter { $0 >= size }
                }
            }
        }
        return SharedTensors(largest: largest, layout: layouts[largest], parts: parts, windows: windows)
    }

    /// The position of the candidate whose tensors the others share.
    func largest(inputs: Int, path: String) throws -> Int {
        try largest(candidates.map { try TensorLayout(of: $0.layer, inputs: inputs, path: path) }, path)
    }

    private func largest(_ layouts: [TensorLayout], _ path: String) throws -> Int {
        func values(_ layout: TensorLayout) -> Int {
            layout.tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
        }
        let sizes = layouts.map(values)
        // Of equal candidates the last, as they are listed from small to large.
        guard let largest = sizes.indices.max(by: { sizes[$0] <= sizes[$1] }) else {
            throw SpaceError.layer(path: path, "it has no candidates")
        }
        return largest
    }
}

extension TensorPart {
    /// The part of a tensor that a smaller one is; nil if it is none.
    fileprivate init?(of whole: LayerTensor, as part: LayerTensor) {
        guard whole.axes.count == part.axes.count, whole.isLearned == part.isLearned else { return nil }
        var dimensions: [Dimension] = []
        for (whole, part) in zip(whole.axes, part.axes) {
            if whole.size == part.size {
                dimensions.append(.whole)
                continue
            }
            guard part.size < whole.size else { return nil }
            switch (whole.kind, part.kind) {
            case (.window, .window):
                guard (whole.size - part.size).isMultiple(of: 2) else { return nil }
                dimensions.append(.centre(count: part.size))
            case (.channels, .channels), (.grouped, .grouped):
                let blocks = whole.blocks
                guard part.blocks == blocks, whole.size % blocks == 0, part.size % blocks == 0 else { return nil }
                dimensions.append(.leading(count: part.size, blocks: blocks))
            default: return nil
            }
        }
        self.dimensions = dimensions
    }
}
