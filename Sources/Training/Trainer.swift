import Datasets
import Distributed
import Experiments
import Foundation
import NN
import TensorFiles
import Torch

/// One step of training: gradients, clipping and the optimiser's update.
public struct TrainingStep {
    /// The training method, which computes gradients.
    public let method: any Method
    /// The optimiser of the parameters of the method's store.
    public let optimizer: any Optimizer
    /// The norm at which all gradients together are clipped; 0 for no clipping.
    public let clipNorm: Double
    /// The processes whose gradients are averaged; nil for one alone.
    public let ranks: Ranks?

    /// Creates a step.
    public init(method: any Method, optimizer: any Optimizer, clipNorm: Double = 0, ranks: Ranks? = nil) {
        (self.method, self.optimizer, self.clipNorm, self.ranks) = (method, optimizer, clipNorm, ranks)
    }

    /// Computes gradients and updates the parameters.
    ///
    /// - Parameters:
    ///   - batch: the training images.
    ///   - step: the number of the step, from 0.
    ///   - learningRate: the learning rate of this step.
    /// - Throws: what the method and the optimiser throw.
    @discardableResult
    public func callAsFunction(_ batch: Batch, step: Int, learningRate: Double) throws -> StepOutcome {
        try method.store.clearGradients()
        let outcome = try method.computeGradients(batch, step: step)
        try ranks?.averageGradients(method.store.parameters.map { ($0.key, $0.tensor) }, step: step)
        if clipNorm > 0 { try clipGradients(method.store.parameters.map(\.tensor), norm: clipNorm) }
        try optimizer.step(learningRate: learningRate)
        try method.didUpdate(step: step)
        return outcome
    }
}

/// Trains by a method: it owns the optimiser, the schedule, the log and the checkpoints.
///
/// A training that was killed continues in the same run folder, to the same result bit for bit: every random choice
/// follows from the seed and the step, and a checkpoint holds everything else.
///
/// Several processes train together where the trainer is given ranks. All call `train` with loaders of their shares of the same
/// batches; rank 0 has the run folder, evaluates and writes, while the others wait for it.
public final class Trainer {
    /// The settings of the loop.
    public struct Options: Sendable {
        /// The number of passes over the training data.
        public var epochs: Int
        /// The learning rate by which the schedule's factor is multiplied.
        public var learningRate: Double
        /// The factor of the learning rate at each step, over `epochs` times the batches of an epoch.
        public var schedule: Schedule
        /// The norm at which all gradients together are clipped; 0 for no clipping.
        public var clipNorm = 0.0
        /// The number of steps between two rows of the log.
        public var logEvery = 50
        /// The number of steps between two checkpoints; one is also written at the end of every epoch that is
        /// evaluated.
        public var checkpointEvery = 200
        /// The number of epochs between two evaluations; the last epoch is always evaluated.
        public var evaluateEvery = 1
        /// The rule by which checkpoints are kept; the best are those with the highest or lowest `criterion`.
        public var retention: CheckpointRetention
        /// The validation metric by which checkpoints are compared.
        public var criterion = "accuracy"
        /// The name of the phase in the progress line.
        public var phase = "train"
        /// The keys by which a user sets these options, for messages.
        public var settings = SettingNames(section: "train")

        /// Creates options without clipping, with the default intervals.
        public init(epochs: Int, learningRate: Double, schedule: Schedule, retention: CheckpointRetention) {
            self.epochs = epochs
            self.learningRate = learningRate
            self.schedule = schedule
            self.retention = retention
        }
    }

    /// The summary of a finished training.
    public struct Summary: Sendable {
        /// The number of steps of the whole training, including those before an interruption.
        public var steps: Int
        /// The seconds of training, including those before an interruption.
        public var seconds: Double
        /// The metrics of the last evaluation.
        public var validation: [String: Double]
    }

    /// The training method, which computes gradients and metrics.
    public let method: any Method
    /// The optimiser, whose groups must be of the method's store.
    public let optimizer: any Optimizer
    /// The settings of the loop.
    public let options: Options
    /// The observers of the training, whose figures go into the log.
    public let instruments: [any Instrument]
    private let update: TrainingStep
    private let run: RunFolder?
    private let ranks: Ranks?
    private let progress: ProgressReporter
    private var totals: RunningTotals
    private var seconds = 0.0
    private var validation: [String: Double] = [:]
    /// Whether a step has been taken, before an interruption or after.
    private var hasLearned = false

