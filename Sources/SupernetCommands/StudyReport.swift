import Architectures
import Archives
import Datasets
import Experiments
import Foundation
import Reports
import Results
import Supernets
import Training
import Workflows

/// The page that shows a study: whatever phases are finished.
enum StudyReport {
    /// Writes it, and returns its path.
    ///
    /// - Parameters:
    ///   - study: whose page it is.
    ///   - run: the training of the found network.
    ///   - start: where that training began.
    static func write(_ study: Study, _ run: NetworkRun, _ start: NetworkPhase.Start) throws -> String {
        let path = study.path + "/report.html"
        var report = try make(study)
        try add(run, start, to: &report)
        try report.write(to: path)
        return path
    }

    private static func make(_ study: Study) throws -> SearchReport {
        let options = study.options
        let training = SupernetTraining(study)
        let search = ArchitectureSearch(study)
        var report = SearchReport(
            title: "\(options.space.name) on \(options.data.source)",
            subtitle: "\(options.method.name), \(Console.grouped(study.task.data.train.count)) training images, "
                + "\(options.search.evaluations) paths ranked by \(options.search.score.rawValue)")
        report.classNames = study.task.outputNames ?? []
        report.configuration = try Resolved(options).yaml()
        report.command = CommandText.own

        guard let supernet = try training.stored() else { return report }
        report.timings.append(.init("Supernet", seconds: supernet.seconds))
        let rows = try MetricsLog.read(training.folder + "/metrics.jsonl")
        let shifts = ["feature-shift", "parameter-shift", "sign-agreement"]
        let curves = TrainingCurves(rows: rows).curves
        report.supernet = TrainingCurves(curves.filter { !$0.name.contains("shift") && !shifts.contains($0.name) })
        report.shifts = TrainingCurves(curves.filter { shifts.contains($0.name) })
        if let probe = try LinearProbing(study).stored() {
            report.timings.append(.init("Probe", seconds: probe.seconds))
        }
        guard let found = try search.stored() else { return report }
        report.timings.append(.init("Search", seconds: found.seconds))
        report.architecture = try ArchitectureDiagram(
            of: found.architecture, in: training.description(), imageSize: options.data.imageSize,
            head: study.task.networkHead(features: 0).linearOutputs, cost: found.cost)
        report.history = try history(search, found, options.search)
        report.correlations = [
            found.tauParameters.map { RankCorrelation("Parameters", tau: $0) },
            found.tauMultiplyAdds.map { RankCorrelation("Multiply-adds", tau: $0) },
        ].compactMap { $0 }
        report.facts = [
            .init("parameters", Console.grouped(found.cost.parameters)),
            .init("multiply-adds", Console.grouped(found.cost.multiplyAdds)),
            .init("architectures", Profile.text(supernet.architectures)),
            .init("evaluated", Console.grouped(found.evaluations)),
        ]
        if let latency = found.latency { report.facts.append(.init("latency", String(format: "%.2f ms", latency))) }
        if let validation = found.validation {
            report.facts.append(.init("inherited, validation", StudySummary.text(validation, study.task.metrics)))
        }
        return report
    }

    /// The final network: its score, its training, what it gets right and wrong.
    private static func add(
        _ run: NetworkRun, _ start: NetworkPhase.Start, to report: inout SearchReport
    ) throws {
        let (training, result) = (run.training, run.result)
        report.timings.append(
            .init(start == .finetune ? "Fine-tuning" : "Training from scratch", seconds: result.seconds))
        report.score = run.reportScore.map {
            TrainingReport.Score(
                "\(result.test == nil ? "Validation" : "Test") accuracy", correct: $0.correct, count: $0.count)
        }
        report.facts += run.scoreFacts
        report.facts += LeftOut.facts(result.leftOut)
        let epochs = training.setup.train.epochs
        report.isFromScratch = start == .retrain
        report.fineTuning = TrainingCurves(
            rows: try MetricsLog.read(training.run.metricsFile),
            stepsPerEpoch: max(1, result.steps / max(1, epochs)))
        report.confusion = run.examples.first?.confusion ?? []
        (report.examples, report.mistakes) = try run.pictures()
    }

    private static func history(
        _ search: ArchitectureSearch, _ found: ArchitectureSearch.Result, _ options: SearchConfiguration
    ) throws -> SearchHistory {
        let space = try SupernetTraining(search.study).description().space
        let entries = try ArchitectureArchive(existing: search.archiveFile).entries(in: space)
        let first = entries.count { $0.round == 0 }
        return SearchHistory(
            entries.map {
                SearchHistory.Evaluation(
                    code: $0.architecture, score: $0.score, parameters: Int($0.costs["parameters"] ?? 0),
                    multiplyAdds: Int($0.costs["multiplyAdds"] ?? 0))
            },
            chosen: entries.firstIndex { $0.architecture == found.architecture.description }, budget: options.maxMacs,
            phases: [.init("random", count: first), .init(options.strategy.rawValue, count: entries.count - first)]
                .filter { $0.count > 0 },
            scoreName: scoreName(options.score, isAccuracy: search.isByAccuracy),
            scoreFormat: search.isByAccuracy ? .percent : .number)
    }

    /// What paths were ranked by, for the axis of a chart.
    private static func scoreName(_ score: SearchConfiguration.Score, isAccuracy: Bool) -> String {
        switch score {
        case .accuracy: isAccuracy ? "Validation accuracy" : "Validation score"
        case .contrastive: "Contrastive score"
        case .loss, .linearEvaluation, .finetune, .briefTraining: "Score by \(score.rawValue)"
        }
    }
}
