import Architectures
import NN
import Torch

/// A candidate of a choice whose candidates share the tensors of the largest one.
enum SharedCandidate {
    /// All of each tensor that it uses.
    case whole(Module)
    /// Parts of some of them.
    case part(PartialCandidate)

    /// Computes the candidate's result, as a module does.
    func callAsFunction(_ x: Tensor, _ pass: Module.Pass, _ tail: Module.Tail) throws -> Tensor {
        switch self {
        case .whole(let module): try module(x, pass, tail)
        case .part(let candidate): try candidate(x, pass, tail)
        }
    }
}

/// A tensor of the largest candidate and what a smaller one takes of it.
struct SharedTensor {
    /// The tensor of the largest candidate.
    let whole: Tensor
    /// The part that is taken.
    let part: TensorPart
    /// The learned matrices that lead from its window to smaller ones, by the size of the window that each begins with;
    /// empty where the middle is taken as it stands.
    var matrices: [Int: Tensor] = [:]

    /// Whether the part lies in the memory of the whole, so that what is written to it is written there.
    var isView: Bool {
        part.dimensions.allSatisfy { if case .leading(_, let blocks) = $0 { blocks == 1 } else { true } }
            && !isTransformed
    }

    private var isTransformed: Bool { part.windows.count > 1 && !matrices.isEmpty }

    /// Takes the part; gradients lead back to the whole and, where there are any, to the matrices.
    func callAsFunction() throws -> Tensor {
        var tensor = whole
        for (dimension, taken) in part.dimensions.enumerated() {
            switch taken {
            case .whole: continue
            case .leading(let count, let blocks):
                tensor = try Self.leading(tensor, count, blocks, dimension)
            case .centre(let count):
                guard !isTransformed else { continue }
                let start = (tensor.size(dimension) - count) / 2
                tensor = try tensor.slice(start..<start + count, dimension: dimension)
            }
        }
        return isTransformed ? try transformed(tensor) : tensor
    }

    /// Writes running statistics that a pass left in a copy of the part back to the whole.
    func writeBack(_ values: Tensor) throws {
        guard case .leading(let count, let blocks)? = part.dimensions.first, !isView else { return }
        let size = whole.size(0) / blocks
        let view = try whole.view([blocks, size]).slice(0..<count / blocks, dimension: 1)
        try view.copyInPlace(from: values.reshaped([blocks, count / blocks]))
    }

    private static func leading(_ tensor: Tensor, _ count: Int, _ blocks: Int, _ dimension: Int) throws -> Tensor {
        guard blocks > 1 else { return try tensor.slice(0..<count, dimension: dimension) }
        let shape = tensor.shape
        let split =
            Array(shape[..<dimension]) + [blocks, shape[dimension] / blocks] + Array(shape[(dimension + 1)...])
        var kept = shape
        kept[dimension] = count
        // A copy in any case, also where blocks of one channel could lie apart in memory.
        return try tensor.reshaped(split).slice(0..<count / blocks, dimension: dimension + 1).reshaped(kept)
            .contiguous()
    }

    /// Leads from window to window: the middle of the larger one, times the matrix (Cai et al., "Once-for-All", ICLR
    /// 2020, section 3.3).
    private func transformed(_ kernel: Tensor) throws -> Tensor {
        var kernel = kernel
        for (window, smaller) in zip(part.windows, part.windows.dropFirst()) {
            guard let matrix = matrices[window] else { continue }
            let start = (window - smaller) / 2
            let middle = try kernel.slice(start..<start + smaller, dimension: 2)
                .slice(start..<start + smaller, dimension: 3)
            let (outputs, inputs) = (kernel.size(0), kernel.size(1))
            kernel = try middle.reshaped([outputs * inputs, smaller * smaller])
                .matrixProduct(matrix.transposed(0, 1)).reshaped([outputs, inputs, smaller, smaller])
        }
        return kernel
    }
}

/// A candidate that takes parts of the tensors of a larger one. Its layers are put together anew for each pass, as what
/// they take follows the larger candidate's tensors.
struct PartialCandidate {
    /// The layers of the candidate.
    let layer: Layer
    /// The number of channels that come in.
    let inputs: Int
    /// The tensors by their keys under the choice.
    let tensors: [String: SharedTensor]
    /// The store that the tensors are of.
    let store: ParameterStore

    /// Puts the layers together, of what they take at this moment.
    func module() throws -> (module: Module, taken: ParameterStore) {
        let taken = ParameterStore(like: store) { key, _ in
            guard let tensor = tensors[key] else {
                throw StateError.mismatch(missing: [key], unexpected: [], misshapen: [])
            }
            let taken = try tensor()
            // It must lie as in a network of its own, so that the same kernels compute with it. A single input channel
            // or position looks the same in either format, and stays as it was made there.
            guard taken.rank == 4 else { return taken }
            return try taken.contiguous().contiguous(store.format)
        }
        var builder = ModuleBuilder(points: [:])
        return (try builder.build(layer, taken.root, inputs: inputs).module, taken)
    }

    func callAsFunction(_ x: Tensor, _ pass: Module.Pass, _ tail: Module.Tail) throws -> Tensor {
        let (module, taken) = try module()
        let y = try module(x, pass, tail)
        if pass.mode.batchNorm.movesStatistics {
            try withoutGradients {
                for entry in taken.entries where entry.role == .buffer {
                    try tensors[entry.key]?.writeBack(entry.tensor)
                }
            }
        }
        return y
    }
}

extension BatchNormPolicy {
    /// Whether a pass changes running statistics.
    var movesStatistics: Bool {
        switch self {
        case .training, .synchronised, .recalibrating: true
        case .batch, .running: false
        }
    }
}
