import Foundation
import Metrics
import Rankings

/// What a truth table is worth, in figures.
enum BenchmarkSummary {
    static func rows(_ table: BenchmarkTable) -> [(String, String)] {
        func spread(_ name: String, _ value: (BenchmarkRow) -> Double, _ text: (Double) -> String) -> [(String, String)]
        {
            let means = table.entries.map { $0.mean(value) }
            let seeds = table.entries.map { $0.rows.map(value) }
            guard let least = means.min(), let most = means.max() else { return [] }
            var rows = [(name, "\(text(least)) to \(text(most))")]
            if let noise = SignalToNoise(truth: seeds) {
                let within = noise.ratio.map { ratio in
                    ", \(text(noise.within)) between seeds: " + String(format: "signal-to-noise %.1f", ratio)
                }
                rows.append(("", "standard deviation \(text(noise.between)) between architectures" + (within ?? "")))
            }
            if let tau = TauBetweenSeeds.mean(truth: seeds) {
                rows.append(("", String(format: "tau of one seed with another %.2f", tau)))
            }
            return rows
        }
        return [("architectures", "\(table.entries.count), \(table.rows.count) trainings")]
            + spread("accuracy", \.accuracy) { String(format: "%.2f %%", 100 * $0) }
            + spread("loss", \.loss) { String(format: "%.4f", $0) }
    }
}
