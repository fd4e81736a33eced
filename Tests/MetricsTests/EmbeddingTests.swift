import Metrics
import Support
import Testing

struct EmbeddingTests {
    private func random(_ count: Int, dimension: Int, seed: UInt64) throws -> Embeddings {
        var generator = SeededGenerator(seed: seed)
        return try Embeddings((0..<count * dimension).map { _ in Float(generator.normal()) }, dimension: dimension)
    }

    @Test(arguments: [1, 3, 4, 9], [1, 2, 33])
    func distancesAreThoseOfTheDefinition(dimension: Int, count: Int) throws {
        let (query, gallery) = (
            try random(count, dimension: dimension, seed: 1), try random(7, dimension: dimension, seed: 2)
        )
        for measure in DistanceMeasure.allCases {
            let distances = try EmbeddingDistances(query: query, gallery: gallery, measure: measure)
            var rows = 0
            try distances.forEachRow { position, row in
                #expect(position == rows)
                rows += 1
                let single = try distances.row(ofQuery: position)
                #expect(single == Array(row))
                for place in 0..<7 {
                    let (a, b) = (
                        query.values[position * dimension..<(position + 1) * dimension].map(Double.init),
                        gallery.values[place * dimension..<(place + 1) * dimension].map(Double.init)
                    )
                    func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
                    let expected =
                        switch measure {
                        case .cosine: 1 - dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
                        case .squaredEuclidean: dot(a, a) + dot(b, b) - 2 * dot(a, b)
                        }
                    #expect(abs(Double(row[place]) - expected) < 1e-6 * max(1, expected))
                }
            }
            #expect(rows == count)
        }
    }

    @Test func equalEmbeddingsTieBitByBitWhereverTheyStand() throws {
        let some = try random(5, dimension: 7, seed: 3)
        let twice = try Embeddings(some.values + some.values, dimension: 7)
        for measure in DistanceMeasure.allCases {
            let distances = try EmbeddingDistances(query: twice, gallery: twice, measure: measure)
            for query in 0..<10 {
                let row = try distances.row(ofQuery: query)
                #expect(row[query] == 0)
                #expect(Array(row[..<5]) == Array(row[5...]))
            }
        }
    }

    @Test func theCosineForgetsLengths() throws {
        let query = try Embeddings([1, 1], dimension: 2)
        let gallery = try Embeddings([3e30, 3e30, 2e-30, 0, -5, -5], dimension: 2)
        let row = try EmbeddingDistances(query: query, gallery: gallery, measure: .cosine).row(ofQuery: 0)
        for (distance, expected) in zip(row, [0, 1 - 0.5.squareRoot(), 2]) {
            #expect(abs(Double(distance) - expected) < 1e-6)
        }
    }

    @Test func refusalsNameTheEmbedding() throws {
        #expect(throws: TaskMetricError.embeddingShape(values: 3, dimension: 2)) {
            try Embeddings([1, 2, 3], dimension: 2)
        }
        #expect(throws: TaskMetricError.embeddingShape(values: 3, dimension: 0)) {
            try Embeddings([1, 2, 3], dimension: 0)
        }
        #expect(throws: TaskMetricError.embeddingNotFinite(position: 1, value: -.infinity)) {
            try Embeddings([1, 2, 3, -.infinity], dimension: 2)
        }
        let (zero, pair) = (try Embeddings([1, 2, 0, 0], dimension: 2), try Embeddings([1, 2], dimension: 1))
        #expect(throws: TaskMetricError.embeddingZero(position: 1)) {
            try EmbeddingDistances(query: zero, gallery: zero, measure: .cosine)
        }
        #expect(throws: TaskMetricError.dimensions(query: 2, gallery: 1)) {
            try EmbeddingDistances(query: zero, gallery: pair, measure: .squaredEuclidean)
        }
        let distances = try EmbeddingDistances(query: pair, gallery: pair, measure: .cosine)
        #expect(throws: TaskMetricError.noSuchQuery(position: 2, count: 2)) { try distances.row(ofQuery: 2) }
    }
}
