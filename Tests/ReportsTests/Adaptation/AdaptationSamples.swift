import Datasets
import Metrics

@testable import Reports

/// Values that adaptations may have, with names that must be escaped.
enum AdaptationSamples {
    typealias Row = AdaptationReport.Row

    static let metrics = [
        AdaptationReport.Metric("rank-1 <r>"), .init("MAE", unit: .years, isHigherBetter: false),
        .init("plain", unit: .plain),
    ]

    /// Of three seeds; one control was not run, and one reference has one seed of one metric.
    static var rows: [Row] {
        [
            Row(
                "joint <&>", kind: .joint, explanation: "both \"together\" & more",
                values: [
                    "rank-1 <r>": [0.91, 0.912, 0.914], "MAE": [4.1, 4.2, 4.3], "plain": [0.012, 0.013, 0.014],
                ],
                epochs: 39.33, seconds: 3600, parameters: 1_234_567, multiplyAdds: 98_765_432,
                difference: .init(0.032, p: 0.004)),
            Row(
                "weights|only", kind: .weightsOnly, explanation: "the source's <path>",
                values: ["rank-1 <r>": [0.87, 0.88, 0.89], "MAE": [4.5, 4.5, 4.5], "plain": [0.02, 0.02, 0.02]],
                epochs: 39, seconds: 60),
            Row("not *run*"),
            Row("one seed", kind: .reference, values: ["rank-1 <r>": [0.3]], difference: .init(-0.58)),
        ]
    }

    static func image(_ width: Int = 4, _ height: Int = 8) -> Image {
        Image(width: width, height: height, channels: 1, pixels: [UInt8](repeating: 99, count: width * height))
    }

    static var path: AdaptedPath {
        let source = ArchitectureDiagramTests.diagram([2, 3])
        var adapted = source
        for block in [0, 2] {
            let stage = block == 0 ? 1 : 2
            adapted.stages[stage].blocks[block].chosen =
                ArchitectureDiagramTests.candidates[(stage + block) % ArchitectureDiagramTests.candidates.count]
        }
        return AdaptedPath(source: source, adapted: adapted)
    }

    static var gallery: AdaptationExamples {
        .gallery([
            .init(
                image(), person: "00<42>", camera: "3",
                ranked: [
                    .init(image(), camera: "1 <c>", isRight: true), .init(image(), camera: "2", isRight: false),
                    .init(image(), isRight: false),
                ])
        ])
    }

    static var ages: AdaptationExamples {
        .ages(actual: [20, 30, 40], predicted: [21, 38, 40], faces: [.init(image(), actual: 43, predicted: 40.6)])
    }

    static func confusions(_ count: Int) throws -> AdaptationExamples {
        let counts = (0..<count).map { row in (0..<count).map { $0 == row ? 40 : ($0 + row) % 3 } }
        return .confusions(
            before: try ConfusionMatrix(counts), after: try ConfusionMatrix(counts),
            classNames: (0..<count).map { "class <\($0)>" }, beforeName: "before <b>", afterName: "after")
    }

    static var mistakes: AdaptationExamples {
        .mistakes([.init(image: image(), truth: 0, prediction: 1, probability: 0.75)], classNames: ["a <&>", "b"])
    }

    static func report() throws -> AdaptationReport {
        var report = AdaptationReport(
            title: "A <target> & more", subtitle: "sub \"title\"", verdict: "Joint: <91.2>.", metrics: metrics,
            rows: rows, command: "supernet adapt --set a=\"<b>\"", configuration: "seed: 1 # <&>\n")
        (report.facts, report.path) = ([.init("Seeds <&>", "3")], path)
        report.examples = [gallery, ages, try confusions(3), mistakes]
        report.phases = [
            .init("Supernet <p>", curves: TrainingCurves([.init("loss", [PlotPoint(1, 2)])])),
            .init("Nothing measured", curves: TrainingCurves([])),
        ]
        report.timings = [.init("Search <t>", seconds: 60), .init("Joint", seconds: 30)]
        return report
    }
}
