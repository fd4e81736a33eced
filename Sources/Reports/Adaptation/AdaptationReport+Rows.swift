extension AdaptationReport {
    /// What ways of learning a target are compared by.
    public struct Metric: Sendable, Equatable {
        /// How values are given and read.
        public enum Unit: Sendable, Equatable, CaseIterable {
            /// Shares of one, read as percentages; differences in points of per cent.
            case percent
            /// Years, not below zero.
            case years
            /// As they are.
            case plain
        }

        /// `rank-1`; values are found by it.
        public var name: String
        /// Of the values.
        public var unit: Unit
        /// Whether a higher value is the better one.
        public var isHigherBetter: Bool

        /// A metric by its name, which no other metric of the report has.
        public init(_ name: String, unit: Unit = .percent, isHigherBetter: Bool = true) {
            self.name = name
            self.unit = unit
            self.isHigherBetter = isHigherBetter
        }
    }

    /// How far a row's first metric lies from that of the row ``Row/Kind/weightsOnly``.
    public struct Difference: Sendable, Equatable {
        /// This row's mean less the other's, in the metric's unit as values are given.
        public var mean: Double
        /// Of a paired test over seeds, 0 to 1; nil where none was made.
        public var p: Double?

        /// A difference; the report checks the ranges.
        public init(_ mean: Double, p: Double? = nil) {
            self.mean = mean
            self.p = p
        }
    }

    /// A way of learning the target: the method, a control, or another figure to compare with.
    public struct Row: Sendable, Equatable {
        /// What it is for the comparison.
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

        /// `architecture only`.
        public var name: String
        /// Decides its colour, and its part in verdicts. At most one row is joint, and one weights only.
        public var kind: Kind
        /// In one line, how it learned; empty for none.
        public var explanation: String
        /// By the metric's name, a value for each seed; none for a row that was not run.
        public var values: [String: [Double]]
        /// Passes over the target's images, search included; of several seeds the mean.
        public var epochs: Double?
        /// On the clock; of several seeds the mean.
        public var seconds: Double?
        /// Of the network.
        public var parameters: Int?
        /// Of one image.
        public var multiplyAdds: Int?
        /// Of the first metric; nil where it is not known, as for weights only itself.
        public var difference: Difference?

        /// A row with whatever is known of it; the report checks the ranges.
        public init(
            _ name: String, kind: Kind = .control, explanation: String = "", values: [String: [Double]] = [:],
            epochs: Double? = nil, seconds: Double? = nil, parameters: Int? = nil, multiplyAdds: Int? = nil,
            difference: Difference? = nil
        ) {
            self.name = name
            self.kind = kind
            self.explanation = explanation
            self.values = values
            self.epochs = epochs
            self.seconds = seconds
            self.parameters = parameters
            self.multiplyAdds = multiplyAdds
            self.difference = difference
        }

        /// Of the metric that has most; 0 for a row that was not run.
        var seeds: Int { values.values.map(\.count).max() ?? 0 }

        /// A value for each seed; empty if there are none.
        func values(of metric: Metric) -> [Double] { values[metric.name] ?? [] }
    }
}

extension AdaptationReport.Row.Kind {
    /// Of its marks.
    var tone: Tone {
        switch self {
        case .joint: .accent
        case .weightsOnly: .third
        case .control: .fourth
        case .reference: .quiet
        }
    }
}
