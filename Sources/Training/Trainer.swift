import Datasets
import Experiments
import Foundation
import NN
import Torch

/// One step of learning, which is all that a loop repeats.
public struct TrainingStep {
    /// What computes gradients.
    public let method: any Method
    /// What moves the parameters of the method's store.
    public let optimizer: any Optimizer
    /// The common norm that gradients are scaled down to; 0 leaves them.
    public let clipNorm: Double

    /// A step of a method.
    public init(method: any Method, optimizer: any Optimizer, clipNorm: Double = 0) {
        (self.method, self.optimizer, self.clipNorm) = (method, optimizer, clipNorm)
    }

    /// Computes gradients, and moves the parameters.
    ///
    /// - Parameters:
    ///   - batch: images to learn from.
    ///   - step: the number of the step, from 0.
    ///   - learningRate: the rate of this step.
    /// - Throws: what method and optimiser throw.
    @discardableResult
    public func callAsFunction(_ batch: Batch, step: Int, learningRate: Double) throws -> StepOutcome {
        try method.store.clearGradients()
        let outcome = try method.computeGradients(batch, step: step)
        if clipNorm > 0 { try clipGradients(method.store.parameters.map(\.tensor), norm: clipNorm) }
        try optimizer.step(learningRate: learningRate)
        try method.didUpdate(step: step)
        return outcome
    }
}

/// Runs a method over a data set: owns the optimiser, the schedule, the log and the checkpoints.
///
/// The same run folder continues where it was killed, to the same result bit for bit: every random choice follows from
/// the seed and the step, and a checkpoint holds everything else.
public final class Trainer {
    /// The settings of the loop.
    public struct Options: Sendable {
        /// Passes over the training data.
        public var epochs: Int
        /// What the schedule's factor is multiplied by.
        public var learningRate: Double
        /// By step, over `epochs` times the batches of an epoch.
        public var schedule: Schedule
        /// Gradients are scaled down to this common norm; 0 leaves them.
        public var clipNorm = 0.0
        /// Steps between two rows of the log.
        public var logEvery = 50
        /// Steps between two checkpoints; one is also written at the end of every epoch that is evaluated.
        public var checkpointEvery = 200
        /// Epochs between two evaluations; the last epoch is always evaluated.
        public var evaluateEvery = 1
        /// Which checkpoints are kept; the best are those of the highest or lowest `criterion`.
        public var retention: CheckpointRetention
        /// The validation metric by which checkpoints are compared.
        public var criterion = "accuracy"
        /// What the line of progress calls it.
        public var phase = "train"
        /// What its settings are called where a user gives them.
        public var settings = SettingNames(section: "train")

        /// Unclipped, with the usual intervals.
        public init(epochs: Int, learningRate: Double, schedule: Schedule, retention: CheckpointRetention) {
            self.epochs = epochs
            self.learningRate = learningRate
            self.schedule = schedule
            self.retention = retention
        }
    }

    /// What a finished training leaves.
    public struct Summary: Sendable {
        /// Steps of the whole training, those before an interruption included.
        public var steps: Int
        /// Seconds of training, those before an interruption included.
        public var seconds: Double
        /// The last evaluation's metrics.
        public var validation: [String: Double]
    }

    /// What computes gradients and metrics.
    public let method: any Method
    /// What moves the parameters; its groups must be of the method's store.
    public let optimizer: any Optimizer
    /// The settings of the loop.
    public let options: Options
    /// What watches; its figures go into the log.
    public let instruments: [any Instrument]
    private let update: TrainingStep
    private let run: RunFolder?
    private let progress: ProgressReporter
    private var totals: RunningTotals
    private var seconds = 0.0
    private var validation: [String: Double] = [:]
    /// Whether there was a batch to learn from, before an interruption or after.
    private var hasLearned = false

    /// Sets up a training; nothing is read or written before `train`.
    ///
    /// - Parameters:
    ///   - method: what computes gradients and metrics.
    ///   - optimizer: what moves the parameters of the method's store.
    ///   - options: the settings of the loop.
    ///   - instruments: what watches the training; its figures go into the log.
    ///   - run: the folder of log, events and checkpoints; nil for a training in memory, which leaves nothing behind.
    ///   - progress: where progress is shown.
    /// - Throws: `TrainingError.badOption` for intervals below 1; `TorchError`.
    public init(
        method: any Method, optimizer: any Optimizer, options: Options, instruments: [any Instrument] = [],
        run: RunFolder?, progress: ProgressReporter = ProgressReporter()
    ) throws {
        for (name, value) in [
            ("epochs", options.epochs), ("logEvery", options.logEvery), ("checkpointEvery", options.checkpointEvery),
            ("evaluateEvery", options.evaluateEvery),
        ] where value < 1 {
            throw TrainingError.badOption(name, "must be at least 1, is \(value)")
        }
        self.method = method
        self.optimizer = optimizer
        self.options = options
        self.instruments = instruments
        update = TrainingStep(method: method, optimizer: optimizer, clipNorm: options.clipNorm)
        self.run = run
        self.progress = progress
        totals = try RunningTotals(device: method.store.device)
    }

