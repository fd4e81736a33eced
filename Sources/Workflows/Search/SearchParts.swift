import Architectures
import Datasets
import Experiments
import Foundation
import Networks
import Results
import SearchStrategies
import Supernets
import Support
import Torch
import Training

extension SearchConfiguration {
    /// Whether the strategy uses costs beside the score.
    var usesObjectives: Bool { (try? strategy.member.usesCosts) ?? false }

    /// Whether the search needs latencies.
    var needsLatency: Bool {
        maxLatencyMs != nil || latencyTable != nil || budgetRequests.contains { $0.quantity == .latency }
            || (usesObjectives && objectives.contains(.latency))
    }

    /// Creates the strategy, within a budget.
    ///
    /// - Parameters:
    ///   - space: the search space.
    ///   - seed: the seed of every random choice.
    ///   - check: the budget.
    ///   - beginning: the paths to evaluate first; those over the budget are left out.
    /// - Throws: `SpaceError.notInSpace` for an initial path of another space; `StrategyError` for settings out of
    ///   range; `NamedOptionsError` for a strategy that is not registered.
    func makeStrategy(
        _ space: SearchSpace, seed: UInt64, check: BudgetCheck, beginningWith beginning: [Architecture] = []
    ) throws -> any SearchStrategy {
        // The cheapest path gives a search under a tight budget somewhere to begin.
        let sampler = try ConstraintSampler(
            space, seed: seed,
            initial: beginning.filter { check.allows($0) } + (check.budget.isOpen ? [] : [check.cheapest])
        ) { check.allows($0) }
        return try strategy.member.init(
            SearchPlan(sampler, evaluations: evaluations, initial: initial, treeCandidates: treeCandidates))
    }
}

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
        over supernet: Supernet, scoring images: [Tensor]?, keepsMaps: Bool = false, policy: StatisticsPolicy,
        learned: any ImageDataset, data: DataConfiguration, precision: Precision, device: Device
    ) throws -> PathEvaluator {
        var recalibration: [Tensor] = []
        if policy == .recalibrate {
            let set = try DataConfiguration.sample(learned, recalibrationImages)
            recalibration = try data.tensors(set, batchSize: batchSize, device: device).map(\.images)
        }
        var options = PathEvaluator.Options()
        (options.policy, options.precision, options.keepsMaps) = (policy, precision, keepsMaps)
        // What is kept saves time and changes no score; a small machine needs its memory for other things.
        options.cacheLimit = min(cacheMegabytes << 20, Int(clamping: ProcessInfo.processInfo.physicalMemory / 4))
        return try PathEvaluator(
            supernet, recalibration: recalibration, validation: images ?? recalibration, options: options)
    }
}

extension SearchConfiguration {
    /// The latencies of all architectures; nil where the search does not need them. They are measured on this machine,
    /// or read from the file that the settings name, and stored, as a search that continues must use the same ones.
    ///
    /// - Parameters:
    ///   - supernet: the supernet whose paths are searched.
    ///   - imageSize: the size of the images, in pixels.
    ///   - file: the path where the latencies are stored.
    ///   - progress: the reporter that shows progress.
    /// - Throws: what measuring throws; `LatencyTableError` for a file that does not fit, or that changed since the search
    ///   began; `FileError`.
    func latencies(
        _ description: SupernetDescription, imageSize: ImageSize, device: Device, file: String,
        _ progress: ProgressReporter
    ) throws -> LatencyTable? {
        guard needsLatency else { return nil }
        let given = try givenLatencies(description, imageSize: imageSize)
        if let stored = try ResultFile.read(LatencyTable.self, file) {
            guard stored.isOf(description.space) else { throw ResultError.damaged(path: file) }
            guard try given.map({ try stored.isStored(as: $0) }) ?? true else {
                throw LatencyTableError(path: latencyTable ?? "", line: nil, .changed)
            }
            return stored
        }
        let table = try given ?? measured(description, imageSize: imageSize, device, progress)
        try ResultFile.write(table, to: file)
        return table
    }

    /// The latencies of the file that the settings name; nil where they name none.
    ///
    /// - Throws: `LatencyTableError` for a file that does not fit the space and the images; `FileError`.
    func givenLatencies(_ description: SupernetDescription, imageSize: ImageSize) throws -> LatencyTable? {
        guard let latencyTable else { return nil }
        return try BlockTimes.read(latencyTable, of: LatencyBlocks(description, imageSize: imageSize)).table
    }

    private func measured(
        _ description: SupernetDescription, imageSize: ImageSize, _ device: Device, _ progress: ProgressReporter
    ) throws -> LatencyTable {
        var options = LatencyMeter.Options()
        options.device = device
        let table = try LatencyMeter(description, imageSize: imageSize, options: options).table { share in
            progress.update(ProgressState(phase: "latency", step: Int(share * 100), steps: 100))
        }
        progress.finish()
        return table
    }
}

extension LatencyTable {
    /// Whether the table is what another one is once it was stored.
    fileprivate func isStored(as other: LatencyTable) throws -> Bool {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let stored = try JSONDecoder().decode(LatencyTable.self, from: encoder.encode(other))
        return try encoder.encode(self) == encoder.encode(stored)
    }
}
