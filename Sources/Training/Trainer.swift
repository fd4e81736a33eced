import Datasets
import Experiments
import Foundation
import NN
import Torch

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
    private let run: RunFolder
    private let progress: ProgressReporter
    private var totals: RunningTotals
    private var seconds = 0.0
    private var validation: [String: Double] = [:]
    /// Whether there was a batch to learn from, before an interruption or after.
    private var hasLearned = false

    /// Nothing is read or written before `train`.
    public init(
        method: any Method, optimizer: any Optimizer, options: Options, instruments: [any Instrument] = [],
        run: RunFolder, progress: ProgressReporter = ProgressReporter()
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
        try namingBatchSize(options.settings.batchSize) { try run(training, validation) }
    }

    private func run(_ training: BatchLoader, _ validation: BatchLoader) throws -> Summary {
        let perEpoch = training.batchCount
        guard perEpoch > 0 else {
            throw TrainingError.badOption(options.settings.batchSize, "leaves no whole batch in the training images")
        }
        guard training.largestBatch > 1 else { throw nothingToLearn(training) }
        let total = options.epochs * perEpoch
        var checkpoint = try newestCheckpoint()
        let start = try checkpoint.map { try restore($0, of: total) } ?? 0
        checkpoint = nil
        let log = try MetricsLog(
            run.metricsFile, resumeStep: start > 0 ? start : nil)
        let events = try EventWriter(run.eventsFile, resume: start > 0 ? .afterStep(start) : .fromStart)
        var index = try CheckpointIndex(folder: run.checkpointsFolder, resumeStep: start)
        if let problem = index.problem { progress.print(problem) }
        if start > 0 { progress.print("continuing at step \(start) of \(total)") }

        var began = ProgressReporter.uptime()
        var step = start
        for epoch in start / perEpoch..<max(options.epochs, start / perEpoch) {
            let batches = try training.batches(epoch: epoch, from: step - epoch * perEpoch)
            while let batch = try batches.next() {
                let rate = options.learningRate * options.schedule.factor(Double(step))
                // A step that is passed over counts: schedule and random choices follow from its number.
                if batch.isLearnable {
                    try update(batch, step: step, learningRate: rate)
                    hasLearned = true
                }
                step += 1
                report(epoch: epoch, step: step, total: total, batchSize: training.options.batchSize)
                let ended = step % perEpoch == 0
                guard hasLearned || !ended else { throw nothingToLearn(training) }
                let logged = step % options.logEvery == 0 || step == total
                let evaluated = ended && ((epoch + 1) % options.evaluateEvery == 0 || epoch + 1 == options.epochs)
                let kept = evaluated || step % options.checkpointEvery == 0
                // Before anything is written down of it.
                if logged || kept { try refuseDivergence(step: step) }
                if logged { try write(step: step, learningRate: rate, log, events) }
                if evaluated {
                    try evaluate(on: validation, epoch: epoch, step: step, log, events)
                }
                if kept {
                    seconds += ProgressReporter.uptime() - began
                    began = ProgressReporter.uptime()
                    try log.sync()
                    try events.sync()
                    try save(step: step, to: index.path(step: step))
                    try index.add(
                        step: step, metric: evaluated ? self.validation[options.criterion] : nil,
                        retention: options.retention)
                }
            }
        }
        progress.finish()
        return Summary(steps: step, seconds: seconds, validation: self.validation)
    }

    private func update(_ batch: Batch, step: Int, learningRate: Double) throws {
        try method.store.clearGradients()
        let outcome = try method.computeGradients(batch, step: step)
        if options.clipNorm > 0 {
            try clipGradients(method.store.parameters.map(\.tensor), norm: options.clipNorm)
        }
        try optimizer.step(learningRate: learningRate)
        try method.didUpdate(step: step)
        for instrument in instruments { try instrument.didUpdate(step: step) }
        try totals.add(outcome, images: batch.count)
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
    private func newestCheckpoint() throws -> SavedStep? {
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
