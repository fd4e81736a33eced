/// A constant of the graph: its name and shape, and how its values follow from the network's tensors.
struct Initializer: Sendable {
    enum Content: Sendable {
        /// The tensor of the same name.
        case stored
        /// The weight of the convolution at `path`, with the batch norms folded in that follow it.
        case weight(path: String, norms: [String])
        /// The bias of the convolution at `path`, as above; without a tensor of its own it starts from 0.
        case bias(path: String, stored: Bool, norms: [String])
        /// What the batch norm at `path` multiplies by, and what it then adds.
        case scale(path: String)
        case shift(path: String)
        /// The same for every network of this shape.
        case float(Float)
        case integers([Int64])
    }

    let name: String
    let shape: [Int]
    var content: Content

    var type: ElementType {
        if case .integers = content { .int64 } else { .float32 }
    }

    /// Of the values.
    var byteCount: Int { shape.reduce(type.byteCount, *) }

    /// The tensors that the values follow from, by key, with the shapes that they must have.
    var sources: [(key: String, shape: [Int])] {
        // The channels that come out lead in weights and stand alone in everything else.
        let channels = shape.first ?? 1
        func statistics(_ norms: [String]) -> [(key: String, shape: [Int])] {
            norms.flatMap { path in NormKey.allCases.map { ($0.key(path), [channels]) } }
        }
        switch content {
        case .stored: return [(name, shape)]
        case .weight(let path, let norms): return [(join(path, "weight"), shape)] + statistics(norms)
        case .bias(let path, let stored, let norms):
            return (stored ? [(join(path, "bias"), shape)] : []) + statistics(norms)
        case .scale(let path), .shift(let path): return statistics([path])
        case .float, .integers: return []
        }
    }
}

/// The tensors of a batch norm, in the order in which ONNX's operator takes them.
enum NormKey: String, CaseIterable {
    case weight, bias
    case mean = "running_mean"
    case variance = "running_var"

    /// Added to the variance before its square root is taken, in every network of this project.
    static let epsilon = 1e-5

    func key(_ path: String) -> String { join(path, rawValue) }
}

/// A key within a path; an empty one adds nothing.
func join(_ path: String, _ key: String) -> String {
    path.isEmpty ? key : key.isEmpty ? path : path + "." + key
}