    /// Sets up a training. Nothing is read or written before `train` is called.
    ///
    /// - Parameters:
    ///   - method: the training method, which computes gradients and metrics.
    ///   - optimizer: the optimiser of the parameters of the method's store.
    ///   - options: the settings of the loop.
    ///   - instruments: the observers of the training, whose figures go into the log.
    ///   - run: the folder of log, events and checkpoints; nil for a training in memory, which leaves nothing behind.
    ///   - ranks: the processes that train together; nil for one alone.
    ///   - progress: the reporter that shows progress.
    /// - Throws: `TrainingError.badOption` for intervals below 1; `TorchError`.
    public init(
        method: any Method, optimizer: any Optimizer, options: Options, instruments: [any Instrument] = [],
        run: RunFolder?, ranks: Ranks? = nil, progress: ProgressReporter = ProgressReporter()
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
        update = TrainingStep(method: method, optimizer: optimizer, clipNorm: options.clipNorm, ranks: ranks)
        (self.run, self.ranks) = (run, ranks)
        self.progress = progress
        // What the training is part of has a record of its own.
        if let run, progress.record == nil { progress.record = run.progressFile }
        totals = try RunningTotals(device: method.store.device)
    }

    /// Trains to the end, from the newest checkpoint of the run folder where there is one.
    ///
    /// - Parameters:
    ///   - training: the batches to learn from.
    ///   - validation: the batches to evaluate on, which must not be those of the test split.
    /// - Throws: `TrainingError.diverged`, `TrainingError.nothingToLearn`; what reading batches, the method or writing
    ///   files throws.
    public func train(on training: BatchLoader, validating validation: BatchLoader) throws -> Summary {
        guard run != nil || ranks != nil else {
            return try trainInMemory(on: training) ?? Summary(steps: 0, seconds: 0, validation: [:])
        }
        return try namingBatchSize(options.settings.batchSize) { try train(training, validation) }
    }

    /// Trains in memory, for many networks that take seconds each. Nothing is evaluated or written; the result is that
    /// of a training in a folder with the same settings.
    ///
    /// - Parameters:
    ///   - training: the batches to learn from.
    ///   - isCancelled: a closure that is called before each step and stops the training by returning true.
    /// - Returns: the summary; nil if the training was cancelled.
    /// - Throws: `TrainingError.diverged`, `TrainingError.nothingToLearn`; what reading batches or the method throws.
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

