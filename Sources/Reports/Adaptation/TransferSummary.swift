import Metrics
import Results

/// For each task, the method against weights only by the task's first metric.
struct TransferSummary {
    let sections: [TransferComparisonReport.Section]

    static let heads = ["task", "metric", "joint", "weights only", "difference", "p", "corrected", "verdict"]
    /// The number of columns that are words.
    static let wordColumns = 2

    /// An explanation of the figures.
    static let explanation =
        "The first metric of each task, mean ± standard deviation over seeds. Beyond noise: p below "
        + "\(NumberText.fixed(TransferVerdict.level)) in a paired test over seeds, corrected for the number of tasks "
        + "(Holm, 1979). Fewer than \(TransferVerdict.leastSeeds) seeds say nothing about noise."

    /// A row of texts.
    struct Row: Equatable {
        let cells: [String]
        /// The verdict; nil for a task without metrics.
        let verdict: TransferVerdict?
    }

    var rows: [Row] {
        zip(sections, ManyTests.corrected(sections.map { $0.test?.p })).map { section, correctedP in
            guard let metric = section.comparison.metrics.first else {
                let none = [String](repeating: MetricFigures.none, count: Self.heads.count - 1)
                return Row(cells: [section.title] + none, verdict: nil)
            }
            let figures = MetricFigures(metric, rows: section.comparison.rows)
            let (joint, weights) = (section.comparison.joint, section.comparison.weightsOnly)
            let verdict = TransferVerdict(
                joint: joint, weightsOnly: weights, metric: metric, correctedP: correctedP)
            return Row(
                cells: [
                    section.title, metric.name, figures.spreadWithUnit(joint?.values(of: metric) ?? []),
                    figures.spreadWithUnit(weights?.values(of: metric) ?? []),
                    figures.differenceWithUnit(joint?.difference), MetricFigures.p(joint?.difference?.p),
                    MetricFigures.p(correctedP), verdict.rawValue,
                ], verdict: verdict)
        }
    }

    /// The section of a page; nil if there is no task.
    var markup: Markup? {
        let rows = rows
        guard !rows.isEmpty else { return nil }
        let styles = rows.enumerated().compactMap { index, row -> (Int, String)? in
            switch row.verdict {
            case .better: (index, "leading")
            case .worse: (index, "chosen")
            default: nil
            }
        }
        let table = Page.table(
            Self.heads, cells: rows.map { row in row.cells.map { [.text($0)] } }, wordColumns: Self.wordColumns,
            styles: Dictionary(uniqueKeysWithValues: styles))
        return Page.section(
            "Joint against weights only",
            [Page.scrolling(table: table), Markup("p", ["class": "explained"], text: Self.explanation)])
    }

    /// For GitHub; empty if there is no task.
    var markdown: String {
        sections.isEmpty ? "" : MarkdownText.table(Self.heads, rows.map { $0.cells.map(MarkdownText.escaped) })
    }
}

/// Whether adapting architecture and weights together is better than adapting the weights alone.
enum TransferVerdict: String, Equatable, CaseIterable {
    case better = "better beyond noise"
    case betterAlone = "better, were it the only task"
    case undecided = "not beyond noise"
    case worseAlone = "worse, were it the only task"
    case worse = "worse beyond noise"
    /// One of the two rows has too few seeds.
    case tooFewSeeds = "too few seeds to say"
    /// Enough seeds, but no p value.
    case untested = "not tested"
    /// One of the two was not run.
    case incomparable = "not compared"

    /// The fewest seeds of both rows.
    static let leastSeeds = 3
    /// The level that p must be below.
    static let level = 0.05

    /// - Parameters:
    ///   - joint: nil if it was not run.
    ///   - weightsOnly: likewise.
    ///   - metric: the one that the task is judged by.
    ///   - correctedP: the difference's p as it is to be read among those of other tasks; nil where there are none.
    init(
        joint: AdaptationRow?, weightsOnly: AdaptationRow?, metric: Metric, correctedP: Double? = nil
    ) {
        let seeds = [joint, weightsOnly].map { $0?.values(of: metric).count ?? 0 }.min() ?? 0
        if seeds == 0 {
            self = .incomparable
        } else if seeds < Self.leastSeeds {
            self = .tooFewSeeds
        } else if let difference = joint?.difference, let p = difference.p {
            let isBetter = metric.isHigherBetter ? difference.mean > 0 : difference.mean < 0
            if p >= Self.level || difference.mean == 0 {
                self = .undecided
            } else if correctedP ?? p < Self.level {
                self = isBetter ? .better : .worse
            } else {
                self = isBetter ? .betterAlone : .worseAlone
            }
        } else {
            self = .untested
        }
    }
}
