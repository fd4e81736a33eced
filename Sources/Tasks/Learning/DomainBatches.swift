import Datasets
import Torch
import Training

extension Batch {
    /// What a network gives for the batch, each part that is normalised for itself run apart.
    ///
    /// - Parameters:
    ///   - normalization: the task's.
    ///   - device: where the network is.
    ///   - network: [N, C, H, W] to [N, F].
    func features(
        _ normalization: TaskNormalization, on device: Device, _ network: (Tensor) throws -> Tensor
    ) throws -> Tensor {
        let images = try images(on: device)
        guard case .byDomain(let first, _) = normalization else { return try network(images) }
        let source = indices.prefix(count).count { $0 < first }
        // Batch norm has no statistics of a single image.
        guard source > 1, count - source > 1 else { return try network(images) }
        return try .concatenated(
            images.split([source, count - source]).map { try network($0.contiguous(.channelsLast)) })
    }
}
