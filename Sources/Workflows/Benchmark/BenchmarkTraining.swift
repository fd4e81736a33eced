import Architectures
import Datasets
import Experiments
import Rankings
import Results
import Support
import Tasks
import Torch
import Training

/// Builds or extends a benchmark table: draws architectures uniformly, trains each of them alone with several seeds,
/// and writes a row for each training. Call the value to run it, or to continue an interrupted run; a row depends only
/// on its architecture, its seed and the settings.
public struct BenchmarkTraining {
    /// The name of the table in its folder.
    public static let tableName = "truth.csv"

    /// The settings of the table.
    public let options: BenchmarkConfiguration
    /// The images: the training split, and the half of the validation split that networks are scored on.
    public let data: OpenedDataset
    /// The folder of the table.
    public let run: RunFolder
    /// The search space as a supernet.
    public let description: SupernetDescription
    private let progress: ProgressReporter
    /// The record of the images, which the folder keeps.
    public let record: DataRecord

    /// Sets up a table. Nothing is trained before it is called.
    ///
    /// - Parameters:
    ///   - options: the settings of the table.
    ///   - data: the images.
    ///   - run: the folder of the table.
    ///   - progress: the reporter that shows progress.
    ///   - changedData: the policy for images that differ from those that the table began with.
    /// - Throws: `SpaceError`; what splitting throws if there are too few images.
    public init(
        options: BenchmarkConfiguration, data: OpenedDataset, run: RunFolder, progress: ProgressReporter,
        changedData: ChangedDataPolicy = .refused
    ) throws {
        var options = options
        self.run = run
        self.progress = progress
        let split = try options.data.withValidation(data)
        options.data = try options.data.prepared(for: split.train)
        self.options = options
        let channels = try options.data.evaluationLoader(split.train).imageShape[0]
        description = try options.space.description(channels: channels)
        guard let validation = split.validation else { throw TrainingError.nothingToScore }
        let halves = try ValidationHalves(validation)
        self.data = OpenedDataset(layout: split.layout, train: split.train, validation: halves.truth)
        record = DataRecord(
            folder: run.path, of: split, root: options.data.source, changes: changedData)
    }

    /// The path of the table.
    public var tableFile: String { run.path + "/" + Self.tableName }

    /// One training of an architecture.
    struct Job: Sendable, Hashable {
        var architecture: Architecture
        var seed: Int
        var half: BenchmarkRow.Half

        init(_ architecture: Architecture, seed: Int, half: BenchmarkRow.Half) {
            (self.architecture, self.seed, self.half) = (architecture, seed, half)
        }

        init(_ row: BenchmarkRow) { self.init(row.architecture, seed: row.seed, half: row.half) }
    }

    /// The trainings of the table in their order: the first of each architecture, then the second, and so on.
    func jobs() -> [Job] {
        var generator = SeededGenerator(seed: options.seed, RandomStream.table)
        var drawn: [Architecture] = []
        var known: Set<Architecture> = []
        let wanted = min(Double(options.architectures), description.space.size)
        while Double(drawn.count) < wanted {
            let next = description.space.random(using: &generator)
            if known.insert(next).inserted { drawn.append(next) }
        }
        let most = options.repeated > 0 ? max(options.seeds, options.repeatedSeeds) : options.seeds
        return (1...most).flatMap { seed in
            drawn.enumerated().filter { seed <= options.seeds || $0.offset < options.repeated }.map { number, drawn in
                Job(drawn, seed: seed, half: number.isMultiple(of: 2) ? .choose : .report)
            }
        }
    }

    /// Runs the trainings that the table lacks, and computes the zero-cost proxies of its architectures.
    ///
    /// - Parameter workers: the number of trainings at a time, each with one thread.
    /// - Returns: the table.
    /// - Throws: `ChangedDataError` if the images differ from those that the table began with; what training throws;
    ///   `FileError` if the table cannot be written. Finished rows are kept.
    public func callAsFunction(workers: Int) throws -> BenchmarkTable {
        try record.open(told: { progress.print("the images changed: \($0)") })
        let stored = FilePath.exists(tableFile) ? try BenchmarkTable.read(tableFile).rows : []
        try BenchmarkTable(stored).validate(description.space, path: tableFile)
        let jobs = jobs()
        var rows = stored
        let known = Set(stored.map { Job($0) })
        let pending = jobs.filter { !known.contains($0) }
        let costs = try CostTable(
            description, imageSize: options.data.imageSize, classes: data.classNames.count)
        func report() {
            progress.update(
                ProgressState(
                    phase: "truth", step: jobs.count - pending.count + rows.count - stored.count, steps: jobs.count))
        }
        report()
        let (options, data, description) = (options, data, description)
        try WorkerPool.run(pending, workers: workers) { job, isStopped in
            try Self.train(job, options, data, description, isStopped: isStopped)
        } finished: { job, outcome in
            rows.append(BenchmarkRow(job, outcome, costs.cost(of: job.architecture)))
            try table(rows, order: jobs).write(to: tableFile)
        } waiting: {
            report()
        }
        progress.finish()
        let made = table(rows, order: jobs)
        let proxies = run.path + "/" + ProxyScores.fileName
        if try ProxyScores.read(proxies)?.covers(made) != true {
            try ProxyScores.measure(
                made.entries.map(\.architecture), description, data: data, options: options.data, progress: progress
            ).write(to: proxies)
        }
        return made
    }

