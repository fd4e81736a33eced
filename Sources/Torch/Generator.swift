import CTorch

/// A seeded source of random tensors. Its state is part of a checkpoint; nothing here draws from a hidden one.
public final class Generator: @unchecked Sendable {
    let handle: ct_generator
    /// The device on which it makes tensors.
    public let device: Device

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
