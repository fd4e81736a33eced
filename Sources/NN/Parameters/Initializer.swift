import Torch

/// The distribution of a parameter's initial values. Names and formulas are those of `torch.nn.init`.
///
/// Fans count, for a weight [out, in, ...]: in = in * kernel area, out = out * kernel area, where `in` is already
/// that of one group.
public enum Initializer: Sendable, Equatable {
    case zeros
    case ones
    case constant(Double)
    /// Ones on the diagonal of a square matrix, zeros elsewhere.
    case identity
    case uniform(low: Double, high: Double)
    case normal(mean: Double, deviation: Double)
    /// A normal distribution, redrawn outside [`low`, `high`].
    case truncatedNormal(mean: Double, deviation: Double, low: Double, high: Double)
    /// Uniform within sqrt(6 / ((1 + slope^2) fan)) (He et al., 2015, equation 10).
    case kaimingUniform(fan: Fan, slope: Double)
    /// A normal distribution of deviation sqrt(2 / ((1 + slope^2) fan)).
    case kaimingNormal(fan: Fan, slope: Double)
    /// Uniform within gain * sqrt(6 / (in + out)) (Glorot and Bengio, 2010, equation 16).
    case xavierUniform(gain: Double)
    /// A normal distribution of deviation gain * sqrt(2 / (in + out)).
    case xavierNormal(gain: Double)
    /// Uniform within 1 / sqrt(fan in), as PyTorch's Conv2d and Linear start their weights; the shape is the weight's.
    case defaultWeight
    /// The distribution of `defaultWeight` for the bias of a weight of the given shape.
    case defaultBias(weight: [Int])

    /// Which side of a layer is counted.
    public enum Fan: String, Sendable {
        case input, output
    }

    /// The number of inputs and outputs that meet in one value of a weight of the given shape.
    public static func fans(_ shape: [Int]) -> (input: Int, output: Int) {
        guard shape.count >= 2 else { return (max(shape.first ?? 1, 1), max(shape.first ?? 1, 1)) }
        let area = shape.dropFirst(2).reduce(1, *)
        return (max(shape[1] * area, 1), max(shape[0] * area, 1))
    }

    /// The half-width of a uniform distribution or the deviation of a normal one, for a weight of this shape; nil for
    /// the others.
    public func scale(for shape: [Int]) -> Double? {
        let fans = Self.fans(shape)
        func count(_ fan: Fan) -> Double { Double(fan == .input ? fans.input : fans.output) }
        switch self {
        case .kaimingUniform(let fan, let slope): return (6 / ((1 + slope * slope) * count(fan))).squareRoot()
        case .kaimingNormal(let fan, let slope): return (2 / ((1 + slope * slope) * count(fan))).squareRoot()
        case .xavierUniform(let gain): return gain * (6 / Double(fans.input + fans.output)).squareRoot()
        case .xavierNormal(let gain): return gain * (2 / Double(fans.input + fans.output)).squareRoot()
        case .defaultWeight: return 1 / Double(fans.input).squareRoot()
        case .defaultBias(let weight): return 1 / Double(Self.fans(weight).input).squareRoot()
        case .zeros, .ones, .constant, .identity, .uniform, .normal, .truncatedNormal: return nil
        }
    }

    /// A float32 tensor of initial values on the generator's device.
    public func make(_ shape: [Int], using generator: Generator) throws -> Tensor {
        let scale = scale(for: shape) ?? 0
        switch self {
        case .zeros: return try .zeros(shape, device: generator.device)
        case .ones: return try .ones(shape, device: generator.device)
        case .constant(let value): return try .full(shape, value, device: generator.device)
        case .identity:
            guard shape.count == 2, shape[0] == shape[1] else {
                throw TorchError(
                    .invalidArgument, operation: "identity", shapes: [shape], message: "needs a square matrix")
            }
            return try .identity(shape[0], device: generator.device)
        case .uniform(let low, let high): return try .uniform(shape, low: low, high: high, using: generator)
        case .normal(let mean, let deviation):
            return try .normal(shape, mean: mean, deviation: deviation, using: generator)
        case .truncatedNormal(let mean, let deviation, let low, let high):
            return try Self.truncated(shape, mean, deviation, low, high, using: generator)
        case .kaimingUniform, .xavierUniform, .defaultWeight, .defaultBias:
            return try .uniform(shape, low: -scale, high: scale, using: generator)
        case .kaimingNormal, .xavierNormal:
            return try .normal(shape, deviation: scale, using: generator)
        }
    }

    private static func truncated(
        _ shape: [Int], _ mean: Double, _ deviation: Double, _ low: Double, _ high: Double,
        using generator: Generator
    ) throws -> Tensor {
        guard low < high else {
            throw TorchError(
                .invalidArgument, operation: "truncatedNormal", shapes: [shape],
                message: "low (=\(low)) must be less than high (=\(high))")
        }
        var values = try Tensor.normal(shape, mean: mean, deviation: deviation, using: generator)
        for _ in 0..<1000 {
            let outside = try values.isLess(than: low).chosen(
                where: values.isLess(than: low), else: values.isGreater(than: high))
            if try outside.any().integer() == 0 { return values }
            values = try Tensor.normal(shape, mean: mean, deviation: deviation, using: generator)
                .chosen(where: outside, else: values)
        }
        // A range far out in the tail: uniform is what the normal density looks like there, near enough to start from.
        return try .uniform(shape, low: low, high: high, using: generator)
    }
}