    /// Trains one architecture once, whether the table has the row or not. The table is not changed.
    ///
    /// - Parameters:
    ///   - architecture: an architecture of the space.
    ///   - seed: the number of the training, from 1.
    /// - Throws: `SpaceError.notInSpace`; what training throws.
    public func row(_ architecture: Architecture, seed: Int) throws -> BenchmarkRow {
        try description.space.validate(architecture)
        let (options, data, description) = (options, data, description)
        let half = jobs().first { $0.architecture == architecture }?.half ?? .report
        let cost = try CostTable(description, imageSize: options.data.imageSize, classes: data.classNames.count)
            .cost(of: architecture)
        var made: BenchmarkRow?
        try WorkerPool.run([Job(architecture, seed: seed, half: half)], workers: 1) { job, isStopped in
            try Self.train(job, options, data, description, isStopped: isStopped)
        } finished: { job, outcome in
            made = BenchmarkRow(job, outcome, cost)
        } waiting: {
        }
        guard let made else { throw TrainingError.nothingToScore }
        return made
    }

    /// Sorts rows in the order in which architectures were drawn.
    private func table(_ rows: [BenchmarkRow], order: [Job]) -> BenchmarkTable {
        let positions = Dictionary(
            order.enumerated().map { ($1.architecture, $0) }, uniquingKeysWith: { first, _ in first })
        func place(_ row: BenchmarkRow) -> Int { positions[row.architecture] ?? Int.max }
        return BenchmarkTable(rows.sorted { (place($0), $0.seed) < (place($1), $1.seed) })
    }

    /// Trains one architecture once; nil if it was stopped.
    private static func train(
        _ job: Job, _ options: BenchmarkConfiguration, _ data: OpenedDataset, _ description: SupernetDescription,
        isStopped: () -> Bool
    ) throws -> Outcome? {
        guard let validation = data.validation else { throw TrainingError.nothingToScore }
        let setup = NetworkSetup(
            task: ClassificationTask(data), layer: try description.fixed(to: job.architecture),
            channels: description.channels, data: options.data, train: options.train, precision: options.precision,
            device: try .configured(options.device),
            seeds: .brief(SeededGenerator(seed: UInt64(job.seed), RandomStream.tableTraining).state))
        return try setup.trainBriefly(
            on: setup.loader(), scoring: options.data.evaluationLoader(validation), isCancelled: isStopped
        ).map { Outcome(score: $0.score, seconds: $0.seconds) }
    }

    /// The outcome of one training.
    struct Outcome: Sendable {
        var score: Score
        var seconds: Double
    }
}

extension BenchmarkRow {
    fileprivate init(_ job: BenchmarkTraining.Job, _ outcome: BenchmarkTraining.Outcome, _ cost: Cost) {
        self.init(
            architecture: job.architecture, seed: job.seed, accuracy: outcome.score.value,
            loss: outcome.score.metrics["loss"] ?? .nan, parameters: cost.parameters,
            multiplyAdds: cost.multiplyAdds, seconds: (outcome.seconds * 100).rounded() / 100, half: job.half)
    }
}

/// The two halves of a validation split: benchmark tables are measured on one and rankings on the other, so that no
/// image counts on both sides.
struct ValidationHalves {
    /// The images that rankings are made with.
    let ranking: any ImageDataset
    /// The images that benchmark tables are measured on.
    let truth: any ImageDataset

    /// Splits validation images in halves.
    ///
    /// - Throws: `TrainingError.tooFewImages` if no class has two images.
    init(_ validation: any ImageDataset) throws {
        guard let split = try? stratifiedSplit(of: validation, validationFraction: 0.5, seed: RandomStream.table) else {
            throw TrainingError.tooFewImages(
                found: validation.count, needed: 2,
                purpose: "of one class to validate on, so that one half is for truths and the other for rankings",
                advice: "give more images, or raise `data.validation-fraction`")
        }
        (ranking, truth) = (split.train, split.validation)
    }
}
