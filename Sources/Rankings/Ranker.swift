/// A measure that ranks architectures: one number for each, with a name and a kind.
public struct Ranker: Sendable {
    /// The kinds of rankings.
    public enum Kind: String, Codable, Sendable {
        /// Scores of paths with a supernet's weights.
        case supernet
        /// The cost of an architecture, such as multiply-adds.
        case cost
        /// A count of layers or of paths, such as the greatest depth.
        case structure
        /// A zero-cost proxy: a score of an untrained network.
        case proxy
        /// A sum of the logarithms of the ranks by several of these.
        case ensemble
        /// Random orders.
        case random
        /// Accuracies of one seed of the benchmark table against those of another, which no ranking is expected to
        /// beat.
        case ceiling
    }

    /// The name in tables and sentences, such as "multiply-adds".
    public var name: String
    /// The kind of ranking.
    public var kind: Kind
    /// One value per architecture, higher is better.
    public var values: [Double]

    /// A measure by its values.
    ///
    /// - Parameters:
    ///   - name: the name in tables and sentences.
    ///   - kind: the kind of ranking.
    ///   - values: one value per architecture, higher is better.
    public init(name: String, kind: Kind, values: [Double]) {
        (self.name, self.kind, self.values) = (name, kind, values)
    }

    /// Refuses values of which there is not one finite one for each of so many architectures.
    func check(architectures: Int) throws {
        guard values.count == architectures else {
            throw RankingError.lengths(ranker: name, values: values.count, architectures: architectures)
        }
        if let position = values.firstIndex(where: { !$0.isFinite }) {
            throw RankingError.notFinite(ranker: name, position: position, value: values[position])
        }
    }
}

/// A measure with the quality of its ranking.
public struct JudgedRanker: Sendable, Codable, Equatable {
    /// The name in tables and sentences.
    public var name: String
    /// The kind of ranking.
    public var kind: Ranker.Kind
    /// The quality of the ranking.
    public var quality: RankingQuality

    /// Kendall's tau, 0 where it has no meaning: as of a random order.
    var tau: Double { quality.tau?.value ?? 0 }
}
