import Torch

/// Parameters that are updated with the same settings.
public struct ParameterGroup {
    /// Key and tensor of each parameter.
    public let parameters: [(key: String, tensor: Tensor)]
    /// Multiplies the learning rate that each step is given.
    public var learningRateScale: Double
    /// The weight decay of the group; nil for that of the optimiser.
    public var weightDecay: Double?

    /// A group with the optimiser's own learning rate and weight decay unless told otherwise.
    public init(
        _ parameters: [(key: String, tensor: Tensor)], learningRateScale: Double = 1, weightDecay: Double? = nil
    ) {
        self.parameters = parameters
        self.learningRateScale = learningRateScale
        self.weightDecay = weightDecay
    }

    /// All of a store's parameters; those with fewer than two dimensions (biases and the scales and shifts of
    /// normalisation) in a group of their own without weight decay, as is usual since He et al. (2018, "Bag of
    /// tricks").
    public static func splitByDecay(_ store: ParameterStore) -> [ParameterGroup] {
        let all = store.parameters.map { (key: $0.key, tensor: $0.tensor) }
        return [
            ParameterGroup(all.filter { $0.tensor.rank >= 2 }),
            ParameterGroup(all.filter { $0.tensor.rank < 2 }, weightDecay: 0),
        ].filter { !$0.parameters.isEmpty }
    }
}

extension ParameterGroup {
    /// The group in two parts, of which one has another learning rate; one without parameters is left out.
    ///
    /// - Parameters:
    ///   - factor: the factor of the rate of the parameters that are chosen.
    ///   - isChosen: whether a key is one of them.
    public func scaled(by factor: Double, _ isChosen: (String) -> Bool) -> [ParameterGroup] {
        let rest = ParameterGroup(
            parameters.filter { !isChosen($0.key) }, learningRateScale: learningRateScale, weightDecay: weightDecay)
        let chosen = ParameterGroup(
            parameters.filter { isChosen($0.key) }, learningRateScale: learningRateScale * factor,
            weightDecay: weightDecay)
        return [rest, chosen].filter { !$0.parameters.isEmpty }
    }
}

/// Moves parameters along their gradients. A parameter without a gradient stands still, and so does its state: in a
/// supernet the blocks off the sampled path do not move.
public protocol Optimizer: AnyObject {
    /// The parameters and their settings, which may change between steps.
    var groups: [ParameterGroup] { get set }
    /// Updates the parameters once, with the given learning rate. Gradients stay.
    func step(learningRate: Double) throws
    /// All that must be saved for an exact continuation, by key.
    func state() throws -> [(key: String, tensor: Tensor)]
    /// Takes over a saved state.
    ///
    /// - Throws: `StateError.mismatch` with every key that does not fit.
    func load(_ state: [(key: String, tensor: Tensor)]) throws
}

extension Tensor {
    /// The gradient, laid out as this parameter is: the fused kernels walk both in the order of memory. `backward`
    /// makes it so; a gradient that was set may lie otherwise, and is then copied.
    func alignedGradient() throws -> Tensor? {
        guard let gradient else { return nil }
        for format in [MemoryFormat.contiguous, .channelsLast] where isContiguous(format) {
            if gradient.isContiguous(format) { return gradient }
        }
        return try withoutGradients {
            let copy = try Tensor.zeros(like: self)
            try copy.copyInPlace(from: gradient)
            return copy
        }
    }
}

/// Named tensors beside the parameters, each shaped and laid out like its parameter, or a float32 scalar.
struct Slots {
    private var tensors: [String: [String: Tensor]] = [:]
    private let names: [String]
    private let scalars: Set<String>

    init(_ names: [String], scalars: [String] = []) {
        self.names = names + scalars
        self.scalars = Set(scalars)
    }

    func has(_ key: String) -> Bool { tensors[key] != nil }

    /// The slots of a parameter, zeros at first.
    mutating func of(_ key: String, like tensor: Tensor) throws -> [String: Tensor] {
        if let found = tensors[key] { return found }
        let made = try withoutGradients {
            try Dictionary(
                uniqueKeysWithValues: names.map { name in
                    (name, try scalars.contains(name) ? Tensor.zeros([], device: tensor.device) : .zeros(like: tensor))
                })
        }
        tensors[key] = made
        return made
    }

