import Architectures
import Metrics
import Results

@testable import Reports

/// Values that adaptations may have, with names that must be escaped.
enum AdaptationSamples {
    static let metrics = [
        Metric("rank-1 <r>"), Metric("MAE", unit: .quantity("years"), isHigherBetter: false),
        Metric("plain", unit: .quantity("")),
    ]

    /// Of three seeds; one control was not run, and one reference has one seed of one metric.
    static var rows: [AdaptationRow] {
        [
            AdaptationRow(
                name: "joint <&>", kind: .joint, explanation: "both \"together\" & more",
                values: [
                    "rank-1 <r>": [0.91, 0.912, 0.914], "MAE": [4.1, 4.2, 4.3], "plain": [0.012, 0.013, 0.014],
                ],
                epochs: 39.33, seconds: 3600, parameters: 1_234_567, multiplyAdds: 98_765_432,
                difference: .init(mean: 0.032, p: 0.004)),
            AdaptationRow(
                name: "weights|only", kind: .weightsOnly, explanation: "the source's <path>",
                values: ["rank-1 <r>": [0.87, 0.88, 0.89], "MAE": [4.5, 4.5, 4.5], "plain": [0.02, 0.02, 0.02]],
                epochs: 39, seconds: 60),
            AdaptationRow(name: "not *run*"),
            AdaptationRow(
                name: "one seed", kind: .reference, values: ["rank-1 <r>": [0.3]], difference: .init(mean: -0.58)),
        ]
    }

    static var comparison: AdaptationRows { AdaptationRows(metrics: metrics, rows: rows) }

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

    /// The result of one seed: test values of the first two metrics by row.
    static func result(_ values: [String: [Double]], hasTest: Bool = true, seconds: Double = 30) -> AdaptationResult {
        AdaptationResult(
            sourcePath: Architecture([0, 1, 2]), sourceCandidates: [], path: Architecture([0, 2, 2]), candidates: [],
            evaluations: 1234,
            outcomes: values.mapValues { values in
                let metrics = Dictionary(uniqueKeysWithValues: zip(Self.metrics.map(\.name), values))
                let score = Score(values[0], standardError: nil, metrics: metrics)
                return SampleResults.result(
                    validation: hasTest ? Score(0, standardError: nil, metrics: [:]) : score,
                    test: hasTest ? score : nil, architecture: Architecture([0, 2, 2]), epochs: 39.5, seconds: seconds)
            }, leftOut: [.init(image: "x.png", reason: "no image")])
    }

    /// The network of each row, the first with all kinds of examples.
    static func networks(_ result: AdaptationResult) -> [(name: String, network: TrainedNetwork)] {
        ["joint", "weights-only", "architecture-only", "source-only"].compactMap { name in
            result.outcomes[name].map { outcome in
                var network = TrainedNetwork(outcome, metrics: metrics)
                guard name == "joint" || name == "source-only" else { return (name, network) }
                let gallery = Examples.Query(
                    image: 0, identity: 42, camera: 3, found: [.init(image: 1, camera: 1, isMatch: true)])
                network.images = SampleResults.images()
                network.examples = [
                    Examples(images: [], .galleries([gallery])),
                    Examples(
                        images: [0, 1],
                        .numbers(quantity: "age", unit: "years", actual: [20, 30], predicted: [21, 38])),
                    SampleResults.classes([0, 1, 2], [0, 2, 2], [0.5, 0.75, 1]),
                ]
                network.log = [.init(step: 1, values: ["train/loss": 2])]
                return (name, network)
            }
        }
    }

    static func report() -> AdaptationReport {
        let result = result([
            "joint": [0.912, 4.2], "weights-only": [0.88, 4.5], "architecture-only": [0.5, 9],
            "source-only": [0.3, 12],
        ])
        var report = AdaptationReport(
            result, networks: networks(result), title: "A <target> & more", subtitle: "sub \"title\"",
            isUnsupervised: false, margin: "1 standard error", command: "supernet adapt --set a=\"<b>\"",
            configuration: "seed: 1 # <&>\n")
        report.paths = [path]
        return report
    }
}
