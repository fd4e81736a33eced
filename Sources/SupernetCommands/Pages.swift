import Architectures
import Archives
import Experiments
import Foundation
import Rankings
import Reports
import Results
import Support
import Tasks
import Workflows

extension NetworkRun {
    /// The network as pages show it.
    func network() throws -> TrainedNetwork {
        let setup = training.setup
        return try TrainedNetwork(
            result, in: training.run.path, data: setup.task.data, decoding: setup.data.decoding,
            view: setup.data.evaluation, metrics: setup.task.metrics, classNames: setup.task.outputNames ?? [],
            epochs: setup.train.epochs)
    }

    /// Writes the page of the run, tells its result, and writes the page of the study that it is part of.
    ///
    /// - Returns: the path of the study's page.
    func writeReports(of study: Study, _ start: NetworkPhase.Start) throws -> String {
        let network = try network()
        try writeReport(network)
        say()
        return try study.writeReport(network, start)
    }

    /// Writes the page of the run.
    func writeReport(_ network: TrainedNetwork) throws {
        let setup = training.setup
        let configuration = try InputFile.readAll(training.run.configurationFile)
        try TrainingReport(
            network, isFound: setup.architecture != nil, source: setup.data.sourceWords,
            trainingImages: setup.task.data.train.count, batchSize: setup.train.batchSize,
            precision: setup.precision.rawValue, record: training.run.record,
            configuration: String(decoding: configuration, as: UTF8.self)
        ).write(to: reportFile)
    }
}

extension Study {
    /// Writes the page that shows the study: whatever phases are finished.
    ///
    /// - Parameters:
    ///   - network: the network that was found, and trained.
    ///   - start: where that training began.
    /// - Returns: the path of the page.
    func writeReport(_ network: TrainedNetwork, _ start: NetworkPhase.Start) throws -> String {
        let (training, search) = (SupernetTraining(self), ArchitectureSearch(self))
        var report = SearchReport(
            .init(
                space: options.space.name, method: options.method.name, source: options.data.sourceWords,
                trainingImages: task.data.train.count, evaluations: options.search.evaluations,
                score: options.search.score.rawValue, strategy: options.search.strategy.rawValue,
                budget: options.search.maxMacs), metrics: task.metrics)
        report.supernet = try training.stored()
        report.supernetLog = try MetricsLog.read(FilePath.join(training.folder, RunFolder.metricsName))
        report.probe = try LinearProbing(self).stored()
        if let found = try search.stored() {
            let description = try training.description()
            report.search = found
            report.entries = try ArchitectureArchive(existing: search.archiveFile).entries(in: description.space)
            report.architecture = try ArchitectureDiagram(
                of: found.architecture, in: description, imageSize: options.data.imageSize,
                head: task.networkHead(features: 0).linearOutputs, cost: found.cost)
        }
        (report.network, report.isFromScratch) = (network, start == .retrain)
        (report.command, report.configuration) = (CommandText.own, try Resolved(options).yaml())
        let page = FilePath.join(path, "report.html")
        try report.write(to: page)
        return page
    }
}

extension Adaptation {
    /// Writes the page of a finished adaptation.
    ///
    /// - Returns: the path of the page.
    func writeReport(_ result: Result, command: String) throws -> String {
        let name = URL(fileURLWithPath: options.data.source).lastPathComponent
        let fold = options.data.folds > 0 ? ", fold \(options.data.fold) of \(options.data.folds)" : ""
        let networks = try rows.compactMap { row in
            try result.outcomes[row].map {
                (
                    name: row,
                    network: try TrainedNetwork(
                        $0, in: folder(row), data: task.data, decoding: options.data.decoding,
                        view: options.data.evaluation, metrics: task.metrics)
                )
            }
        }
        let page = FilePath.join(path, "report.html")
        try AdaptationReport(
            result, networks: networks, title: "\(options.task.type.title) on \(name)\(fold)",
            isSynthetic: TaskSource.isSynthetic(options.data.source),
            subtitle: "from \(SourceNetwork.name(of: options.source)), "
                + "\(Console.grouped(task.data.train.count)) images to learn from",
            isUnsupervised: isUnsupervised, margin: options.caution > 0 ? options.margin : "",
            paths: AdaptedPath.all(result, in: supernet, imageSize: options.data.imageSize),
            budget: options.search.budget, command: command,
            configuration: Resolved(options).yaml()
        ).write(to: page)
        return page
    }
}

extension TransferComparison {
    /// The report of a finished comparison. The page of each of its adaptations is written on the way.
    ///
    /// - Throws: what reading the adaptations, and writing their pages, throws.
    func report(_ outcomes: [Outcome], command: String) throws -> TransferComparisonReport {
        let sections = try options.tasks.flatMap { target in
            try target.sources.compactMap { source -> TransferComparisonReport.Section? in
                let found = outcomes.filter { $0.task == target.name && $0.source == source }
                let adaptations = try found.compactMap { outcome in
                    try adaptation(outcome).map { (adaptation: $0, result: outcome.result) }
                }
                for (adaptation, result) in adaptations { _ = try adaptation.writeReport(result, command: command) }
                guard let first = adaptations.first?.adaptation else { return nil }
                return .init(
                    found, isSynthetic: target.isSynthetic ?? TaskSource.isSynthetic(first.options.data.source),
                    note: target.note ?? "", metrics: first.task.metrics, rows: first.rows)
            }
        }
        return TransferComparisonReport(sources: options.sources.map(\.name), sections: sections, command: command)
    }
}

extension RankingComparison {
    /// The report of a finished comparison.
    ///
    /// - Throws: `BenchmarkTableError`, `FileError`.
    func report(_ result: RankingComparisonResult, command: String) throws -> RankingComparisonReport {
        RankingComparisonReport(
            spaces: try options.spaces.map {
                .init($0.name, tablePath: $0.truth, table: try BenchmarkTable.read($0.truth))
            }, result: result, command: command)
    }
}