    func state(_ groups: [ParameterGroup]) -> [(key: String, tensor: Tensor)] {
        groups.flatMap(\.parameters).flatMap { key, _ in
            names.compactMap { name in tensors[key]?[name].map { ("\(key).\(name)", $0) } }
        }
    }

    mutating func load(_ state: [(key: String, tensor: Tensor)], _ groups: [ParameterGroup]) throws {
        let parameters = Dictionary(groups.flatMap(\.parameters), uniquingKeysWith: { $1 })
        var unexpected: [String] = []
        var misshapen: [StateError.Misshapen] = []
        var known: [(parameter: String, name: String, tensor: Tensor)] = []
        for (key, tensor) in state {
            let parts = key.split(separator: ".")
            let name = parts.last.map(String.init) ?? ""
            let parameter = parts.dropLast().joined(separator: ".")
            guard names.contains(name), let own = parameters[parameter] else {
                unexpected.append(key)
                continue
            }
            let shape = scalars.contains(name) ? [] : own.shape
            if shape != tensor.shape {
                misshapen.append(.init(key: key, expected: shape, found: tensor.shape))
            }
            known.append((parameter, name, tensor))
        }
        let given = Dictionary(grouping: known, by: \.parameter)
        let missing = given.flatMap { parameter, slots in
            names.filter { name in !slots.contains { $0.name == name } }.map { "\(parameter).\($0)" }
        }
        guard missing.isEmpty, unexpected.isEmpty, misshapen.isEmpty else {
            throw StateError.mismatch(missing: missing.sorted(), unexpected: unexpected, misshapen: misshapen)
        }
        tensors = [:]
        try withoutGradients {
            for (parameter, slots) in given {
                guard let tensor = parameters[parameter] else { continue }
                let own = try of(parameter, like: tensor)
                for slot in slots { try own[slot.name]?.copyInPlace(from: slot.tensor) }
            }
        }
    }
}

/// Operators of libtorch that work on lists of tensors, one call for all of them.
private enum ListOperator {
    static let norms = Operator("aten::_foreach_norm", "Scalar")
    static let scale = Operator("aten::_foreach_mul_", "Tensor")
    static let lerp = Operator("aten::_foreach_lerp_", "Scalar")
}

/// Scales all gradients together so that their common norm is at most `limit` (Pascanu et al., 2013). Nothing waits
/// for the device.
///
/// - Parameters:
///   - parameters: tensors whose gradients to scale; those without a gradient are passed over.
///   - limit: the largest norm allowed.
///   - order: which norm; infinity is the largest magnitude.
/// - Returns: the norm before, a tensor of one element; 0 where there are no gradients.
@discardableResult
public func clipGradients(_ parameters: [Tensor], norm limit: Double, order: Double = 2) throws -> Tensor {
    let gradients = parameters.compactMap(\.gradient)
    guard let first = gradients.first else { return try Tensor(Float(0)) }
    return try withoutGradients {
        let norms = try ListOperator.norms.list(.tensors(gradients), .double(order)).compactMap { $0 }
        let total = try Tensor.stacked(try norms.map { try $0.to(first.device) }).norm(order)
        // The small number is PyTorch's; it keeps a zero gradient from dividing by zero.
        let scale = try (total + 1e-6).power(-1) * limit
        try ListOperator.scale.run(.tensors(gradients), .tensor(scale.clamped(max: 1)))
        return total
    }
}

/// Moves each of `averages` towards the tensor of the same position: m = momentum * m + (1 - momentum) * x, all in one
/// fused call. Any subset of two aligned stores may be given, as a supernet's mean teacher does with a path.
public func movingAverage(_ averages: [Tensor], towards current: [Tensor], momentum: Double) throws {
    guard averages.count == current.count else {
        throw TorchError(
            .invalidArgument, operation: "movingAverage",
            message: "\(averages.count) averages were given \(current.count) current tensors")
    }
    guard !averages.isEmpty else { return }
    try withoutGradients {
        try ListOperator.lerp.run(.tensors(averages), .tensors(current), .double(1 - momentum))
    }
}