    /// Trains to the end, or from the newest checkpoint of the run folder to the end.
    ///
    /// - Parameters:
    ///   - training: batches to learn from.
    ///   - validation: batches to evaluate on; never those of the test split.
    /// - Throws: `TrainingError.diverged`, `TrainingError.nothingToLearn`; what batches, method and files throw.
    public func train(on training: BatchLoader, validating validation: BatchLoader) throws -> Summary {
        guard let run else { return try trainInMemory(on: training) ?? Summary(steps: 0, seconds: 0, validation: [:]) }
        return try namingBatchSize(options.settings.batchSize) { try train(training, validation, run) }
    }

    /// Trains in memory, for networks that take seconds, of which many are needed. Nothing is evaluated or written, and what
    /// is learned is what a training in a folder learns with the same settings.
    ///
    /// - Parameters:
    ///   - training: batches to learn from.
    ///   - isCancelled: asked before each step.
    /// - Returns: nil if it was cancelled.
    /// - Throws: `TrainingError.diverged`, `TrainingError.nothingToLearn`; what batches and method throw.
    public func trainInMemory(on training: BatchLoader, isCancelled: () -> Bool = { false }) throws -> Summary? {
        try namingBatchSize(options.settings.batchSize) {
            let total = try steps(of: training)
            let began = ProgressReporter.uptime()
            let isWhole = try learn(from: 0, on: training, isCancelled: isCancelled) { step, _, hasEnded in
                guard hasEnded else { return }
                try refuseDivergence(step: step)
                _ = try totals.take()
            }
            let seconds = ProgressReporter.uptime() - began
            return isWhole ? Summary(steps: total, seconds: seconds, validation: [:]) : nil
        }
    }

    private func steps(of training: BatchLoader) throws -> Int {
        guard training.batchCount > 0 else {
            throw TrainingError.badOption(options.settings.batchSize, "leaves no whole batch in the training images")
        }
        guard training.largestBatch > 1 else { throw nothingToLearn(training) }
        return options.epochs * training.batchCount
    }

    /// The loop itself: from a step to the end of the last epoch.
    ///
    /// - Parameter done: called after each step with the number of finished steps, the learning rate of the last one, and
    ///   whether an epoch has ended.
    /// - Returns: false if it was cancelled.
    private func learn(
        from start: Int, on training: BatchLoader, isCancelled: () -> Bool = { false },
        done: (_ step: Int, _ learningRate: Double, _ hasEnded: Bool) throws -> Void
    ) throws -> Bool {
        let perEpoch = training.batchCount
        var step = start
        for epoch in start / perEpoch..<max(options.epochs, start / perEpoch) {
            let batches = try training.batches(epoch: epoch, from: step - epoch * perEpoch)
            while let batch = try batches.next() {
                guard !isCancelled() else { return false }
                let rate = options.learningRate * options.schedule.factor(Double(step))
                // A step that is passed over counts: schedule and random choices follow from its number.
                if batch.isLearnable {
                    try totals.add(update(batch, step: step, learningRate: rate), images: batch.count)
                    for instrument in instruments { try instrument.didUpdate(step: step) }
                    hasLearned = true
                }
                step += 1
                let hasEnded = step % perEpoch == 0
                guard hasLearned || !hasEnded else { throw nothingToLearn(training) }
                try done(step, rate, hasEnded)
            }
        }
        return true
    }

    private func train(_ training: BatchLoader, _ validation: BatchLoader, _ run: RunFolder) throws -> Summary {
        let perEpoch = training.batchCount
        let total = try steps(of: training)
        var checkpoint = try newestCheckpoint(run)
        let start = try checkpoint.map { try restore($0, of: total) } ?? 0
        checkpoint = nil
        let log = try MetricsLog(
            run.metricsFile, resumeStep: start > 0 ? start : nil)
        let events = try EventWriter(run.eventsFile, resume: start > 0 ? .afterStep(start) : .fromStart)
        var index = try CheckpointIndex(folder: run.checkpointsFolder, resumeStep: start)
        if let problem = index.problem { progress.print(problem) }
        if start > 0 { progress.print("continuing at step \(start) of \(total)") }

        var began = ProgressReporter.uptime()
        _ = try learn(from: start, on: training) { step, rate, hasEnded in
            let epoch = (step - 1) / perEpoch
            report(epoch: epoch, step: step, total: total, batchSize: training.options.batchSize)
            let isLogged = step % options.logEvery == 0 || step == total
            let isEvaluated =
                hasEnded && ((epoch + 1) % options.evaluateEvery == 0 || epoch + 1 == options.epochs)
            let isKept = isEvaluated || step % options.checkpointEvery == 0
            // Before anything is written down of it.
            if isLogged || isKept { try refuseDivergence(step: step) }
            if isLogged { try write(step: step, learningRate: rate, log, events) }
            if isEvaluated { try evaluate(on: validation, epoch: epoch, step: step, log, events) }
            guard isKept else { return }
            seconds += ProgressReporter.uptime() - began
            began = ProgressReporter.uptime()
            try log.sync()
            try events.sync()
            try save(step: step, to: index.path(step: step))
            try index.add(
                step: step, metric: isEvaluated ? self.validation[options.criterion] : nil,
                retention: options.retention)
        }
        progress.finish()
        return Summary(steps: total, seconds: seconds, validation: self.validation)
    }

