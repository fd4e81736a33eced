import Metrics
import Results

/// For each task, the method against weights only by the task's first metric; where networks were found for several
/// budgets, against each control of the same budget.
struct TransferSummary {
    let sections: [TransferComparisonReport.Section]

    /// The number of columns that are words.
    var wordColumns: Int { hasBudgets ? 3 : 2 }
    var heads: [String] {
        hasBudgets
            ? ["task", "metric", "against", "joint", "other", "difference", "p", "corrected", "verdict"]
            : ["task", "metric", "joint", "weights only", "difference", "p", "corrected", "verdict"]
    }
    var title: String { hasBudgets ? "Joint against its controls" : "Joint against weights only" }

    /// An explanation of the figures.
    var explanation: String {
        "The first metric of each task, mean ± standard deviation over seeds. Beyond noise: p below "
            + "\(NumberText.fixed(TransferVerdict.level)) in a paired test over seeds, corrected for the number of "
            + "\(hasBudgets ? "comparisons" : "tasks") (Holm, 1979). Fewer than \(TransferVerdict.leastSeeds) seeds say "
            + "nothing about noise."
            + (hasBudgets ? " Where there are budgets, both networks of a comparison keep the same one." : "")
    }

    /// Two rows of a task that are compared.
    struct Pair {
        let section: TransferComparisonReport.Section
        /// The budget that both keep; empty where there are not several.
        let budget: String
        let joint: AdaptationRow?
        let other: AdaptationRow?

        /// The metric that the task is judged by.
        var metric: Metric? { section.comparison.metrics.first }

        /// The method against the other row over the seeds; nil where they were not run alike.
        var test: PairedTest? {
            guard let metric, let joint, let other else { return nil }
            return PairedTest(joint.values(of: metric), other.values(of: metric))
        }

        /// For each seed by how much joint is ahead, negative where it is behind; nil where they were not run alike.
        var leads: [Double]? {
            guard let metric, let joint, let other else { return nil }
            let (own, others) = (joint.values(of: metric), other.values(of: metric))
            guard own.count == others.count, !own.isEmpty else { return nil }
            return zip(own, others).map { metric.isHigherBetter ? $0 - $1 : $1 - $0 }
        }

        /// The mean of `leads`.
        var lead: SampleSpread? { leads.flatMap { SampleSpread($0) } }

        /// The mean of joint less the other row over the seeds, with its p; nil where they were not run alike.
        var difference: AdaptationRow.Difference? {
            guard !budget.isEmpty else { return joint?.difference }
            guard let metric, let joint, let other else { return nil }
            return AdaptationRows.difference(joint.values(of: metric), other.values(of: metric))
        }
    }

    /// A row of texts.
    struct Row: Equatable {
        let cells: [String]
        /// The verdict; nil for a task without metrics.
        let verdict: TransferVerdict?
    }

    private var hasBudgets: Bool { sections.contains { $0.hasBudgets } }

    /// All comparisons, in the order of the table.
    var pairs: [Pair] {
        sections.flatMap { section -> [Pair] in
            let comparison = section.comparison
            guard section.hasBudgets else {
                return [Pair(section: section, budget: "", joint: comparison.joint, other: comparison.weightsOnly)]
            }
            return comparison.budgets.map(\.budget).flatMap { budget in
                comparison.controls(budget).map {
                    Pair(section: section, budget: budget, joint: comparison.joint(budget), other: $0)
                }
            }
        }
    }

    var rows: [Row] { judged.map(\.row) }

    /// All comparisons, each with its row.
    var judged: [(pair: Pair, row: Row)] {
        let pairs = pairs
        return zip(pairs, ManyTests.corrected(pairs.map { $0.test?.p })).map { pair, correctedP in
            func cells(_ metric: String, _ figures: [String]) -> [String] {
                let name = pair.other?.shortName ?? MetricFigures.none
                let names = [pair.budget.isEmpty ? name : "\(name) at \(pair.budget)"]
                return [pair.section.title, metric] + (hasBudgets ? names : []) + figures
            }
            guard let metric = pair.metric else {
                return (
                    pair,
                    Row(cells: cells(MetricFigures.none, .init(repeating: MetricFigures.none, count: 6)), verdict: nil)
                )
            }
            let figures = MetricFigures(metric, rows: pair.section.comparison.rows)
            let difference = pair.difference
            let verdict = TransferVerdict(
                joint: pair.joint, other: pair.other, difference: difference, metric: metric, correctedP: correctedP)
            return (
                pair,
                Row(
                    cells: cells(
                        metric.name,
                        [
                            figures.spreadWithUnit(pair.joint?.values(of: metric) ?? []),
                            figures.spreadWithUnit(pair.other?.values(of: metric) ?? []),
                            figures.differenceWithUnit(difference), MetricFigures.p(difference?.p),
                            MetricFigures.p(correctedP), verdict.rawValue,
                        ]), verdict: verdict)
            )
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
            heads, cells: rows.map { row in row.cells.map { [.text($0)] } }, wordColumns: wordColumns,
            styles: Dictionary(uniqueKeysWithValues: styles))
        return Page.section(
            title, [Page.scrolling(table: table), Markup("p", ["class": "explained"], text: explanation)])
    }

