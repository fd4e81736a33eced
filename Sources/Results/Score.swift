import Foundation

/// The score of a set of images, as a phase writes it and a page reads it.
public struct Score: Sendable, Codable, Equatable {
    /// The figure that choices are made by; higher is better.
    public var value: Double
    /// One standard deviation of `value` over the images or queries that happened to be scored; nil where it is not known.
    public var standardError: Double?
    /// One standard deviation of the metric `loss` likewise; nil where it is not known.
    public var lossError: Double?
    /// Every figure that a reader may want, by the name of its metric.
    public var metrics: [String: Double]
    /// The number of images that were scored, without those that could not be read; nil in files that do not say it.
    public var count: Int?

    /// A score as it was measured.
    ///
    /// - Parameters:
    ///   - value: the figure that choices are made by; higher is better.
    ///   - standardError: the standard error of `value` over the images; nil where it is not known.
    ///   - lossError: that of the metric `loss`.
    ///   - metrics: every figure that a reader may want, by the name of its metric.
    ///   - count: the number of images that were scored.
    public init(
        _ value: Double, standardError: Double?, lossError: Double? = nil, metrics: [String: Double], count: Int? = nil
    ) {
        (self.value, self.standardError, self.lossError) = (value, standardError, lossError)
        (self.metrics, self.count) = (metrics, count)
    }

    /// The share of images whose most likely class is the right one; nil for a task without classes.
    public var accuracy: Double? { metrics[Metric.accuracy.name] }

    /// What a reader is told first: `91.67 %` where there is an accuracy, else each metric by its name, as in
    /// `MAE 5.36 years, CS@5 60.00 %`.
    ///
    /// - Parameter metrics: the metrics of the task; a score that has none of them is told by its value.
    public func words(_ metrics: [Metric]) -> String {
        if let accuracy { return Metric.accuracy.unit.text(accuracy) }
        let figures = metrics.compactMap { metric in
            self.metrics[metric.name].map { "\(metric.name) \(metric.unit.text($0))" }
        }
        return figures.isEmpty ? String(format: "%.4f", value) : figures.joined(separator: ", ")
    }

    private enum CodingKeys: String, CodingKey {
        case value, standardError, lossError, metrics, count
        // A classification network's score in the files of version 0.8.
        case accuracy, loss
    }

    /// Reads a score, also one of classification as version 0.8 wrote it.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        count = try fields.decodeIfPresent(Int.self, forKey: .count)
        guard let accuracy = try fields.decodeIfPresent(Double.self, forKey: .accuracy) else {
            value = try fields.decode(Double.self, forKey: .value)
            standardError = try fields.decodeIfPresent(Double.self, forKey: .standardError)
            lossError = try fields.decodeIfPresent(Double.self, forKey: .lossError)
            metrics = try fields.decode([String: Double].self, forKey: .metrics)
            return
        }
        value = accuracy
        metrics = [Metric.accuracy.name: accuracy, "loss": try fields.decode(Double.self, forKey: .loss)]
    }

    /// Writes the score.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(value, forKey: .value)
        try fields.encodeIfPresent(standardError, forKey: .standardError)
        try fields.encodeIfPresent(lossError, forKey: .lossError)
        try fields.encode(metrics, forKey: .metrics)
        try fields.encodeIfPresent(count, forKey: .count)
    }
}

/// A metric of a task as a reader sees it.
public struct Metric: Sendable, Codable, Equatable {
    /// The unit of a metric's values.
    public enum Unit: Sendable, Codable, Equatable {
        /// A part of one, shown in per cent.
        case share
        /// A quantity with the name of its unit, such as `years` or `objects`; an empty name for a number without one.
        case quantity(String)

        /// A value with two decimals and its unit, such as `91.67 %` or `12.34 discs`.
        public func text(_ value: Double) -> String {
            switch self {
            case .share: String(format: "%.2f %%", 100 * value)
            case .quantity(let name): String(format: "%.2f", value) + (name.isEmpty ? "" : " \(name)")
            }
        }
    }

    /// The metric's name among the metrics of a score.
    public var name: String
    /// The unit of its values.
    public var unit: Unit
    /// Whether more of it is better.
    public var isHigherBetter: Bool

    /// A metric; a share of which more is better, unless said otherwise.
    public init(_ name: String, unit: Unit = .share, isHigherBetter: Bool = true) {
        (self.name, self.unit, self.isHigherBetter) = (name, unit, isHigherBetter)
    }

    /// Top-1 accuracy.
    public static let accuracy = Metric("accuracy")
}
