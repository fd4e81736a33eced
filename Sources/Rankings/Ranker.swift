/// A measure that ranks architectures.
public struct Ranker: Sendable {
    /// Where a ranking comes from.
    public enum Kind: String, Codable, Sendable {
        /// Scores of paths with a supernet's weights.
        case supernet
        /// What an architecture costs, such as multiply-adds.
        case cost
        /// A score of an untrained network.
        case proxy
        /// Any order.
        case random
        /// One seed of the truth, which no ranking is expected to beat.
        case ceiling
    }

    /// As it stands in tables and sentences, such as "multiply-adds".
    public var name: String
    /// Where it comes from.
    public var kind: Kind
    /// One per architecture, higher is better.
    public var values: [Double]

    /// A measure.
    ///
    /// - Parameters:
    ///   - name: as it stands in tables and sentences.
    ///   - kind: where it comes from.
    ///   - values: one per architecture, higher is better.
    public init(name: String, kind: Kind, values: [Double]) {
        self.name = name
        self.kind = kind
        self.values = values
    }

    /// That there is one finite value for each of so many architectures.
    func check(architectures: Int) throws {
        guard values.count == architectures else {
            throw RankingError.lengths(predictor: name, values: values.count, architectures: architectures)
        }
        if let position = values.firstIndex(where: { !$0.isFinite }) {
            throw RankingError.notFinite(predictor: name, position: position, value: values[position])
        }
    }
}

/// A measure with its quality.
public struct JudgedRanker: Sendable, Codable, Equatable {
    /// As it stands in tables and sentences.
    public var name: String
    /// Where it comes from.
    public var kind: Ranker.Kind
    /// How well it ranks.
    public var quality: RankingQuality
}
