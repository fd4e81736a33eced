import Torch

/// All tensors of a network by key. The keys are those of PyTorch's `state_dict`, so that a checkpoint of either side
/// loads on the other. A tensor that several modules share stands under several keys.
public final class ParameterStore {
    /// The role of a tensor in a network.
    public enum Role: Sendable {
        /// A tensor that is learned by gradient.
        case parameter
        /// Kept beside the parameters and saved with them, such as running statistics.
        case buffer
    }

    /// A tensor and its first key.
    public struct Entry {
        /// The path under which it was registered, such as `layer1.0.conv1.weight`.
        public let key: String
        /// The tensor itself: what the layer that registered it computes with.
        public let tensor: Tensor
        /// The role: learned, or kept beside.
        public let role: Role
    }

    /// Distinct tensors in the order of their making.
    public private(set) var entries: [Entry] = []
    /// Every key, in the order of its making, with the position of its tensor in `entries`.
    public private(set) var keys: [(key: String, entry: Int)] = []
    private var positions: [String: Int] = [:]
    /// The tensors that layers get instead of new ones; nil where they get new ones.
    private let given: ((_ key: String, _ shape: [Int]) throws -> Tensor)?

    /// The device whose memory holds the tensors.
    public let device: Device
    /// The layout of convolution weights. Those of a network that runs on channels-last images should lie so too.
    public let format: MemoryFormat
    /// The element type of all tensors but those of integers.
    public let dtype: DType
    /// The generator that initial values are drawn from.
    public let generator: Generator

    /// Creates an empty store.
    ///
    /// - Parameters:
    ///   - seed: the seed of the generator that initial values are drawn from.
    ///   - device: the device whose memory holds the tensors.
    ///   - format: the layout of convolution weights.
    ///   - dtype: the element type. Initial values are drawn as float32 whatever it is, so that a seed means the same
    ///     network; float64 is for what overflows or needs more digits.
    /// - Throws: `TorchError` if `dtype` is not a floating-point type.
    public init(
        seed: UInt64, device: Device = .cpu, format: MemoryFormat = .contiguous, dtype: DType = .float32
    ) throws {
        guard dtype.isFloatingPoint else {
            throw TorchError(
                .invalidArgument, operation: "ParameterStore",
                message: "parameters need a floating-point type such as float32, not \(dtype)")
        }
        self.device = device
        self.format = format
        self.dtype = dtype
        // Drawn on the CPU whatever the device, so that a seed means the same network everywhere.
        generator = try Generator(seed: seed)
        given = nil
    }

    /// Creates an empty store whose layers get tensors that there are already, such as parts of those of a larger
    /// network, instead of new ones.
    ///
    /// - Parameters:
    ///   - other: the store that the tensors are of; device, format and element type are taken over.
    ///   - given: a closure that returns the tensor of a key, in the shape that the layer needs.
    public init(like other: ParameterStore, given: @escaping (_ key: String, _ shape: [Int]) throws -> Tensor) {
        (device, format, dtype, generator) = (other.device, other.format, other.dtype, other.generator)
        self.given = given
    }

    /// Registers the tensor that is given for a key; nil in a store that makes its tensors.
    ///
    /// - Throws: `StateError.mismatch` for a tensor of another shape; what `given` throws.
    func take(_ key: String, _ shape: [Int], _ role: Role) throws -> Tensor? {
        guard let tensor = try given?(key, shape) else { return nil }
        guard tensor.shape == shape else {
            throw StateError.mismatch(
                missing: [], unexpected: [],
                misshapen: [.init(key: key, expected: shape, found: tensor.shape)])
        }
        try add(key, tensor, role)
        return tensor
    }

    /// The root of the paths.
    public var root: Scope { Scope(store: self, path: "") }

    /// The learned tensors, each once.
    public var parameters: [Entry] { entries.filter { $0.role == .parameter } }

    /// The number of learned values.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.tensor.elementCount } }

    /// The tensor under a key.
    public subscript(key: String) -> Tensor? { positions[key].map { entries[$0].tensor } }

    func add(_ key: String, _ tensor: Tensor, _ role: Role) throws {
        guard positions[key] == nil else {
            throw StateError.duplicateKey(key)
        }
        positions[key] = entries.count
        keys.append((key, entries.count))
        entries.append(Entry(key: key, tensor: tensor, role: role))
    }

    func alias(_ key: String, to tensor: Tensor) throws {
        guard positions[key] == nil else {
            throw StateError.duplicateKey(key)
        }
        guard let entry = entries.firstIndex(where: { $0.tensor === tensor }) else {
            throw StateError.foreignTensor(key)
        }
        positions[key] = entry
        keys.append((key, entry))
    }

    /// Drops all gradients.
    public func clearGradients() throws {
        for entry in entries where entry.role == .parameter {
            try entry.tensor.setGradient(nil)
        }
    }
}

/// A place in the tree of modules: where a layer registers its tensors.
///
/// `scope / "layer1" / 0 / "conv1"` is the path `layer1.0.conv1`.
public struct Scope {
    /// The store that tensors are registered in.
    public let store: ParameterStore
    /// Dot-separated; empty at the root.
    public let path: String

    /// The place called `name` within this one.
    public static func / (scope: Scope, name: String) -> Scope {
        Scope(store: scope.store, path: scope.path.isEmpty ? name : scope.path + "." + name)
    }

    /// The place of a numbered child, as in a PyTorch `Sequential` or `ModuleList`.
    public static func / (scope: Scope, index: Int) -> Scope { scope / String(index) }

    /// Makes and registers a learned tensor. Its initial values come from the store's generator.
    public func parameter(_ name: String, _ shape: [Int], _ initializer: Initializer) throws -> Tensor {
        if let taken = try store.take((self / name).path, shape, .parameter) { return taken }
        var tensor = try initializer.make(shape, using: store.generator)
        if shape.count == 4 { tensor = try tensor.contiguous(store.format) }
        tensor = try tensor.to(store.device).to(store.dtype).requireGradient()
        try store.add((self / name).path, tensor, .parameter)
        return tensor
    }

    /// Registers a tensor that is saved but not learned.
    public func buffer(_ name: String, _ tensor: Tensor) throws -> Tensor {
        if let taken = try store.take((self / name).path, tensor.shape, .buffer) { return taken }
        var placed = try tensor.to(store.device)
        if placed.dtype.isFloatingPoint { placed = try placed.to(store.dtype) }
        try store.add((self / name).path, placed, .buffer)
        return placed
    }

    /// Registers a tensor of this store under one more key.
    public func share(_ name: String, _ tensor: Tensor) throws {
        try store.alias((self / name).path, to: tensor)
    }
}
