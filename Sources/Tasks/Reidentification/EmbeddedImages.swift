import Metrics

/// Images and their embeddings: queries, or a gallery to find them in.
public struct EmbeddedImages: Sendable {
    /// Where each comes from.
    public let images: [String]
    /// One an image, in the same order.
    public let embeddings: Embeddings

    /// - Parameters:
    ///   - images: where each comes from.
    ///   - embeddings: one an image, in the same order.
    init(images: [String], embeddings: Embeddings) {
        (self.images, self.embeddings) = (images, embeddings)
    }

    /// The images of a gallery that are most like each of these, by the cosine. An image is not compared with itself,
    /// which is told by where it comes from.
    ///
    /// - Parameters:
    ///   - gallery: by the same network.
    ///   - count: how many for each, if there are so many.
    /// - Returns: one an image, the likest first; among equals the one that comes first in the gallery.
    /// - Throws: `TaskMetricError` for embeddings of zeros, or of another dimension.
    public func nearest(in gallery: EmbeddedImages, count: Int) throws -> [ImageMatches] {
        guard !images.isEmpty, !gallery.images.isEmpty else {
            return images.map { ImageMatches(image: $0, matches: []) }
        }
        let distances = try EmbeddingDistances(
            query: embeddings, gallery: gallery.embeddings, measure: .cosine)
        var found: [ImageMatches] = []
        distances.forEachRow { query, row in
            let others = row.indices.filter { gallery.images[$0] != images[query] }
            let order = others.sorted { (row[$0], $0) < (row[$1], $1) }
            found.append(
                ImageMatches(
                    image: images[query],
                    matches: order.prefix(count).map {
                        ImageMatches.Match(image: gallery.images[$0], similarity: 1 - Double(row[$0]))
                    }))
        }
        return found
    }
}

/// An image and those of a gallery that are most like it.
public struct ImageMatches: Sendable, Equatable, Codable {
    /// Where the image comes from.
    public var image: String
    /// The likest first.
    public var matches: [Match]

    /// An image of the gallery.
    public struct Match: Sendable, Equatable, Codable {
        /// Where it comes from.
        public var image: String
        /// The cosine of the angle between both embeddings, from -1 to 1.
        public var similarity: Double
    }
}
