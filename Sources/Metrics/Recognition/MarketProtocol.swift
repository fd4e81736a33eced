/// Person re-identification by the protocol of Market-1501 (Zheng et al., "Scalable person re-identification: a
/// benchmark", ICCV 2015): each query ranks the gallery by distance.
///
/// - Images of the query's identity under the query's camera are left out of its ranking, as are junk images (-1).
/// - Images of its identity under other cameras are right; all others are wrong, distractors (0) among them.
/// - A query without a right image is left out of all means and counted, as the usual code does. A query that is itself
///   junk or a distractor has none.
/// - Average precision is the mean of the precisions at each right image, without interpolation, as in the usual code
///   and in scikit-learn; the first toolbox of the data set averaged neighbouring precisions and gives slightly other
///   figures.
///
/// Among equal distances the order of the gallery's files decides nothing. The average precision takes a tie as one
/// step of the ranking, as scikit-learn does; in ranks, wrong images come first. So embeddings that are all alike score
/// next to nothing.
public struct MarketProtocol: Sendable {
    /// Who is on each query.
    public let query: ReidentificationLabels
    /// Who is on each image of the gallery.
    public let gallery: ReidentificationLabels

    /// Positions in the gallery of each person's images.
    private let places: [Int: [Int]]

    /// - Parameters:
    ///   - query: who is on each query.
    ///   - gallery: who is on each image of the gallery.
    public init(query: ReidentificationLabels, gallery: ReidentificationLabels) {
        self.query = query
        self.gallery = gallery
        places = Dictionary(grouping: 0..<gallery.count) { gallery.identities[$0] }
    }

    /// Scores all queries by their embeddings' distances.
    ///
    /// - Throws: `TaskMetricError` for other numbers of images than there are labels, a distance that overflows, or
    ///   queries none of which has a match.
    public func score(_ distances: EmbeddingDistances) throws -> ReidentificationScore {
        guard distances.queries == query.count else {
            throw TaskMetricError.lengths(
                what: "query embeddings", count: distances.queries, of: "queries", expected: query.count)
        }
        var outcomes: [Outcome?] = []
        try distances.forEachRow { position, row in outcomes.append(try outcome(ofQuery: position, row)) }
        return try ReidentificationScore(outcomes)
    }

    /// Scores all queries by distances that were computed elsewhere.
    ///
    /// - Parameter distancesOfQuery: called once for each query in turn, with its position: its distances from all
    ///   images of the gallery, in its order. The lower, the more alike.
    /// - Throws: what `distancesOfQuery` throws; `TaskMetricError` for a row of another length than the gallery's, a
    ///   distance that is not finite, or queries none of which has a match.
    public func score(distancesOfQuery: (Int) throws -> [Float]) throws -> ReidentificationScore {
        let outcomes = try (0..<query.count).map { position in
            try distancesOfQuery(position).withUnsafeBufferPointer { try outcome(ofQuery: position, $0) }
        }
        return try ReidentificationScore(outcomes)
    }

    /// The images that one query ranks first, nearest first; among equal distances wrong ones first, then by position.
    ///
    /// - Parameters:
    ///   - query: the query's position.
    ///   - distances: its distances from all images of the gallery, in its order.
    ///   - count: how many images at most.
    /// - Throws: `TaskMetricError` for a query that there is not, a row of another length than the gallery's, or a
    ///   distance that is not finite.
    public func rankedGallery(
        ofQuery query: Int, distances: [Float], count: Int
    ) throws(TaskMetricError) -> [RankedImage] {
        guard (0..<self.query.count).contains(query) else {
            throw .noSuchQuery(position: query, count: self.query.count)
        }
        try distances.withUnsafeBufferPointer { row throws(TaskMetricError) in try check(row, query: query) }
        let right = rightImages(forQuery: query)
        let isRight = Set(right)
        let identity = self.query.identities[query]
        let ranked = distances.indices
            .filter { isRight.contains($0) || isWrong($0, forIdentity: identity) }
            .map { RankedImage(position: $0, distance: distances[$0], isMatch: isRight.contains($0)) }
            .sorted { $0.precedes($1) }
        return Array(ranked.prefix(max(0, count)))
    }

    // MARK: - One query

    /// What one query with a match adds to the score.
    struct Outcome {
        let averagePrecision: Double
        /// The rank of the first right image, counted from 1.
        let firstMatch: Int
    }

    /// Nil for a query without a match.
    private func outcome(
        ofQuery query: Int, _ row: UnsafeBufferPointer<Float>
    ) throws(TaskMetricError) -> Outcome? {
        try check(row, query: query)
        let right = rightImages(forQuery: query).map { row[$0] }.sorted()
        guard let farthest = right.last else { return nil }
        // A wrong image stands before every right one that is as far or farther: it counts from the first of those.
        let identity = self.query.identities[query]
        var wrong = [Int](repeating: 0, count: right.count)
        for place in row.indices where row[place] <= farthest && isWrong(place, forIdentity: identity) {
            wrong[Self.firstPosition(in: right, notBelow: row[place])] += 1
        }
        for position in right.indices.dropFirst() { wrong[position] += wrong[position - 1] }
        var sum = 0.0
        var start = 0
        while start < right.count {
            var end = start + 1
            while end < right.count, right[end] == right[start] { end += 1 }
            sum += Double(end - start) * Double(end) / Double(end + wrong[start])
            start = end
        }
        return Outcome(averagePrecision: sum / Double(right.count), firstMatch: wrong[0] + 1)
    }

    private func rightImages(forQuery query: Int) -> [Int] {
        let (identity, camera) = (self.query.identities[query], self.query.cameras[query])
        guard identity > ReidentificationLabels.distractor else { return [] }
        return places[identity, default: []].filter { gallery.cameras[$0] != camera }
    }

    /// Whether an image is neither junk nor of that person.
    private func isWrong(_ place: Int, forIdentity identity: Int) -> Bool {
        let other = gallery.identities[place]
        return other != ReidentificationLabels.junk
            && (other != identity || other == ReidentificationLabels.distractor)
    }

    private func check(_ row: UnsafeBufferPointer<Float>, query: Int) throws(TaskMetricError) {
        guard row.count == gallery.count else {
            throw .lengths(
                what: "distances of query \(query)", count: row.count, of: "images of the gallery",
                expected: gallery.count)
        }
        for place in row.indices where !row[place].isFinite {
            throw .distanceNotFinite(query: query, gallery: place, value: row[place])
        }
    }

    /// By halving; `values` rise, and the last is not below `value`.
    private static func firstPosition(in values: [Float], notBelow value: Float) -> Int {
        var (low, high) = (0, values.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if values[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
