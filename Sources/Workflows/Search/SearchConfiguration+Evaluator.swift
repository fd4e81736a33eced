import Datasets
import Foundation
import Networks
import Supernets
import Torch
import Training

extension SearchConfiguration {
    /// What gives single paths statistics of their own, and evaluates paths on images, if there are any.
    ///
    /// - Parameters:
    ///   - supernet: whose paths.
    ///   - images: the batches [N, C, H, W] that are evaluated; nil for those of the statistics.
    ///   - policy: which statistics.
    ///   - learned: training images; those for the statistics are drawn from them, the same for every path and search.
    ///   - data: how images are prepared.
    ///   - precision: what forward passes compute in.
    ///   - device: where.
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
