import Experiments
import Metrics
import Results

/// How good the paths are that strategies have found after some time: the figures and the drawing of a comparison.
struct StrategySummary {
    let result: StrategyComparisonResult

    /// The shares of the time of the shortest search at which strategies are compared.
    static let shares = [0.1, 0.25, 0.5, 1]

    /// The seconds of the shortest search, within which all others can be judged.
    var shortest: Double { result.searches.map(\.seconds).min() ?? 0 }

    /// The searches of a strategy, in the order of seeds.
    func searches(_ strategy: String) -> [StrategySearchResult] {
        result.searches.filter { $0.strategy == strategy }
    }

    /// The best score of each seed after so many seconds; none where a search had evaluated nothing by then.
    func scores(_ strategy: String, after seconds: Double) -> [Double] {
        let scores = searches(strategy).map { $0.point(after: seconds)?.score }
        return scores.contains { $0 == nil } ? [] : scores.compactMap(\.self)
    }

    // MARK: - Figures

    /// The heads of the columns of `rows`.
    var heads: [String] {
        ["strategy", "seeds"]
            + Self.shares.map { "after \(percent($0)), \(Quantity.duration($0 * shortest))" }
            + ["at the end", "paths in \(Quantity.duration(shortest))", "seconds", "own share"]
    }

    /// A row for each strategy.
    var rows: [[String]] {
        result.strategies.map { strategy in
            let searches = searches(strategy)
            let total = searches.reduce(0) { $0 + $1.seconds }
            let own = searches.reduce(0) { $0 + $1.strategySeconds }
            return [strategy, "\(searches.count)"]
                + Self.shares.map { spread(scores(strategy, after: $0 * shortest)) } + [
                    spread(searches.compactMap(\.curve.last?.score)),
                    SampleSpread(searches.map { Double($0.point(after: shortest)?.evaluations ?? 0) })?
                        .text { NumberText.fixed($0, decimals: 0) } ?? MetricFigures.none,
                    SampleSpread(searches.map(\.seconds))?.text(NumberText.measured) ?? MetricFigures.none,
                    total > 0 ? NumberText.percent(own / total, decimals: 2) : MetricFigures.none,
                ]
        }
    }

    /// An explanation of the figures.
    var explanation: String {
        "The best \(result.score) so far on the validation images, mean ± standard deviation over seeds, after shares of "
            + "the time of the shortest search. Time is that of evaluating paths and of the strategy itself, whose share "
            + "stands last. Paths: those that were evaluated within the time of the shortest search."
    }

    /// A strategy against random search after some time.
    struct Comparison {
        let strategy: String
        let share: Double
        let difference: AdaptationRow.Difference?
        let seeds: Int
    }

    /// The name of the strategy that the others are compared with.
    static let baseline = "random"

    /// All strategies against random search, at each of the shares; none without it.
    var comparisons: [Comparison] {
        guard result.strategies.contains(Self.baseline) else { return [] }
        return result.strategies.filter { $0 != Self.baseline }.flatMap { strategy in
            Self.shares.map { share in
                let (own, other) = (
                    scores(strategy, after: share * shortest), scores(Self.baseline, after: share * shortest)
                )
                return Comparison(
                    strategy: strategy, share: share, difference: AdaptationRows.difference(own, other),
                    seeds: min(own.count, other.count))
            }
        }
    }

    static let comparisonHeads = ["strategy", "after", "less random", "p", "corrected", "verdict"]

    /// A row for each comparison, with its verdict.
    var comparisonRows: [(cells: [String], verdict: TransferVerdict)] {
        let comparisons = comparisons
        return zip(comparisons, ManyTests.corrected(comparisons.map { $0.difference?.p })).map {
            comparison, correctedP in
            let difference = comparison.difference
            let verdict = TransferVerdict(
                difference, seeds: comparison.seeds, isHigherBetter: true, correctedP: correctedP)
            let text = difference.map { number($0.mean) } ?? MetricFigures.none
            let cells = [
                comparison.strategy, percent(comparison.share),
                (difference.map { $0.mean > 0 } ?? false) ? "+\(text)" : text, MetricFigures.p(difference?.p),
                MetricFigures.p(correctedP), words(verdict),
            ]
            return (cells, verdict)
        }
    }

