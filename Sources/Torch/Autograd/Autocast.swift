import CTorch

/// The arithmetic of matrix products and convolutions.
public enum Precision: String, Sendable, Codable, CaseIterable {
    /// 32-bit floats throughout.
    case float32
    /// bfloat16 where it is safe (convolutions, matrix products and what follows them), float32 for parameters, their
    /// updates, batch-norm statistics and losses.
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
