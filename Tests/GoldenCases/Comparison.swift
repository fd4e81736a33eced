import Torch

/// Holds results against the tensors of a case, and knows which of them nothing was held against yet.
public final class Comparison {
    /// The largest error allowed, relative to the largest magnitude in the tensor.
    public static let tolerance = 1e-5

    private let golden: GoldenCase
    private var unchecked: Set<String>
    private var wrong: [String] = []

    /// - Parameters:
    ///   - golden: the case that holds the expected tensors.
    ///   - lists: those of the case's lists that are results; others are what is put in.
    public init(
        _ golden: GoldenCase, lists: [String] = ["outputs", "gradients", "after", "states", "lrs", "values"]
    ) {
        self.golden = golden
        unchecked = Set(lists.flatMap(golden.names) + golden.zeros)
    }

    /// What differs, and what nothing was held against: empty for a case that is met.
    public var discrepancies: [String] { wrong + unchecked.sorted().map { "\($0): was not compared" } }

    /// Integers must be equal, other values within `tolerance` of the tensor's largest magnitude.
    public func compare(_ name: String, _ actual: Tensor?, tolerance: Double = tolerance) throws {
        guard unchecked.remove(name) != nil else { return wrong.append("\(name): is no result of the case") }
        let expected = try golden.tensor(name)
        guard let actual else { return wrong.append("\(name): there is none") }
        guard actual.shape == expected.shape, actual.dtype == expected.dtype else {
            return wrong.append(
                "\(name): is \(actual.dtype) \(actual.shape), not \(expected.dtype) \(expected.shape)")
        }
        let error = try relativeError(of: actual, to: expected)
        let allowed = expected.dtype.isFloatingPoint ? tolerance : 0
        if !(error <= allowed) { wrong.append("\(name): relative error \(error)") }
    }

    /// Compares float64 values that are no tensor.
    public func compare(_ name: String, _ actual: [Double], tolerance: Double = tolerance) throws {
        let shape = try golden.has(name) ? golden.tensor(name).shape : nil
        try compare(name, Tensor(actual, shape: shape), tolerance: tolerance)
    }

    /// A value that a result is held against in a way of its own; `found` says how they differ where they do.
    public func hold(_ name: String, _ holds: Bool, _ found: String) {
        guard unchecked.remove(name) != nil else { return wrong.append("\(name): is no result of the case") }
        if !holds { wrong.append("\(name): \(found)") }
    }

    /// A gradient that is zero in exact arithmetic must be small beside that of its neighbour: the weight of a bias.
    public func compareZero(_ name: String, _ actual: Tensor?) throws {
        guard unchecked.remove(name) != nil else { return wrong.append("\(name): is no zero of the case") }
        guard let actual else { return wrong.append("\(name): there is none") }
        let neighbour = try golden.tensor(name.replacingSuffix(".bias", by: ".weight"))
        let error = try actual.absolute().max().item() / neighbour.absolute().max().item()
        if !(error <= Self.tolerance) { wrong.append("\(name): \(error) of its neighbour instead of zero") }
    }
}

/// The largest difference between two tensors of one shape over the largest magnitude of the second.
public func relativeError(of actual: Tensor, to expected: Tensor) throws -> Double {
    let values = try actual.to(.float64).array(Double.self)
    let reference = try expected.to(.float64).array(Double.self)
    let difference = zip(values, reference).map { abs($0 - $1) }.reduce(0) { $0.isNaN || $0 >= $1 ? $0 : $1 }
    let size = reference.map(abs).max() ?? 0
    return difference == 0 ? 0 : difference / size
}

extension String {
    fileprivate func replacingSuffix(_ suffix: String, by other: String) -> String {
        hasSuffix(suffix) ? dropLast(suffix.count) + other : self
    }
}
