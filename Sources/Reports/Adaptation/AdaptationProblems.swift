/// What in the rows of an adaptation cannot be shown.
struct AdaptationProblems {
    /// Before every problem; empty for nothing.
    var place = ""
    let metrics: [AdaptationReport.Metric]
    let rows: [AdaptationReport.Row]

    /// Each by itself, with its place.
    var list: [String] {
        let all = metricProblems + kindProblems + rows.flatMap(problems)
        return place.isEmpty ? all : all.map { "\(place), \($0)" }
    }

    private var metricProblems: [String] {
        let counts = metrics.reduce(into: [:]) { $0[$1.name, default: 0] += 1 }
        return counts.filter { $0.value > 1 }.keys.sorted().map { "metric \($0): it is there more than once" }
    }

    private var kindProblems: [String] {
        [("joint", AdaptationReport.Row.Kind.joint), ("weights only", .weightsOnly)].compactMap { name, kind in
            let count = rows.count { $0.kind == kind }
            return count > 1 ? "rows: \(count) of them are \(name)" : nil
        }
    }

    private func problems(of row: AdaptationReport.Row) -> [String] {
        var problems: [String] = []
        for metric in metrics {
            for (seed, value) in row.values(of: metric).enumerated() where !metric.unit.limits.contains(value) {
                problems.append("\(row.name): \(metric.name) of seed \(seed + 1) is \(value), \(metric.unit.demand)")
            }
        }
        let names = Set(metrics.map(\.name))
        for name in row.values.keys.sorted() where !names.contains(name) {
            problems.append("\(row.name): it has values of \(name), which is none of the metrics")
        }
        if let difference = row.difference {
            if !difference.mean.isFinite {
                problems.append("\(row.name): its difference to weights only is \(difference.mean)")
            }
            if let p = difference.p, !(0...1).contains(p) {
                problems.append("\(row.name): its p value is \(p), beyond 0 to 1")
            }
        }
        for (what, value) in [("epochs", row.epochs), ("seconds", row.seconds)] {
            if let value, !(0...SearchReport.mostSeconds).contains(value) {
                problems.append("\(row.name): it took \(value) \(what)")
            }
        }
        for (what, count) in [("parameters", row.parameters), ("multiply-adds", row.multiplyAdds)] {
            if let count, count < 0 { problems.append("\(row.name): it has \(count) \(what)") }
        }
        return problems
    }
}

extension AdaptationReport.Metric.Unit {
    /// What values cannot leave.
    fileprivate var limits: ClosedRange<Double> {
        switch self {
        case .percent: 0...1
        case .years: 0...1000
        case .plain: -1e300...1e300
        }
    }

    /// What a value beyond them should have been.
    fileprivate var demand: String {
        switch self {
        case .percent: "not a share of one"
        case .years: "not a number of years"
        case .plain: "not a number that can be drawn"
        }
    }
}
