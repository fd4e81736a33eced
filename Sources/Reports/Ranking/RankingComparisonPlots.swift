/// The drawings of a space in a study.
struct RankingComparisonPlots {
    /// A drawing with the end of its file's name.
    struct Drawing {
        let name: String
        let svg: SVG
    }

    let space: RankingComparisonReport.Space
    /// By the names of methods.
    let colours: [String: Int]

    private enum Size {
        static let methods = 660.0
        static let shift = 530.0
        static let shiftHeight = 340.0
    }

    /// τ of every run, a row for each method.
    var methods: Drawing {
        let plot = RowPlot(
            title: "Kendall's τ with the truth", axis: Axis("Kendall's τ", limits: -1...1, isRounded: false),
            rows: space.methods.map { method in
                let taus = method.runs.compactMap(\.tau)
                let spread = SampleSpread(taus)
                return RowPlot.Row(
                    name: method.name, value: spread?.mean, range: Self.range(taus), dots: taus.count > 1 ? taus : [],
                    text: spread?.text { NumberText.fixed($0) } ?? "—", style: style(method))
            },
            lines: [
                line(space.bestTrivial, name: "best trivial: \(space.bestTrivial?.name ?? "")", tone: .quiet),
                line(space.ceiling, name: "noise ceiling", tone: .third),
            ].compactMap(\.self), width: Size.methods)
        return Drawing(name: "tau", svg: plot.svg())
    }

    /// τ over each of the shifts that were measured.
    var shifts: [Drawing] {
        [
            ("feature-shift", "Feature shift", \RankingComparisonReport.Run.featureShift),
            ("parameter-shift", "Parameter shift", \.parameterShift),
        ].compactMap { file, name, shift in
            let groups = space.methods.map { method in
                GroupScatter.Group(
                    name: method.name, style: style(method), isOpen: colour(method) >= ChoiceColour.count,
                    points: method.runs.compactMap { run in
                        guard let x = run[keyPath: shift], let tau = run.tau else { return nil }
                        return .init(PlotPoint(x, tau), name: "\(method.name), \(run.name)")
                    })
            }.filter { !$0.points.isEmpty }
            guard !groups.isEmpty else { return nil }
            let values = groups.flatMap { $0.points.map(\.place.x) }
            let plot = GroupScatter(
                title: "\(name) and ranking",
                horizontal: Axis(name.lowercased(), kind: Self.kind(values)),
                vertical: Axis("Kendall's τ", limits: -1...1), groups: groups, width: Size.shift,
                height: Size.shiftHeight)
            return Drawing(name: file, svg: plot.svg())
        }
    }

    private func line(_ run: RankingComparisonReport.Run?, name: String, tone: Tone) -> RowPlot.Line? {
        run?.tau.map { .init(x: $0, name: name, tone: tone) }
    }

    private func colour(_ method: RankingComparisonReport.Method) -> Int { colours[method.name] ?? 0 }

    private func style(_ method: RankingComparisonReport.Method) -> String { ChoiceColour.className(colour(method)) }

    private static func range(_ values: [Double]) -> ClosedRange<Double>? {
        guard let least = values.min(), let most = values.max(), least < most else { return nil }
        return least...most
    }

    /// Shifts that differ by more than a factor of ten would crowd at one end of a linear scale.
    private static func kind(_ values: [Double]) -> Scale.Kind {
        guard let least = values.min(), let most = values.max(), least > 0 else { return .linear }
        return most / least > 10 ? .logarithmic : .linear
    }
}