    private func report(epoch: Int, step: Int, total: Int, batchSize: Int) {
        progress.update(
            ProgressState(
                phase: options.phase, epoch: epoch + 1, epochs: options.epochs, step: step, steps: total,
                loss: totals.shownLoss, accuracy: totals.shownAccuracy, imagesPerStep: batchSize))
    }

    /// Reads the sums, the one place between evaluations where the host waits for the device.
    private func write(step: Int, learningRate: Double, _ log: MetricsLog, _ events: EventWriter) throws {
        let means = try totals.take()
        var row = ["train/loss": means.loss, "train/learning-rate": learningRate]
        if let accuracy = means.accuracy { row["train/accuracy"] = accuracy }
        for instrument in instruments { row.merge(try instrument.measure(step: step)) { $1 } }
        try log.append(step: step, row)
        try events.scalars(row.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, step: step)
    }

    /// Weights that are no longer numbers must never become a checkpoint.
    private func refuseDivergence(step: Int) throws {
        try Divergence.refuse(
            loss: totals.loss(), state: method.state(), step: step, learningRate: rate(of: step),
            settings: options.settings)
    }

    /// Of the last of so many steps.
    private func rate(of step: Int) -> Double {
        options.learningRate * options.schedule.factor(Double(step - 1))
    }

    private func nothingToLearn(_ training: BatchLoader) -> TrainingError {
        .nothingToLearn(images: training.sampleCount, batchSize: options.settings.batchSize)
    }

    private func evaluate(
        on loader: BatchLoader, epoch: Int, step: Int, _ log: MetricsLog, _ events: EventWriter
    ) throws {
        validation = try method.evaluate(loader.batches(epoch: 0))
        if let bad = validation.keys.sorted().first(where: { validation[$0]?.isFinite == false }) {
            throw TrainingError.diverged(
                Divergence(.validation(bad), step: step, learningRate: rate(of: step), settings: options.settings))
        }
        let row = Dictionary(uniqueKeysWithValues: validation.map { ("validation/\($0.key)", $0.value) })
        try log.append(step: step, row)
        try events.scalars(row.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, step: step)
        let shown = validation.sorted { $0.key < $1.key }
            .map { "\($0.key) \(String(format: "%.4f", $0.value))" }.joined(separator: ", ")
        progress.print("epoch \(epoch + 1) of \(options.epochs): validation \(shown)")
    }
}

// MARK: - Checkpoints

extension Trainer {
    private func save(step: Int, to path: String) throws {
        var tensors = try method.state().map { (key: "method." + $0.key, tensor: $0.tensor) }
        tensors += try optimizer.state().map { (key: "optimizer." + $0.key, tensor: $0.tensor) }
        tensors += try totals.state().map { (key: "totals." + $0.key, tensor: $0.tensor) }
        for (number, instrument) in instruments.enumerated() {
            tensors += try instrument.state().map { (key: "instrument\(number)." + $0.key, tensor: $0.tensor) }
        }
        var metadata = ["step": String(step), "seconds": String(seconds), "learned": String(hasLearned)]
        for (name, value) in validation { metadata["validation.\(name)"] = String(value) }
        try Checkpoint.write(tensors, metadata: metadata, to: path)
    }

    /// The newest checkpoint that is whole, value by value. One that a full disk, a broken copy or a failing disk damaged is
    /// told of and passed over: training goes on from the one before it, to the same result.
    private func newestCheckpoint(_ run: RunFolder) throws -> SavedStep? {
        for file in try CheckpointFile.list(in: run.checkpointsFolder).reversed() {
            do {
                return try SavedStep(file)
            } catch  where SavedStep.isDamage(error) {
                progress.print(
                    "\(error)\nit is passed over: training goes on from the checkpoint before it, if there is one")
            }
        }
        return nil
    }

    private func restore(_ saved: SavedStep, of total: Int) throws -> Int {
        let checkpoint = saved.checkpoint
        guard saved.step <= total else {
            throw TrainingError.badCheckpoint(
                path: checkpoint.path, reason: "it says to be of step \(saved.step), and the training has \(total)")
        }
        try StateError.naming(checkpoint.path) {
            try method.load(checkpoint.tensors(under: "method."))
            try optimizer.load(checkpoint.tensors(under: "optimizer."))
            try totals.load(checkpoint.tensors(under: "totals."))
            for (number, instrument) in instruments.enumerated() {
                try instrument.load(checkpoint.tensors(under: "instrument\(number)."))
            }
        }
        seconds = saved.seconds
        // Earlier versions did not say.
        hasLearned = checkpoint.metadata["learned"] != "false"
        for (key, value) in checkpoint.metadata where key.hasPrefix("validation.") {
            validation[String(key.dropFirst("validation.".count))] = Double(value)
        }
        return saved.step
    }
}