    /// For GitHub; empty if there is no task.
    var markdown: String {
        sections.isEmpty ? "" : MarkdownText.table(heads, rows.map { $0.cells.map(MarkdownText.escaped) })
    }

    // MARK: - Verdict

    /// What the comparisons of one source's budgets say in words, control by control; nil where there is none with
    /// enough seeds.
    func verdict(_ source: String) -> String? {
        let judged = judged.filter { $0.pair.section.source == source && !$0.pair.budget.isEmpty }
        var names: [String] = []
        for (pair, _) in judged {
            guard let name = pair.other?.shortName, !names.contains(name) else { continue }
            names.append(name)
        }
        let parts = names.compactMap { name -> String? in
            let own = judged.filter { $0.pair.other?.shortName == name && $0.pair.test != nil }
            guard !own.isEmpty else { return nil }
            let ahead = own.count { pair, _ in
                guard let metric = pair.metric, let mean = pair.difference?.mean, mean != 0 else { return false }
                return (mean > 0) == metric.isHigherBetter
            }
            let beyond = own.count { $0.row.verdict == .better }
            let worse = own.count { $0.row.verdict == .worse }
            return "of \(name) in \(ahead) of \(own.count) comparisons (\(beyond) beyond noise"
                + (worse > 0 ? ", behind beyond noise in \(worse))" : ")")
        }
        guard !parts.isEmpty else { return nil }
        let means = names.compactMap { name in
            mean(judged.map(\.pair).filter { $0.other?.shortName == name }).map { "\($0) over \(name)" }
        }
        // The choice between the two by their means over seeds favours them.
        let byHand = Dictionary(
            grouping: judged.map(\.pair).filter { Self.byHand.contains($0.other?.shortName ?? "") }
        ) { "\($0.section.plainTitle)\n\($0.budget)" }
        let better = byHand.sorted { $0.key < $1.key }.compactMap { _, pairs in
            pairs.min { ($0.lead?.mean ?? .infinity) < ($1.lead?.mean ?? .infinity) }
        }
        let hard = byHand.values.contains { $0.count > 1 } ? mean(better) : nil
        let hardest = hard.map { "\($0) over the better of \(Self.byHand.joined(separator: " and ")) each time" }
        let leads = (means + [hardest].compactMap(\.self)).joined(separator: ", ")
        return "From the source \(source), within the same budget, joint is ahead \(parts.joined(separator: ", "))."
            + (leads.isEmpty ? "" : " In the mean over tasks and budgets, tested over seeds, its lead is \(leads).")
    }

    /// The controls in which a network is made smaller by hand.
    private static let byHand = [AdaptationControl.narrowing.rawValue, AdaptationControl.scaling.rawValue]

    /// The mean lead over all of some comparisons in words, with its p over seeds: `+2.1 points (p = 0.012)`; nil where
    /// their metrics have different units or their seeds are not the same number, and for fewer seeds than a verdict
    /// takes.
    private func mean(_ pairs: [Pair]) -> String? {
        let leads = pairs.compactMap(\.leads)
        guard let metric = pairs.first?.metric, leads.count == pairs.count, let first = leads.first,
            first.count >= TransferVerdict.leastSeeds,
            pairs.allSatisfy({ $0.metric?.unit == metric.unit }), leads.allSatisfy({ $0.count == first.count })
        else { return nil }
        let means = first.indices.map { seed in leads.map { $0[seed] }.reduce(0, +) / Double(leads.count) }
        let zero = [Double](repeating: 0, count: means.count)
        guard let difference = AdaptationRows.difference(means, zero) else { return nil }
        let figures = MetricFigures(metric, rows: pairs.compactMap(\.joint))
        let p = MetricFigures.p(difference.p)
        return figures.differenceWithUnit(difference) + " (p \(p.hasPrefix("<") ? p : "= \(p)"))"
    }
}

/// Whether adapting architecture and weights together is better than another way, such as adapting the weights alone.
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
    ///   - other: likewise.
    ///   - difference: joint less the other; nil where they were not run alike.
    ///   - metric: the one that the task is judged by.
    ///   - correctedP: the difference's p as it is to be read among those of other comparisons; nil where there are
    ///     none.
    init(
        joint: AdaptationRow?, other: AdaptationRow?, difference: AdaptationRow.Difference?, metric: Metric,
        correctedP: Double? = nil
    ) {
        let seeds = [joint, other].map { $0?.values(of: metric).count ?? 0 }.min() ?? 0
        self.init(difference, seeds: seeds, isHigherBetter: metric.isHigherBetter, correctedP: correctedP)
    }

    /// - Parameters:
    ///   - difference: one way less another; nil where they were not run alike.
    ///   - seeds: the number of seeds that both were run with.
    ///   - isHigherBetter: whether larger values are better.
    ///   - correctedP: the difference's p as it is to be read among those of other comparisons; nil where there are
    ///     none.
    init(_ difference: AdaptationRow.Difference?, seeds: Int, isHigherBetter: Bool, correctedP: Double?) {
        if seeds == 0 {
            self = .incomparable
        } else if seeds < Self.leastSeeds {
            self = .tooFewSeeds
        } else if let difference, let p = difference.p {
            let isBetter = isHigherBetter ? difference.mean > 0 : difference.mean < 0
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
