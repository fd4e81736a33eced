/// Vectors of one dimension, such as a network's features of images, each finite in all its values.
public struct Embeddings: Sendable, Equatable {
    /// All values of the first embedding, then all of the second, and so on.
    public let values: [Float]
    /// Values of one embedding.
    public let dimension: Int

    /// The number of embeddings.
    public var count: Int { values.count / dimension }

    /// - Parameters:
    ///   - values: all values of the first embedding, then all of the second, and so on.
    ///   - dimension: values of one embedding, at least 1.
    /// - Throws: `TaskMetricError` for values that do not divide into embeddings, or are not finite.
    public init(_ values: [Float], dimension: Int) throws(TaskMetricError) {
        guard dimension > 0, values.count.isMultiple(of: dimension) else {
            throw .embeddingShape(values: values.count, dimension: dimension)
        }
        if let wrong = values.firstIndex(where: { !$0.isFinite }) {
            throw .embeddingNotFinite(position: wrong / dimension, value: values[wrong])
        }
        self.values = values
        self.dimension = dimension
    }

    /// Each divided by its Euclidean length.
    ///
    /// - Throws: `TaskMetricError.embeddingZero` for one without a length.
    func normalized() throws(TaskMetricError) -> Embeddings {
        var scaled = values
        for position in 0..<count {
            let range = position * dimension..<(position + 1) * dimension
            // In double precision the squares of finite floats neither overflow nor vanish.
            let square = values[range].reduce(0.0) { $0 + Double($1) * Double($1) }
            guard square > 0 else { throw .embeddingZero(position: position) }
            let length = square.squareRoot()
            for index in range { scaled[index] = Float(Double(values[index]) / length) }
        }
        return try Embeddings(scaled, dimension: dimension)
    }

    /// The values in vectors of four, each embedding filled up with zeros to a whole number of vectors.
    func packed() -> [SIMD4<Float>] {
        let width = (dimension + 3) / 4
        var packed = [SIMD4<Float>](repeating: .zero, count: count * width)
        for position in 0..<count {
            for index in 0..<dimension {
                packed[position * width + index / 4][index % 4] = values[position * dimension + index]
            }
        }
        return packed
    }
}

/// A distance between embeddings.
public enum DistanceMeasure: String, Sendable, Codable, CaseIterable {
    /// One less the cosine of the angle between two embeddings: from 0 to 2.
    case cosine
    /// The square of the Euclidean distance, which ranks as the distance itself does.
    case squaredEuclidean = "squared-euclidean"
}

/// The distance of every query from every image of a gallery, computed a block of queries at a time, so that the whole
/// table never lies in memory.
///
/// Equal embeddings have equal distances, bit by bit, wherever they stand: a tie is a tie.
public struct EmbeddingDistances: Sendable {
    /// The number of queries: rows of the table.
    public let queries: Int
    /// The number of images in the gallery: values of a row.
    public let gallery: Int

    private let queryVectors: [SIMD4<Float>]
    private let galleryVectors: [SIMD4<Float>]
    /// Vectors of one embedding.
    private let width: Int
    /// What a square of the difference is multiplied with: of unit vectors, half of it is one less the cosine.
    private let scale: Float

    /// Queries whose vectors stay in a processor's near caches while the gallery passes by.
    private static let block = 32

    /// - Parameters:
    ///   - query: embeddings of the queries.
    ///   - gallery: embeddings of the gallery, by the same network.
    ///   - measure: how far two embeddings are apart.
    /// - Throws: `TaskMetricError` for different dimensions or, where the measure is the cosine, embeddings of zeros.
    public init(query: Embeddings, gallery: Embeddings, measure: DistanceMeasure) throws(TaskMetricError) {
        guard query.dimension == gallery.dimension else {
            throw .dimensions(query: query.dimension, gallery: gallery.dimension)
        }
        queries = query.count
        self.gallery = gallery.count
        width = (query.dimension + 3) / 4
        switch measure {
        case .cosine:
            scale = 0.5
            queryVectors = try query.normalized().packed()
            galleryVectors = try gallery.normalized().packed()
        case .squaredEuclidean:
            scale = 1
            queryVectors = query.packed()
            galleryVectors = gallery.packed()
        }
    }

    /// The distances of one query from all images of the gallery, in its order.
    ///
    /// - Throws: `TaskMetricError.noSuchQuery`.
    public func row(ofQuery query: Int) throws(TaskMetricError) -> [Float] {
        guard (0..<queries).contains(query) else { throw .noSuchQuery(position: query, count: queries) }
        var row = [Float](repeating: 0, count: gallery)
        row.withUnsafeMutableBufferPointer { fill($0, from: query, count: 1) }
        return row
    }

    /// Calls `body` for each query in turn with its distances from all images of the gallery, in its order.
    ///
    /// - Parameter body: given the query's position and its row, which is valid until it returns.
    public func forEachRow(_ body: (Int, UnsafeBufferPointer<Float>) throws -> Void) rethrows {
        var table = [Float](repeating: 0, count: min(Self.block, queries) * gallery)
        for first in stride(from: 0, to: queries, by: Self.block) {
            let count = min(Self.block, queries - first)
            try table.withUnsafeMutableBufferPointer { table in
                fill(table, from: first, count: count)
                for query in 0..<count {
                    let row = UnsafeBufferPointer(rebasing: table[query * gallery..<(query + 1) * gallery])
                    try body(first + query, row)
                }
            }
        }
    }

    /// Two queries by two images of the gallery at a time, whose sums stay in registers. At odd edges the last of
    /// either is taken twice, so that every pair is summed by the same steps in the same order.
    private func fill(_ table: UnsafeMutableBufferPointer<Float>, from first: Int, count: Int) {
        queryVectors.withUnsafeBufferPointer { queryVectors in
            galleryVectors.withUnsafeBufferPointer { galleryVectors in
                for left in stride(from: 0, to: gallery, by: 2) {
                    let right = min(left + 1, gallery - 1)
                    let (leftStart, rightStart) = (left * width, right * width)
                    for upper in stride(from: 0, to: count, by: 2) {
                        let lower = min(upper + 1, count - 1)
                        let (upperStart, lowerStart) = ((first + upper) * width, (first + lower) * width)
                        var sums = (SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero, SIMD4<Float>.zero)
                        for step in 0..<width {
                            let (a, b) = (queryVectors[upperStart + step], queryVectors[lowerStart + step])
                            let (c, d) = (galleryVectors[leftStart + step], galleryVectors[rightStart + step])
                            let (ac, ad, bc, bd) = (a - c, a - d, b - c, b - d)
                            sums.0 += ac * ac
                            sums.1 += ad * ad
                            sums.2 += bc * bc
                            sums.3 += bd * bd
                        }
                        table[upper * gallery + left] = sums.0.sum() * scale
                        table[upper * gallery + right] = sums.1.sum() * scale
                        table[lower * gallery + left] = sums.2.sum() * scale
                        table[lower * gallery + right] = sums.3.sum() * scale
                    }
                }
            }
        }
    }
}
