import Foundation

/// Correlations and tests as SciPy has them.
struct StatisticsGoldens: Decodable {
    struct Correlation: Decodable {
        let name: String
        let x, y: [Double]
        let tau, rho, r: Double
    }
    struct Test: Decodable {
        let name: String
        let first, second: [Double]
        let mean, deviation, t, p: Double
    }
    struct Combination: Decodable {
        let name: String
        let lists: [[Double]]
        let p: Double
    }
    let correlations: [Correlation]
    let combinations: [Combination]
    let tests: [Test]

    static func read() throws -> StatisticsGoldens {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/rankings.json")
        return try JSONDecoder().decode(StatisticsGoldens.self, from: Data(contentsOf: file))
    }
}
