import Datasets
import Foundation
import Networks
import Supernets
import Torch
import Training

extension SearchConfiguration {
    /// Creates an evaluator that recalibrates paths and evaluates them on images, if there are any.
    ///
    /// - Parameters:
    ///   - supernet: the supernet whose paths are evaluated.
    ///   - images: the batches [N, C, H, W] that are evaluated; nil for those of the recalibration.
    ///   - policy: the batch-norm statistics.
    ///   - learned: the training images, from which those for the recalibration are drawn, the same for every path and
    ///     search.
    ///   - data: the settings by which images are prepared.
    ///   - precision: the precision of forward passes.
    ///   - device: the device that computes.
    /// - Throws: what decoding the images throws.
    func evaluator(
        over supernet: Supernet, scoring images: [Tensor]?, policy: StatisticsPolicy, learned: any ImageDataset,
        data: DataConfiguration, precision: Precision, device: Device
    ) throws -> PathEvaluator {
        var recalibration: [Tensor] = []
        if policy == .recalibrate {
            let set = try DataConfiguration.sample(learned, recalibrationImages)
            recalibration = try data.tensors(set, batchSize: batchSize, device: device).map(\.images)
        }
        var options = PathEvaluator.Options()
        (options.policy, options.precision) = (policy, precision)
        // What is kept saves time and changes no score; a small machine needs its memory for other things.
        options.cacheLimit = min(cacheMegabytes << 20, Int(clamping: ProcessInfo.processInfo.physicalMemory / 4))
        return try PathEvaluator(
            supernet, recalibration: recalibration, validation: images ?? recalibration, options: options)
    }
}
