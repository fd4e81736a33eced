import Datasets
import Metrics
import Results
import Torch

/// Queries and a gallery, as positions in one list of images.
struct RetrievalSet: Sendable {
    /// The images, labelled by their position.
    let images: NumberedImages
    private let identities: [Int]
    private let cameras: [Int]
    private let queries: [Int]
    private let gallery: [Int]

    /// Creates the set of a test part.
    init(query: ReidentificationPart, gallery: ReidentificationPart) {
        images = NumberedImages([query, gallery])
        identities = query.identities + gallery.identities
        cameras = query.cameras + gallery.cameras
        queries = Array(0..<query.count)
        self.gallery = Array(query.count..<query.count + gallery.count)
    }

    /// Creates a set in which all images form the gallery, and the first image of each identity under each camera is a
    /// query where another camera saw the identity.
    ///
    /// - Throws: `DatasetError` if there is no query.
    init(_ part: any ImageDataset, identities: [Int], cameras: [Int], root: String) throws {
        images = NumberedImages([part])
        (self.identities, self.cameras) = (identities, cameras)
        gallery = Array(identities.indices)
        var seen: [Int: Set<Int>] = [:]
        for (identity, camera) in zip(identities, cameras) { seen[identity, default: []].insert(camera) }
        var asked: [Int: Set<Int>] = [:]
        queries = identities.indices.filter {
            seen[identities[$0], default: []].count > 1
                && asked[identities[$0], default: []].insert(cameras[$0]).inserted
        }
        guard !queries.isEmpty else {
            throw DatasetError(
                .invalidArgument, file: root,
                "none of the \(seen.count) identities that were held out for validation is seen by two cameras",
                advice: "Give more identities, or a larger data.validation-fraction.")
        }
    }

    /// Scores embeddings by cosine similarity in the protocol of Market-1501.
    ///
    /// - Parameters:
    ///   - outputs: the embeddings [N, F], one row for each of `rows`.
    ///   - rows: positions of images; missing ones could not be read and are left out.
    /// - Throws: `TaskMetricError`.
    func score(_ outputs: Tensor, rows: [Int]) throws -> ReidentificationScore {
        let (distances, scoring, _, _) = try compare(outputs, rows)
        return try scoring.score(distances)
    }

    /// The gallery images that rank first for queries spread over the set.
    ///
    /// - Parameters:
    ///   - outputs: the embeddings [N, F], one row for each of `rows`.
    ///   - rows: positions of images.
    ///   - queries: the number of queries.
    ///   - length: the number of gallery images for each query.
    /// - Throws: `TaskMetricError`.
    func galleries(_ outputs: Tensor, rows: [Int], queries: Int, length: Int) throws -> [Examples.Query] {
        let (distances, scoring, asked, searched) = try compare(outputs, rows)
        let count = min(queries, asked.count)
        return try (0..<count).map { number in
            let query = number * asked.count / count
            let ranked = try scoring.rankedGallery(
                ofQuery: query, distances: distances.row(ofQuery: query), count: length)
            let image = asked[query]
            return Examples.Query(
                image: image, identity: identities[image], camera: cameras[image],
                found: ranked.map {
                    let place = searched[$0.position]
                    return .init(image: place, camera: cameras[place], isMatch: $0.isMatch)
                })
        }
    }

    /// Computes distances, the protocol, and the positions of its queries and gallery among all images.
    private func compare(
        _ outputs: Tensor, _ rows: [Int]
    ) throws -> (EmbeddingDistances, MarketProtocol, queries: [Int], gallery: [Int]) {
        let width = outputs.size(1)
        let values = try outputs.to(.float32).array(Float.self)
        let places = Dictionary(zip(rows, rows.indices)) { first, _ in first }
        let (asked, searched) = (queries.filter { places[$0] != nil }, gallery.filter { places[$0] != nil })
        func embeddings(_ images: [Int]) throws -> Embeddings {
            let found = images.compactMap { places[$0] }
            return try Embeddings(found.flatMap { values[$0 * width..<($0 + 1) * width] }, dimension: width)
        }
        func labels(_ images: [Int]) throws -> ReidentificationLabels {
            try ReidentificationLabels(
                identities: images.map { identities[$0] }, cameras: images.map { cameras[$0] })
        }
        return (
            try EmbeddingDistances(query: embeddings(asked), gallery: embeddings(searched), measure: .cosine),
            MarketProtocol(query: try labels(asked), gallery: try labels(searched)), asked, searched
        )
    }
}
