/// Who is on each image, and which camera took it.
public struct ReidentificationLabels: Sendable, Equatable {
    /// The identity of an image that is ignored: neither right nor wrong.
    public static let junk = -1
    /// The identity of an image that is always wrong.
    public static let distractor = 0

    /// One an image: from 1 for people, `distractor` or `junk`.
    public let identities: [Int]
    /// One an image.
    public let cameras: [Int]

    /// The number of images.
    public var count: Int { identities.count }

    /// - Parameters:
    ///   - identities: one an image: from 1 for people, `distractor` or `junk`.
    ///   - cameras: one an image, any numbers.
    /// - Throws: `TaskMetricError` for lists of different lengths, or an identity below -1.
    public init(identities: [Int], cameras: [Int]) throws(TaskMetricError) {
        guard identities.count == cameras.count else {
            throw .lengths(what: "cameras", count: cameras.count, of: "identities", expected: identities.count)
        }
        if let wrong = identities.firstIndex(where: { $0 < Self.junk }) {
            throw .identity(position: wrong, value: identities[wrong])
        }
        self.identities = identities
        self.cameras = cameras
    }
}

/// The score of re-identification, by ``MarketProtocol``.
public struct ReidentificationScore: Sendable, Codable, Equatable {
    /// The average precision of each query, from 0 to 1; nil for one without a match in the gallery.
    public let averagePrecisions: [Double?]
    /// The rank, counted from 1, of each query's first match; nil for one without.
    public let firstMatches: [Int?]
    /// The mean of the average precisions, from 0 to 1: mAP.
    public let meanAveragePrecision: Double

    /// Queries that were scored: those with a match.
    public var scoredQueries: Int { firstMatches.count(where: { $0 != nil }) }
    /// Queries without a match, which were left out.
    public var queriesWithoutMatch: Int { firstMatches.count - scoredQueries }
    /// The share of scored queries whose nearest image is a match: CMC at rank 1.
    public var rank1: Double { cumulativeMatch(atRank: 1) }
    /// The share of scored queries with a match among the five nearest images: CMC at rank 5.
    public var rank5: Double { cumulativeMatch(atRank: 5) }
    /// The share of scored queries with a match among the ten nearest images: CMC at rank 10.
    public var rank10: Double { cumulativeMatch(atRank: 10) }

    /// The cumulative matching characteristic: the share of scored queries with a match among the nearest images.
    ///
    /// - Parameter rank: how many of the nearest images are looked at.
    public func cumulativeMatch(atRank rank: Int) -> Double {
        let ranks = firstMatches.compactMap { $0 }
        return Double(ranks.count(where: { $0 <= rank })) / Double(ranks.count)
    }

    /// - Throws: `TaskMetricError.noMatches` where no query has a match.
    init(_ outcomes: [MarketProtocol.Outcome?]) throws(TaskMetricError) {
        averagePrecisions = outcomes.map { $0?.averagePrecision }
        firstMatches = outcomes.map { $0?.firstMatch }
        let known = averagePrecisions.compactMap { $0 }
        guard !known.isEmpty else { throw .noMatches(queries: outcomes.count) }
        meanAveragePrecision = known.reduce(0, +) / Double(known.count)
    }
}

/// An image of the gallery in the ranking of a query.
public struct RankedImage: Sendable, Equatable {
    /// Where it stands in the gallery.
    public var position: Int
    /// Its distance from the query.
    public var distance: Float
    /// Whether it shows the query's person, under another camera.
    public var isMatch: Bool

    /// Nearer first; among equals wrong ones, then those that stand first.
    func precedes(_ other: RankedImage) -> Bool {
        if distance != other.distance { return distance < other.distance }
        if isMatch != other.isMatch { return !isMatch }
        return position < other.position
    }
}
