import Architectures
import Archives
import Tasks

extension [ArchiveEntry] {
    /// The entry that differs from a path at the fewest choices, among those whose score is within some standard errors
    /// of the best one; of equally close entries, the one that `best(costs:)` takes.
    ///
    /// - Parameters:
    ///   - costs: the costs of the space.
    ///   - path: the path to stay close to.
    ///   - errors: the number of standard errors; 0 for the best entry.
    func best(
        costs: CostTable, closestTo path: Architecture, within errors: Double
    ) -> (architecture: Architecture, entry: ArchiveEntry)? {
        guard let best = best(costs: costs), errors > 0 else { return best(costs: costs) }
        let least = best.entry.score - errors * (best.entry.metrics[PathScore.standardErrorName] ?? 0)
        func changes(_ entry: ArchiveEntry) -> Int {
            Architecture(entry.architecture)?.distance(to: path) ?? .max
        }
        let good = filter { $0.score >= least }
        let fewest = good.map(changes).min()
        return good.filter { changes($0) == fewest }.best(costs: costs)
    }
}
