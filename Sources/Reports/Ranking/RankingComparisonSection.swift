import Experiments
import Foundation
import Metrics
import Rankings
import Results

/// A space of a comparison of methods: its figures, a row for each method and each baseline, and its drawings.
struct RankingComparisonSection {
    /// A method under one score, with one outcome for each seed.
    struct Method {
        /// The name of the method, and of the score where there are several.
        let name: String
        let runs: [RankingOutcome]
        /// Whether the shifts of the supernets stand with this score.
        let hasShifts: Bool

        /// The figures of the held-out half; a run whose scores are all equal has none.
        func values(_ figure: (RankingQuality) -> Interval?) -> [Double] {
            runs.compactMap { $0.quality["report"].flatMap(figure)?.value }
        }

        /// The shifts of shared features and parameters between paths, by the name of the shift.
        func shifts(_ name: String) -> [Double] { hasShifts ? runs.compactMap { $0.shifts[name] } : [] }
    }

    /// A drawing with the end of its file's name.
    struct Drawing {
        let name: String
        let svg: SVG
    }

    let space: RankingComparisonReport.Space
    let methods: [Method]
    /// All judged rankers but supernets, with the noise ceiling where there is one.
    let baselines: [JudgedRanker]
    /// The positions of colours by the names of methods.
    let colours: [String: Int]

    var name: String { space.name }

    /// The benchmark table in words.
    var detail: String {
        let (table, held) = (space.table, space.table.half(.report))
        return
            "\(space.tablePath): \(table.entries.count) architectures, \(table.rows.count) trainings; figures are of "
            + "the \(held.entries.count) architectures of the held-out half"
    }

    /// The training-free baselines that rank at all.
    private var trainingFree: [JudgedRanker] { baselines.filter { $0.kind != .ceiling && $0.quality.tau != nil } }
    private var ceiling: JudgedRanker? { baselines.first { $0.kind == .ceiling } }

    // MARK: - Table

    static let heads = [
        "ranking", "runs", "Kendall's τ", "Spearman's ρ", "τ, best quarter", "regret, points", "feature shift",
        "parameter shift", "training",
    ]

    static let explanation =
        "On the held-out half of the architectures. Methods: mean ± standard deviation over runs, each with a seed of its "
        + "own. The best quarter is that by ground-truth accuracy. Regret: the accuracy that is lost against the best "
        + "architecture by taking the first of the ranking, in points of per cent. Training: mean time of a run. In the "
        + "first drawing, small dots are runs, the large one is their mean, and the line reaches from the lowest to the "
        + "highest."

    /// A row for each method.
    var methodRows: [[String]] {
        methods.map { method in
            [method.name, NumberText.grouped(method.runs.count)]
                + Self.qualities(method.values)
                + ["feature-shift", "parameter-shift"].map { shift in
                    Self.spread(method.shifts(shift), decimals: decimals(shift))
                } + [SampleSpread(method.runs.map(\.seconds)).map { Quantity.duration($0.mean) } ?? "—"]
        }
    }

    /// A row for each baseline, and for the noise ceiling.
    var contextRows: [[String]] {
        (trainingFree + [ceiling].compactMap(\.self)).map { ranker in
            [ranker.name, "—"]
                + Self.qualities { figure in [figure(ranker.quality)?.value].compactMap(\.self) } + ["—", "—", "—"]
        }
    }

    private static func qualities(_ values: ((RankingQuality) -> Interval?) -> [Double]) -> [String] {
        [
            spread(values(\.tau)), spread(values(\.spearman)), spread(values(\.tauTopQuarter)),
            spread(values(\.regret).map { $0 * 100 }),
        ]
    }

    private static func spread(_ values: [Double], decimals: Int = 2) -> String {
        SampleSpread(values)?.text { NumberText.fixed($0, decimals: decimals) } ?? "—"
    }

    /// As many decimals as give the least of the methods' mean shifts two digits, up to six.
    private func decimals(_ shift: String) -> Int {
        let means = methods.compactMap { SampleSpread($0.shifts(shift))?.mean }
        guard let least = means.map(abs).filter({ $0 > 0 }).min() else { return 2 }
        return Int(min(6, max(0, 1 - log10(least).rounded(.down))))
    }

