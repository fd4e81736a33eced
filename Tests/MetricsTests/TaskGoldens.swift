import Foundation
import Metrics

/// What `Tests/Goldens/task-metrics.py` made.
struct TaskGoldens: Decodable {
    struct Trial: Decodable {
        let name: String
        let dimension: Int
        let measure: DistanceMeasure
        /// Queries with equal distances.
        let tied: Int
        let query, gallery: [Float]
        let queryIdentities, queryCameras, galleryIdentities, galleryCameras: [Int]
        let precisions: [Double?]
        let firsts: [Int?]
        let map: Double
        /// At ranks 1, 5 and 10.
        let cmc: [Double]

        func marketProtocol() throws -> MarketProtocol {
            try MarketProtocol(
                query: ReidentificationLabels(identities: queryIdentities, cameras: queryCameras),
                gallery: ReidentificationLabels(identities: galleryIdentities, cameras: galleryCameras))
        }

        func distances() throws -> EmbeddingDistances {
            try EmbeddingDistances(
                query: Embeddings(query, dimension: dimension), gallery: Embeddings(gallery, dimension: dimension),
                measure: measure)
        }
    }

    struct Age: Decodable {
        let name: String
        let predicted: [Double]
        let actual: [Int]
        let mae: Double
        /// Within 0 to 10 years.
        let shares: [Double]
    }

    struct Confusion: Decodable {
        let name: String
        let predicted, actual: [Int]
        let classes: Int
        let accuracy, balanced: Double
        /// Classes with images, and their recalls.
        let seen: [Int]
        let recalls: [Double]
    }

    let trials: [Trial]
    let ages: [Age]
    let confusions: [Confusion]

    static func read() throws -> TaskGoldens {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/task-metrics.json")
        return try JSONDecoder().decode(TaskGoldens.self, from: Data(contentsOf: file))
    }
}
