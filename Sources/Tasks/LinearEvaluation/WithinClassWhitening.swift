import Torch

/// A linear map under which the images of one class scatter alike in all directions: the directions in which they differ
/// much count little (Fisher, "The use of multiple measurements in taxonomic problems", 1936).
struct WithinClassWhitening {
    /// [1, F]
    private let mean: Tensor
    /// The lower factor of the covariance within classes, [F, F].
    private let factor: Tensor

    /// Of the mean variance, added to every direction: with few images most directions are not known.
    private static let ridge = 0.1

    /// - Parameters:
    ///   - features: [N, F], float32.
    ///   - labels: [N].
    /// - Throws: `TorchError`.
    init(_ features: Tensor, labels: Tensor) throws {
        let classes = try labels.array(Int.self).reduce(0, max) + 1
        let members = try labels.oneHot(classes).to(.float32)  // [N, classes]
        let counts = try members.sum([0]).clamped(min: 1).reshaped([classes, 1])
        let means = try members.transposed(0, 1).matrixProduct(features) / counts
        let centred = try features - members.matrixProduct(means)
        let covariance = try centred.transposed(0, 1).matrixProduct(centred) / Double(features.size(0))
        let identity = try Tensor.identity(features.size(1), device: features.device)
        let scale = try (covariance * identity).sum().item() / Double(features.size(1))
        factor = try (covariance + identity * max(Self.ridge * scale, 1e-12)).cholesky()
        mean = try features.mean([0], keep: true)
    }

    /// [N, F] to [N, F].
    func callAsFunction(_ features: Tensor) throws -> Tensor {
        try factor.solved((features - mean).transposed(0, 1)).transposed(0, 1)
    }
}