    /// The table in a page.
    var table: Markup {
        let context = methods.count..<methods.count + contextRows.count
        let table = Page.table(
            Self.heads, cells: (methodRows + contextRows).map { row in row.map { [.text($0)] } },
            styles: Dictionary(uniqueKeysWithValues: context.map { ($0, "context") }))
        return Markup(
            "div", [:], [Page.scrolling(table: table), Markup("p", ["class": "explained"], text: Self.explanation)])
    }

    /// The table for GitHub, with the names of what methods are compared with in italics.
    var markdownTable: String {
        let context = contextRows.map { row in
            row.enumerated().map { $0 == 0 && !$1.isEmpty ? "*\(MarkdownText.escaped($1))*" : MarkdownText.escaped($1) }
        }
        return MarkdownText.table(Self.heads, methodRows.map { $0.map(MarkdownText.escaped) } + context)
    }

    // MARK: - Drawings

    /// τ of every run, a row for each method.
    var tau: Drawing {
        let best = trainingFree.max { ($0.quality.tau?.value ?? 0) < ($1.quality.tau?.value ?? 0) }
        func line(_ ranker: JudgedRanker?, _ name: String, _ tone: Tone) -> RowPlot.Line? {
            ranker?.quality.tau.map { .init(x: $0.value, name: name, tone: tone) }
        }
        let plot = RowPlot(
            title: "Kendall's τ with the benchmark table", axis: Axis("Kendall's τ", limits: -1...1, isRounded: false),
            rows: methods.map { method in
                let taus = method.values(\.tau)
                return RowPlot.Row(
                    name: method.name, value: SampleSpread(taus)?.mean, range: SampleSpread.range(taus),
                    dots: taus.count > 1 ? taus : [], text: Self.spread(taus), style: style(method))
            },
            lines: [
                line(best, "best baseline: \(best?.name ?? "")", .quiet), line(ceiling, "noise ceiling", .third),
            ].compactMap(\.self), width: 660)
        return Drawing(name: "tau", svg: plot.svg())
    }

    /// τ over each of the shifts that were measured.
    var shifts: [Drawing] {
        [("feature-shift", "Feature shift"), ("parameter-shift", "Parameter shift")].compactMap { shift, name in
            let groups = methods.filter(\.hasShifts).map { method in
                GroupScatter.Group(
                    name: method.name, style: style(method), isOpen: colour(method) >= ChoiceColour.count,
                    points: method.runs.compactMap { run in
                        guard let x = run.shifts[shift], let tau = run.quality["report"]?.tau?.value else { return nil }
                        return .init(PlotPoint(x, tau), name: "\(method.name), seed \(run.seed)")
                    })
            }.filter { !$0.points.isEmpty }
            guard !groups.isEmpty else { return nil }
            let plot = GroupScatter(
                title: "\(name) and ranking",
                horizontal: Axis(name.lowercased(), kind: .spanning(groups.flatMap { $0.points.map(\.place.x) })),
                vertical: Axis("Kendall's τ", limits: -1...1), groups: groups, width: 530, height: 340)
            return Drawing(name: shift, svg: plot.svg())
        }
    }

    private func colour(_ method: Method) -> Int { colours[method.name] ?? 0 }

    private func style(_ method: Method) -> String { ChoiceColour.className(colour(method)) }

    // MARK: - Checks

    /// Everything that cannot be shown, with its place.
    var problems: [String] {
        let runs = methods.flatMap { method in
            method.runs.flatMap { run -> [String] in
                let place = "\(name), \(method.name), seed \(run.seed)"
                var problems = run.quality["report"].map { Self.problems($0, place) } ?? []
                for (shift, value) in run.shifts.sorted(by: { $0.key < $1.key }) where !value.isFinite {
                    problems.append("\(place): the \(shift) is \(value)")
                }
                if !(0...TimingSection.mostSeconds).contains(run.seconds) {
                    problems.append("\(place): it was trained for \(run.seconds) seconds")
                }
                return problems
            }
        }
        return runs
            + (trainingFree + [ceiling].compactMap(\.self)).flatMap { Self.problems($0.quality, "\(name), \($0.name)") }
    }

    private static func problems(_ quality: RankingQuality, _ place: String) -> [String] {
        RankingFigure.all.compactMap { $0.problem(quality, place) }
    }
}