    /// Runs the steps from `start` to the end of the last epoch.
    ///
    /// - Parameter done: a closure that is called after each step with the number of finished steps, the learning rate
    ///   of the last one, and whether an epoch has ended.
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
                let images = batch.isLearnable ? batch.count : 0
                if try ranks?.begin(step: step, images: images) ?? (images > 0) {
                    let outcome =
                        try ranks?.perform("step \(step)") { try update(batch, step: step, learningRate: rate) }
                        ?? update(batch, step: step, learningRate: rate)
                    try totals.add(outcome, images: batch.count)
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

    private func train(_ training: BatchLoader, _ validation: BatchLoader) throws -> Summary {
        let perEpoch = training.batchCount
        let total = try steps(of: training)
        let start = try begin(total)
        let journal = try run.map { try Journal($0, from: start) }
        if let problem = journal?.index.problem { progress.print(problem) }
        if start > 0, journal != nil { progress.print("continuing at step \(start) of \(total)") }

        var began = ProgressReporter.uptime()
        _ = try learn(from: start, on: training) { step, rate, hasEnded in
            let epoch = (step - 1) / perEpoch
            report(epoch: epoch, step: step, total: total, batchSize: training.options.batchSize)
            let isLogged = step % options.logEvery == 0 || step == total
            let isEvaluated =
                hasEnded && ((epoch + 1) % options.evaluateEvery == 0 || epoch + 1 == options.epochs)
            let isKept = isEvaluated || step % options.checkpointEvery == 0
            guard isLogged || isKept else { return }
            try totals.gather(ranks)
            // Before anything is written down of it.
            try refuseDivergence(step: step)
            if isLogged { try log(step: step, learningRate: rate, journal) }
            if isEvaluated { try alone { try evaluate(on: validation, epoch: epoch, step: step, journal) } }
            guard isKept else { return }
            seconds += ProgressReporter.uptime() - began
            began = ProgressReporter.uptime()
            guard let journal else { return }
            try journal.sync()
            try save(step: step, to: journal.index.path(step: step))
            try journal.index.add(
                step: step, metric: isEvaluated ? self.validation[options.criterion] : nil,
                retention: options.retention)
        }
        progress.finish()
        return Summary(steps: total, seconds: seconds, validation: self.validation)
    }

    /// What a run writes as it goes.
    private final class Journal {
        let metrics: MetricsLog
        let events: EventWriter
        var index: CheckpointIndex

        init(_ run: RunFolder, from start: Int) throws {
            metrics = try MetricsLog(run.metricsFile, resumeStep: start > 0 ? start : nil)
            events = try EventWriter(run.eventsFile, resume: start > 0 ? .afterStep(start) : .fromStart)
            index = try CheckpointIndex(folder: run.checkpointsFolder, resumeStep: start)
        }

        func append(step: Int, _ row: [String: Double]) throws {
            try metrics.append(step: step, row)
            try events.scalars(row.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, step: step)
        }

        func sync() throws {
            try metrics.sync()
            try events.sync()
        }
    }

    /// Does what one process does for all.
    private func alone(_ body: () throws -> Void) throws {
        guard let ranks else { return try body() }
        _ = try ranks.alone(body)
    }

    /// The number of steps that are done already: those of the newest checkpoint, which all processes take from rank 0.
    private func begin(_ total: Int) throws -> Int {
        var checkpoint = try run.flatMap { try newestCheckpoint($0) }
        var start = try checkpoint.map { try restore($0, of: total) } ?? 0
        checkpoint = nil
        guard let ranks else { return start }
        try ranks.compare("number of parameters", "\(method.store.parameterCount)")
        try ranks.compare("number of steps", "\(total)")
        let text = try ranks.shared("\(start) \(hasLearned)").split(separator: " ")
        let (state, moments) = (try ranks.shared(method.state()), try ranks.shared(optimizer.state()))
        guard !ranks.isFirst else { return start }
        try method.load(state)
        start = text.first.flatMap { Int($0) } ?? 0
        hasLearned = text.last == "true"
        // Before the first step there is nothing of it.
        if start > 0 { try optimizer.load(moments) }
        return start
    }

    private func report(epoch: Int, step: Int, total: Int, batchSize: Int) {
        progress.update(
            ProgressState(
                phase: options.phase, epoch: epoch + 1, epochs: options.epochs, step: step, steps: total,
                loss: totals.shownLoss, accuracy: totals.shownAccuracy, imagesPerStep: batchSize))
    }

    /// Writes a row of the log. Reading the sums is the only place between evaluations where the host waits for the
    /// device.
    private func log(step: Int, learningRate: Double, _ journal: Journal?) throws {
        let means = try totals.take()
        guard let journal else { return }
        var row = ["train/loss": means.loss, "train/learning-rate": learningRate]
        if let accuracy = means.accuracy { row["train/accuracy"] = accuracy }
        for instrument in instruments { row.merge(try instrument.measure(step: step)) { $1 } }
        try journal.append(step: step, row)
    }

    /// Checks that the loss and all tensors are finite, so that a diverged training never becomes a checkpoint.
    private func refuseDivergence(step: Int) throws {
        try Divergence.refuse(
            loss: totals.loss(), state: method.state(), step: step, learningRate: rate(of: step),
            settings: options.settings)
    }

    /// The learning rate of the last of the finished steps.
    private func rate(of step: Int) -> Double {
        options.learningRate * options.schedule.factor(Double(step - 1))
    }

    private func nothingToLearn(_ training: BatchLoader) -> TrainingError {
        .nothingToLearn(images: training.sampleCount, batchSize: options.settings.batchSize)
    }

    private func evaluate(on loader: BatchLoader, epoch: Int, step: Int, _ journal: Journal?) throws {
        validation = try method.evaluate(loader.batches(epoch: 0))
        if let bad = validation.keys.sorted().first(where: { validation[$0]?.isFinite == false }) {
            throw TrainingError.diverged(
                Divergence(.validation(bad), step: step, learningRate: rate(of: step), settings: options.settings))
        }
        try journal?.append(
            step: step, Dictionary(uniqueKeysWithValues: validation.map { ("validation/\($0.key)", $0.value) }))
        // The score is mostly one of the metrics, whose name says more.
        let isNamed = validation.contains { $0.key != "score" && $0.value == validation["score"] }
        let shown = validation.filter { $0.key != "score" || !isNamed }.sorted { $0.key < $1.key }
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

    /// The newest undamaged checkpoint. A damaged one is reported and skipped: training continues from the one before
    /// it, to the same result.
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

/// A checkpoint of a training that was read and found to be complete.
struct SavedStep {
    /// The tensors of the checkpoint, all finite and with the right checksums.
    let checkpoint: Checkpoint
    /// The number of finished steps when it was written.
    let step: Int
    /// The seconds of training until then.
    let seconds: Double

    /// Reads a checkpoint.
    ///
    /// - Throws: an error for which ``isDamage(_:)`` is true if the file is damaged; any other error is one of the
    ///   machine.
    init(_ file: CheckpointFile) throws {
        checkpoint = try Checkpoint.readWeights(file.path)
        guard let step = checkpoint.metadata["step"].flatMap(Int.init), step == file.step,
            let seconds = checkpoint.metadata["seconds"].flatMap(Double.init), seconds.isFinite, seconds >= 0
        else {
            throw TrainingError.badCheckpoint(
                path: file.path, reason: "it does not say that it was written at the step of its name")
        }
        (self.step, self.seconds) = (step, seconds)
    }

    /// Whether an error means that the file is damaged, so that an older checkpoint may take its place.
    static func isDamage(_ error: any Error) -> Bool {
        switch error {
        case let error as TensorFileError:
            !error.problems.contains { if case .system = $0.fault { true } else { false } }
        case is CheckpointError, TrainingError.badCheckpoint: true
        default: false
        }
    }
}