    static let comparisonExplanation =
        "Differences between the best scores of the same seeds, whose searches begin with the same paths. Beyond noise: p "
        + "below \(NumberText.fixed(TransferVerdict.level)) in a paired test over seeds, corrected for the number of "
        + "comparisons (Holm, 1979). Fewer than \(TransferVerdict.leastSeeds) seeds say nothing about noise."

    private func words(_ verdict: TransferVerdict) -> String {
        switch verdict {
        case .betterAlone: "better, were it the only comparison"
        case .worseAlone: "worse, were it the only comparison"
        default: verdict.rawValue
        }
    }

    private func percent(_ share: Double) -> String { NumberText.percent(share, decimals: 0) }

    private func spread(_ scores: [Double]) -> String {
        let unit = result.isShare ? NumberText.space + "%" : ""
        return SampleSpread(scores).map { $0.text(number) + unit } ?? MetricFigures.none
    }

    private func number(_ score: Double) -> String {
        NumberText.fixed(result.isShare ? score * 100 : score, decimals: result.isShare ? 2 : 3)
    }

    // MARK: - Drawing

    private static let places = 240
    /// The share of the time of the shortest search at which lines begin: before, little more than chance is seen, and
    /// the first scores, which are low, would leave no room for the others.
    private static let beginning = 0.05

    /// The best score over time: the mean of each strategy over its seeds as a line, and its range as a band. A line ends
    /// with the shortest search of its strategy.
    var drawing: SVG {
        LineChart(
            title: "Best validation score over time",
            horizontal: Axis("seconds of search", isRounded: false),
            vertical: Axis(
                "\(result.score) of the best path so far; higher is better",
                format: result.isShare ? .percent : .number, limits: result.isShare ? 0...1 : nil),
            series: series, width: 860, height: 420
        ).svg()
    }

    /// A line for each strategy.
    var series: [Series] {
        var colour = 0
        let tones = Tone.allCases.filter { $0 != .quiet }
        return result.strategies.map { strategy in
            let searches = searches(strategy)
            let isBaseline = strategy == Self.baseline
            let tone = isBaseline ? Tone.quiet : tones[colour % tones.count]
            if !isBaseline { colour += 1 }
            let first = searches.compactMap(\.curve.first?.seconds).max() ?? 0
            let end = searches.map(\.seconds).min() ?? 0
            let start = min(max(first, Self.beginning * shortest), end)
            let times = (0...Self.places).map { start + (end - start) * Double($0) / Double(Self.places) }
            // Where times are all the same, one of them is enough.
            let states = (start < end ? times : [end]).compactMap { time -> (Double, [Double])? in
                let scores = scores(strategy, after: time)
                return scores.isEmpty ? nil : (time, scores)
            }
            return Series(
                strategy,
                states.compactMap { time, scores in SampleSpread(scores).map { PlotPoint(time, $0.mean) } }, tone: tone,
                band: searches.count < 2
                    ? []
                    : states.compactMap { time, scores in
                        SampleSpread.range(scores).map { .init(x: time, low: $0.lowerBound, high: $0.upperBound) }
                            ?? scores.first.map { .init(x: time, low: $0, high: $0) }
                    })
        }
    }

    static let drawingExplanation =
        "Line: the mean over seeds; area: from the lowest to the highest of them. A line begins when every seed has a "
        + "score, at \(NumberText.percent(beginning, decimals: 0)) of the shortest search at the earliest, and ends with the "
        + "shortest search of its strategy."

    /// Every figure that cannot be shown.
    var problems: [String] {
        result.searches.flatMap { search in
            search.curve.compactMap { point in
                let isScore = result.isShare ? (0...1).contains(point.score) : abs(point.score) <= 1e300
                guard !isScore || !(0...TimingSection.mostSeconds).contains(point.seconds) else { return nil }
                return
                    "\(search.strategy), seed \(search.seed): \(point.score) after \(point.seconds) seconds is no score"
            }.prefix(1)
        }
    }
}
