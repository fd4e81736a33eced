extension AdaptationReport {
    /// A metric that ways of learning a target are compared by.
    public struct Metric: Sendable, Equatable {
        /// How values are given and read.
        public enum Unit: Sendable, Equatable, CaseIterable {
            /// Shares of one, read as percentages; differences in points of per cent.
            case percent
            /// Years, not below zero.
            case years
            /// Values are read as they are.
            case plain
        }

        /// The name of the metric, such as `rank-1`, by which values are found.
        public var name: String
        /// The unit of the values.
        public var unit: Unit
        /// Whether a higher value is the better one.
        public var isHigherBetter: Bool

        /// A metric by its name, which no other metric of the report has.
        public init(_ name: String, unit: Unit = .percent, isHigherBetter: Bool = true) {
            (self.name, self.unit, self.isHigherBetter) = (name, unit, isHigherBetter)
        }
    }

    /// The distance of a row's first metric from that of the row ``Row/Kind/weightsOnly``.
    public struct Difference: Sendable, Equatable {
        /// This row's mean less the other's, in the metric's unit as values are given.
        public var mean: Double
        /// The p of a paired test over seeds, 0 to 1; nil where none was made.
        public var p: Double?

        /// A difference; the report checks the ranges.
        public init(_ mean: Double, p: Double? = nil) {
            (self.mean, self.p) = (mean, p)
        }
    }

    /// A way of learning the target: the method, a control, or another figure to compare with.
    public struct Row: Sendable, Equatable {
        /// The part of a row in the comparison.
        public enum Kind: Sendable, Equatable, CaseIterable {
            /// Architecture and weights adapted together: the method.
            case joint
            /// The source's path with its weights, fine-tuned: what the method is measured against.
            case weightsOnly
            /// Another control, such as the adapted path from random weights.
            case control
            /// A bound or a reference, such as a network that learned the target's labels.
            case reference
        }

        /// The name of the row, such as `architecture only`.
        public var name: String
        /// The part of the row, which decides its colour and its place in verdicts. At most one row is joint, and one
        /// weights only.
        public var kind: Kind
        /// How the row learned, in one line; empty for none.
        public var explanation: String
        /// Values by the name of the metric, one for each seed; none for a row that was not run.
        public var values: [String: [Double]]
        /// Passes over the target's images, search included; of several seeds the mean.
        public var epochs: Double?
        /// Seconds on the clock; of several seeds the mean.
        public var seconds: Double?
        /// The number of parameters of the network.
        public var parameters: Int?
        /// The number of multiply-adds for one image.
        public var multiplyAdds: Int?
        /// The difference of the first metric; nil where it is not known, as for weights only itself.
        public var difference: Difference?

        /// A row with whatever is known of it; the report checks the ranges.
        public init(
            _ name: String, kind: Kind = .control, explanation: String = "", values: [String: [Double]] = [:],
            epochs: Double? = nil, seconds: Double? = nil, parameters: Int? = nil, multiplyAdds: Int? = nil,
            difference: Difference? = nil
        ) {
            (self.name, self.kind, self.explanation, self.values) = (name, kind, explanation, values)
            (self.epochs, self.seconds, self.parameters) = (epochs, seconds, parameters)
            (self.multiplyAdds, self.difference) = (multiplyAdds, difference)
        }

        /// The number of seeds of the metric that has most; 0 for a row that was not run.
        var seeds: Int { values.values.map(\.count).max() ?? 0 }

        /// A value for each seed; empty if there are none.
        func values(of metric: Metric) -> [Double] { values[metric.name] ?? [] }
    }
}

extension AdaptationReport.Row.Kind {
    /// The colour of the row's marks.
    var tone: Tone {
        switch self {
        case .joint: .accent
        case .weightsOnly: .third
        case .control: .fourth
        case .reference: .quiet
        }
    }
}

/// Everything in the rows of an adaptation that cannot be shown.
struct AdaptationProblems {
    /// Before every problem; empty for nothing.
    var place = ""
    let metrics: [AdaptationReport.Metric]
    let rows: [AdaptationReport.Row]

    /// Each problem by itself, with its place.
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
            if let value, !(0...TimingSection.mostSeconds).contains(value) {
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
    /// The range that values cannot leave.
    fileprivate var limits: ClosedRange<Double> {
        switch self {
        case .percent: 0...1
        case .years: 0...1000
        case .plain: -1e300...1e300
        }
    }

    /// The words for a value beyond that range.
    fileprivate var demand: String {
        switch self {
        case .percent: "not a share of one"
        case .years: "not a number of years"
        case .plain: "not a number that can be drawn"
        }
    }
}
