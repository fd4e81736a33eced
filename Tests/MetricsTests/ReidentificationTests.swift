import Foundation
import Metrics
import Support
import Testing

struct ReidentificationTests {
    @Test func precisionsAndFirstMatchesAreAsByScikitLearnAndNumPy() throws {
        let trials = try TaskGoldens.read().trials
        #expect(trials.count == 8)
        for trial in trials {
            let (market, distances) = (try trial.marketProtocol(), try trial.distances())
            let score = try market.score(distances)
            #expect(abs(score.meanAveragePrecision - trial.map) < 1e-9, "\(trial.name)")
            for (share, golden) in zip([score.rank1, score.rank5, score.rank10], trial.cmc) {
                #expect(abs(share - golden) < 1e-12, "\(trial.name)")
            }
            #expect(score.firstMatches == trial.firsts, "\(trial.name)")
            for (precision, golden) in zip(score.averagePrecisions, trial.precisions) {
                #expect((precision == nil) == (golden == nil), "\(trial.name)")
                if let precision, let golden { #expect(abs(precision - golden) < 1e-9, "\(trial.name)") }
            }
            #expect(score.queriesWithoutMatch == trial.firsts.count(where: { $0 == nil }))
            // Row by row through a closure it is the same.
            #expect(try market.score { try distances.row(ofQuery: $0) } == score)
            #expect(try JSONDecoder().decode(ReidentificationScore.self, from: JSONEncoder().encode(score)) == score)
        }
    }

    @Test func rankedListsAgreeWithTheScoreAndHoldNoJunkAndNoSameCamera() throws {
        for trial in try TaskGoldens.read().trials {
            let (market, distances) = (try trial.marketProtocol(), try trial.distances())
            let score = try market.score(distances)
            for query in 0..<market.query.count {
                let row = try distances.row(ofQuery: query)
                let ranked = try market.rankedGallery(ofQuery: query, distances: row, count: .max)
                #expect(ranked.firstIndex(where: \.isMatch).map { $0 + 1 } == score.firstMatches[query])
                #expect(zip(ranked, ranked.dropFirst()).allSatisfy { $0.distance <= $1.distance })
                let (identity, camera) = (market.query.identities[query], market.query.cameras[query])
                for image in ranked {
                    let (other, by) = (
                        market.gallery.identities[image.position], market.gallery.cameras[image.position]
                    )
                    #expect(other != -1 && image.distance == row[image.position])
                    #expect(image.isMatch == (other == identity))
                    #expect(other != identity || by != camera)
                }
                let left = market.gallery.identities.indices.count { place in
                    let other = market.gallery.identities[place]
                    return other == -1 || other == identity && market.gallery.cameras[place] == camera
                }
                #expect(ranked.count + left == market.gallery.count)
                #expect(try market.rankedGallery(ofQuery: query, distances: row, count: 3) == Array(ranked.prefix(3)))
            }
        }
    }

    @Test func neitherTheOrderOfTheGalleryNorJunkChangesAScore() throws {
        var generator = SeededGenerator(seed: 4)
        for trial in try TaskGoldens.read().trials {
            let (market, distances) = (try trial.marketProtocol(), try trial.distances())
            let score = try market.score(distances)
            let order = generator.permutation(market.gallery.count)
            let moved = MarketProtocol(
                query: market.query,
                gallery: try ReidentificationLabels(
                    identities: order.map { market.gallery.identities[$0] } + [-1, -1],
                    cameras: order.map { market.gallery.cameras[$0] } + [1, 9]))
            let again = try moved.score { query in
                let row = try distances.row(ofQuery: query)
                return order.map { row[$0] } + [0, 0]
            }
            #expect(again == score, "\(trial.name)")
        }
    }

    @Test func aPerfectRankingScoresOneAndDistractorsPushTheFirstMatchBack() throws {
        let query = try ReidentificationLabels(identities: [1], cameras: [1])
        let gallery = try ReidentificationLabels(identities: [1, 1, 2, 0], cameras: [2, 1, 1, 1])
        let market = MarketProtocol(query: query, gallery: gallery)
        let perfect = try market.score { _ in [1, 0, 2, 3] }
        #expect(perfect.meanAveragePrecision == 1 && perfect.rank1 == 1 && perfect.firstMatches == [1])
        let last = try market.score { _ in [4, 0, 2, 3] }
        #expect(last.meanAveragePrecision == 1.0 / 3 && last.rank1 == 0 && last.rank5 == 1)
        #expect(last.cumulativeMatch(atRank: 2) == 0 && last.cumulativeMatch(atRank: 3) == 1)
        // All alike: the order of the files earns nothing.
        let alike = try market.score { _ in [1, 1, 1, 1] }
        #expect(alike.meanAveragePrecision == 1.0 / 3 && alike.firstMatches == [3])
    }

    @Test func junkAndDistractorsAmongTheQueriesAreLeftOutAndCounted() throws {
        let query = try ReidentificationLabels(identities: [0, -1, 5, 1], cameras: [1, 1, 1, 1])
        let gallery = try ReidentificationLabels(identities: [0, -1, 1], cameras: [2, 2, 2])
        let score = try MarketProtocol(query: query, gallery: gallery).score { _ in [0, 1, 2] }
        #expect(score.averagePrecisions == [nil, nil, nil, 0.5])
        #expect(score.queriesWithoutMatch == 3 && score.scoredQueries == 1)
    }

    @Test func refusalsNameThePlace() throws {
        let one = try ReidentificationLabels(identities: [1], cameras: [1])
        let two = try ReidentificationLabels(identities: [1, 2], cameras: [2, 2])
        let market = MarketProtocol(query: one, gallery: two)
        #expect(throws: TaskMetricError.distanceNotFinite(query: 0, gallery: 1, value: .infinity)) {
            try market.score { _ in [0, .infinity] }
        }
        #expect(throws: TaskMetricError.self) { try market.score { _ in [0] } }
        #expect(throws: TaskMetricError.noSuchQuery(position: 1, count: 1)) {
            try market.rankedGallery(ofQuery: 1, distances: [0, 0], count: 1)
        }
        #expect(throws: TaskMetricError.noMatches(queries: 1)) {
            try MarketProtocol(query: one, gallery: one).score { _ in [0] }
        }
        #expect(throws: TaskMetricError.identity(position: 1, value: -2)) {
            try ReidentificationLabels(identities: [1, -2], cameras: [1, 1])
        }
        #expect(throws: TaskMetricError.self) { try ReidentificationLabels(identities: [1], cameras: []) }
        let distances = try EmbeddingDistances(
            query: Embeddings([1, 2], dimension: 1), gallery: Embeddings([1, 2], dimension: 1), measure: .cosine)
        let error = #expect(throws: TaskMetricError.self) { try market.score(distances) }
        #expect("\(try #require(error))".contains("2 query embeddings for 1 queries"))
    }
}
