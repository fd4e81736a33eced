import CTorch

/// A seeded source of random tensors. Its state is part of a checkpoint; nothing here draws from a hidden one.
public final class Generator: @unchecked Sendable {
    let handle: ct_generator
    /// The device on which it makes tensors.
    public let device: Device

    /// Creates a generator whose stream follows from a seed.
    ///
    /// - Throws: `TorchError` where the device does not exist.
    public init(seed: UInt64, device: Device = .cpu) throws {
        try device.validate()
        var made: ct_generator?
        try check(try Runtime.api().generator_new(device.packed, seed, &made), "Generator(seed: \(seed))")
        guard let made else { throw TorchError(.other, operation: "Generator", message: "no generator was made") }
        handle = made
        self.device = device
    }

    deinit {
        ct_loaded().pointee.generator_release(handle)
    }

    /// The whole state, as a tensor of bytes on the CPU.
    public func state() throws -> Tensor {
        var state: ct_tensor?
        try check(ct_loaded().pointee.generator_state(handle, &state), "Generator.state")
        guard let state else { throw TorchError(.other, operation: "Generator.state", message: "no state") }
        return Tensor(owning: state)
    }

    /// Continues from a state taken before.
    public func restore(_ state: Tensor) throws {
        try check(ct_loaded().pointee.generator_set_state(handle, state.handle), "Generator.restore")
    }
}

/// Tensors of random elements, on the generator's device.
extension Tensor {
    /// Makes a tensor of uniform numbers in [`low`, `high`).
    public static func uniform(
        _ shape: [Int], low: Double = 0, high: Double = 1, dtype: DType = .float32, using generator: Generator
    ) throws -> Tensor {
        let made = try empty(shape, dtype: dtype, device: generator.device)
        return try Op.uniform(.tensor(made), .double(low), .double(high), .generator(generator))
    }

    /// Makes a tensor of normal numbers of the given mean and standard deviation.
    public static func normal(
        _ shape: [Int], mean: Double = 0, deviation: Double = 1, dtype: DType = .float32, using generator: Generator
    ) throws -> Tensor {
        let made = try empty(shape, dtype: dtype, device: generator.device)
        return try Op.normal(.tensor(made), .double(mean), .double(deviation), .generator(generator))
    }

    /// Makes an int64 tensor of integers in `range`, each as likely as the others.
    public static func integers(_ shape: [Int], in range: Range<Int>, using generator: Generator) throws -> Tensor {
        let made = try empty(shape, dtype: .int64, device: generator.device)
        return try Op.randomInts(.tensor(made), .int(range.lowerBound), .int(range.upperBound), .generator(generator))
    }

    /// Makes a tensor of elements that are 1 with the given probability, else 0.
    public static func bernoulli(
        _ shape: [Int], probability: Double, dtype: DType = .float32, using generator: Generator
    ) throws -> Tensor {
        let made = try empty(shape, dtype: dtype, device: generator.device)
        return try Op.bernoulli(.tensor(made), .double(probability), .generator(generator))
    }

    /// The integers 0..<`count` in random order, as int64.
    public static func permutation(_ count: Int, using generator: Generator) throws -> Tensor {
        try Op.permutation(
            .int(count), .generator(generator), .dtype(.int64), .none, .device(generator.device))
    }
}
