import Metrics

/// Images and their embeddings: queries, or a gallery to find them in.
public struct EmbeddedImages: Sendable {
    /// The paths of the images.
    public let images: [String]
    /// The embeddings of the images, in the same order.
    public let embeddings: Embeddings

    /// Creates images with their embeddings.
    ///
    /// - Parameters:
    ///   - images: the paths of the images.
    ///   - embeddings: the embeddings of the images, in the same order.
    init(images: [String], embeddings: Embeddings) {
        (self.images, self.embeddings) = (images, embeddings)
    }

    /// Finds for each image the most similar images of a gallery by cosine similarity. An image is not compared with
    /// itself, which is recognised by its path.
    ///
    /// - Parameters:
    ///   - gallery: the gallery, embedded by the same network.
    ///   - count: the largest number of matches for each image.
    /// - Returns: the matches of each image, most similar first; among equals in the order of the gallery.
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

/// An image and the most similar images of a gallery.
public struct ImageMatches: Sendable, Equatable, Codable {
    /// The path of the image.
    public var image: String
    /// The matches, most similar first.
    public var matches: [Match]

    /// A matching image of the gallery.
    public struct Match: Sendable, Equatable, Codable {
        /// The path of the image.
        public var image: String
        /// The cosine similarity of the embeddings, from -1 to 1.
        public var similarity: Double
    }
}
