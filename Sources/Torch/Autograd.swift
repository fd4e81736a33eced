import CTorch

extension Tensor {
    /// Whether operations on this tensor are recorded for `backward`.
    public var requiresGradient: Bool { ct_loaded().pointee.tensor_requires_grad(handle) }

    /// Whether this tensor was made by the user rather than by a recorded operation.
    public var isLeaf: Bool { ct_loaded().pointee.tensor_is_leaf(handle) }

    /// Marks a leaf so that `backward` leaves a gradient on it. Returns the same tensor.
    ///
    /// - Throws: `TorchError` for tensors that are not of a floating-point type, or not leaves.
    @discardableResult
    public func requireGradient(_ value: Bool = true) throws -> Tensor {
        try check(ct_loaded().pointee.tensor_set_requires_grad(handle, value), "requireGradient")
        return self
    }

    /// The gradient that `backward` left on this leaf, or nil.
    public var gradient: Tensor? {
        var gradient: ct_tensor?
        guard ct_loaded().pointee.tensor_grad(handle, &gradient) == CT_OK else { return nil }
        return gradient.map(Tensor.init(owning:))
    }

    /// Replaces the gradient; nil drops it, so that the next `backward` starts afresh without adding.
    public func setGradient(_ gradient: Tensor?) throws {
        try check(ct_loaded().pointee.tensor_set_grad(handle, gradient?.handle), "setGradient")
    }

    /// Adds the gradient of this tensor to every leaf that it depends on.
    ///
    /// - Parameters:
    ///   - seed: the gradient of the final quantity with respect to this tensor; may be left out for one element.
    ///   - retainGraph: keeps what was recorded, for another pass through it.
    /// - Throws: `TorchError` if nothing was recorded, or the record was used up.
    public func backward(_ seed: Tensor? = nil, retainGraph: Bool = false) throws {
        let outputs: [ct_tensor?] = [handle]
        let seeds: [ct_tensor?] = [seed?.handle]
        let status = ct_loaded().pointee.backward(outputs, seed == nil ? nil : seeds, 1, retainGraph, false)
        try check(status, "backward")
    }

    /// This tensor cut off from what was recorded; memory is shared.
    public func detached() throws -> Tensor { try Op.detach(.tensor(self)) }
}

/// The gradients of `output`, a tensor of one element unless `seed` is given, with respect to `inputs`, without
/// touching any leaf's own gradient. Nil for an input that the output does not depend on.
///
/// - Parameters:
///   - output: the quantity to differentiate.
///   - seed: the weight of each element of `output`, of its shape; nil for 1.
///   - inputs: tensors that the computation of `output` was recorded for.
///   - retainGraph: keeps what was recorded, to go through it once more; `createGraph` does so too.
///   - createGraph: records the computation of the gradients too, for gradients of gradients.
public func gradients(
    of output: Tensor, seed: Tensor? = nil, with inputs: [Tensor], retainGraph: Bool = false,
    createGraph: Bool = false
) throws -> [Tensor?] {
    let outputs: [ct_tensor?] = [output.handle]
    let seeds: [ct_tensor?] = [seed?.handle]
    var results = [ct_tensor?](repeating: nil, count: inputs.count)
    let status = ct_loaded().pointee.gradients(
        outputs, seed == nil ? nil : seeds, 1, inputs.map { Optional($0.handle) }, Int32(inputs.count),
        retainGraph || createGraph, createGraph, true, &results)
    try check(status, "gradients")
    return results.map { $0.map(Tensor.init(owning:)) }
}

/// Runs `body` without recording operations, on this thread.
///
/// The mode is the thread's own and does not follow an `await`, hence a synchronous body only.
public func withoutGradients<Result>(_ body: () throws -> Result) throws -> Result {
    let api = try Runtime.api()
    let before = api.grad_mode()
    api.set_grad_mode(false)
    defer { api.set_grad_mode(before) }
    return try body()
}

/// Runs `body` with recording on, inside `withoutGradients`, on this thread.
public func withGradients<Result>(_ body: () throws -> Result) throws -> Result {
    let api = try Runtime.api()
    let before = api.grad_mode()
    api.set_grad_mode(true)
    defer { api.set_grad_mode(before) }
    return try body()
}

/// The arithmetic of matrix products and convolutions.
public enum Precision: String, Sendable, Codable, CaseIterable {
    /// Computes in 32-bit floats throughout.
    case float32
    /// Computes in bfloat16 where that is safe (convolutions, matrix products and what follows them), and keeps
    /// parameters, their updates, batch-norm statistics and losses in float32.
    case bfloat16
}

/// Runs `body` with matrix products and convolutions in the given precision, on this thread.
///
/// Weights are cast once in the outermost scope and the casts kept until it ends: enter it once a step, around all
/// forward passes. `backward` may run outside. The mode does not follow an `await`, hence a synchronous body only.
public func withPrecision<Result>(
    _ precision: Precision, on device: Device = .cpu, _ body: () throws -> Result
) throws -> Result {
    let api = try Runtime.api()
    let kind = device.kind.rawValue
    var enabled = false
    var dtype: Int32 = 0
    try check(api.autocast_get(kind, &enabled, &dtype), "withPrecision")
    try check(api.autocast_set(kind, precision == .bfloat16, DType.bfloat16.rawValue), "withPrecision")
    _ = api.autocast_enter()
    defer {
        // Neither can fail for a device type that was accepted above.
        _ = api.autocast_leave()
        _ = api.autocast_set(kind, enabled, dtype)
    }
    return try body()
}
