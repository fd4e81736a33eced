import Architectures
import Datasets
import Experiments
import Foundation
import Metrics
import Reports
import Results
import Tasks
import Workflows

/// The result of an adaptation as a page.
struct AdaptationPage {
    let adaptation: Adaptation
    let result: Adaptation.Result
    let command: String

    /// Mistakes and faces on the page.
    private static let mostPictures = 24

    /// - Returns: Path of the page.
    func write() throws -> String {
        let page = adaptation.path + "/report.html"
        try report().write(to: page)
        return page
    }

    private func report() throws -> AdaptationReport {
        let options = adaptation.options
        let rows = AdaptationRows(results: [result], metrics: adaptation.task.metrics, names: adaptation.rows)
        let name = URL(fileURLWithPath: options.data.source).lastPathComponent
        let joint = result.outcomes[Adaptation.joint]
        var report = AdaptationReport(
            title: "\(options.task.type.title) on \(name)",
            isSynthetic: TaskSource.isSynthetic(options.data.source),
            subtitle:
                "from \(SourceNetwork.name(of: options.source)), \(Console.grouped(adaptation.task.data.train.count)) images to learn from",
            verdict: verdict(rows),
            metrics: rows.shownMetrics, rows: rows.rows, command: command,
            configuration: try Resolved(options).yaml())
        report.facts = [
            .init("paths compared", Console.grouped(result.evaluations)),
            .init("compared by", adaptation.isUnsupervised ? "linear evaluation" : "a shared head"),
        ]
        if options.caution > 0 { report.facts.append(.init("luck in the choice", options.margin)) }
        if let joint {
            report.facts += [
                .init("parameters", Console.grouped(joint.cost.parameters)),
                .init("multiply-adds", Console.grouped(joint.cost.multiplyAdds)),
            ]
        }
        report.facts += LeftOut.facts(result.leftOut)
        report.path = try path()
        report.examples = try examples()
        for row in adaptation.rows {
            guard let outcome = result.outcomes[row] else { continue }
            report.timings.append(.init(row, seconds: outcome.seconds))
            let rows = try MetricsLog.read(FilePath.join(adaptation.folder(row), "metrics.jsonl"))
            report.phases.append(.init(row, curves: TrainingCurves(rows: rows)))
        }
        return report
    }

    /// The first metric of the method and of the usual transfer.
    private func verdict(_ rows: AdaptationRows) -> String {
        let part = rows.isTest ? "on test images, read once" : "on validation images"
        guard let metric = rows.shownMetrics.first else { return "" }
        let values = rows.rows.filter { $0.kind == .joint || $0.kind == .weightsOnly }.compactMap { row in
            row.values[metric.name]?.first.map { value in
                let text = metric.unit == .years ? Console.text(value, .quantity("years")) : Console.percent(value)
                return "\(row.name) \(text)"
            }
        }
        return "\(metric.name) \(part): \(values.joined(separator: ", "))."
            + (values.count > 1 ? " One seed says little of a difference; a study over seeds does." : "")
    }

    private func path() throws -> AdaptedPath {
        let description = adaptation.supernet
        func diagram(_ architecture: Architecture) throws -> ArchitectureDiagram {
            try ArchitectureDiagram(
                of: architecture, in: description, imageSize: adaptation.options.data.imageSize, cost: Cost())
        }
        return AdaptedPath(source: try diagram(result.sourcePath), adapted: try diagram(result.path))
    }

    // MARK: - Examples

    private var scored: (any ImageDataset)? { adaptation.task.data.test ?? adaptation.task.data.validation }

    private func image(_ place: Int) throws -> Image? {
        guard let scored, (0..<scored.count).contains(place) else { return nil }
        return try scored.image(at: place, decoding: adaptation.options.data.decoding)
    }

    private func examples() throws -> [AdaptationExamples] {
        let before = try adaptation.examples("source-only")
        return try adaptation.examples(Adaptation.joint).flatMap { example -> [AdaptationExamples] in
            switch example.content {
            case .galleries(let queries): [.gallery(try queries.compactMap(query))]
            case .numbers(_, _, let actual, let predicted): [try ages(example.images, actual, predicted)]
            case .classes(let names, let actual, let predicted, let confidence):
                try confusions(before, example) + [
                    .mistakes(try mistakes(example.images, actual, predicted, confidence), classNames: names)
                ]
            }
        }
    }

    private func query(_ query: Examples.Query) throws -> AdaptationExamples.Query? {
        guard let asked = try image(query.image) else { return nil }
        return .init(
            asked, person: "\(query.identity)", camera: "\(query.camera)",
            ranked: try query.found.compactMap { found in
                try image(found.image).map { .init($0, camera: "\(found.camera)", isRight: found.isMatch) }
            })
    }

    /// The faces that were judged worst, and as many from all over.
    private func ages(_ images: [Int], _ actual: [Double], _ predicted: [Double]) throws -> AdaptationExamples {
        let worst = actual.indices.sorted { abs(actual[$0] - predicted[$0]) > abs(actual[$1] - predicted[$1]) }
        let half = min(Self.mostPictures / 2, actual.count)
        let some = (0..<half).map { $0 * actual.count / max(half, 1) }
        var seen: Set<Int> = []
        let places = (some + worst.prefix(half)).filter { seen.insert($0).inserted }
        return .ages(
            actual: actual, predicted: predicted,
            faces: try places.compactMap { place in
                try image(images[place]).map { .init($0, actual: actual[place], predicted: predicted[place]) }
            })
    }

    private func mistakes(
        _ images: [Int], _ actual: [Int], _ predicted: [Int], _ confidence: [Double]
    ) throws -> [TrainingReport.Example] {
        let wrong = actual.indices.filter { actual[$0] != predicted[$0] }.sorted { confidence[$0] > confidence[$1] }
        return try wrong.prefix(Self.mostPictures).compactMap { place in
            try image(images[place]).map {
                .init(image: $0, truth: actual[place], prediction: predicted[place], probability: confidence[place])
            }
        }
    }

    /// Before and after bringing two domains together.
    private func confusions(_ before: [Examples], _ after: Examples) throws -> [AdaptationExamples] {
        guard let first = before.first, case .classes(let names, _, _, _) = after.content,
            let one = try Self.confusion(first), let other = try Self.confusion(after)
        else { return [] }
        return [
            .confusions(
                before: one, after: other, classNames: names, beforeName: "source only", afterName: "adapted")
        ]
    }

    private static func confusion(_ example: Examples) throws -> ConfusionMatrix? {
        try example.confusion.map { try ConfusionMatrix($0) }
    }
}
