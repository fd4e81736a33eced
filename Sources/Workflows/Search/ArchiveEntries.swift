import Architectures
import Archives

extension ArchitectureArchive {
    /// Returns all entries in the order in which they were added, after checking them against a space, as the file may
    /// have been edited or replaced by that of another search.
    ///
    /// - Parameter space: the space that was searched.
    /// - Throws: `ArchiveError.damaged` for the first row that is not of the space or has numbers out of range.
    public func entries(in space: SearchSpace) throws -> [ArchiveEntry] {
        let entries = try entries()
        for entry in entries {
            func damage(_ reason: String) -> ArchiveError {
                .damaged(
                    path: path, reason: "the row of the architecture `\(entry.architecture.prefix(60))`: \(reason)")
            }
            guard let architecture = Architecture(entry.architecture),
                architecture.description == entry.architecture
            else { throw damage("it is not written as candidates' numbers, such as `3 0 1 3`") }
            do { try space.validate(architecture) } catch { throw damage("\(error)") }
            // A score is a mean of float32 numbers; costs are exact whole numbers.
            let numbers: [(name: String, value: Double?, range: ClosedRange<Double>)] = [
                ("score", entry.score, -3.5e38...3.5e38), ("seconds", entry.seconds, 0...1e12),
                ("parameters", entry.costs["parameters"], 0...0x1p53),
                ("multiply_adds", entry.costs["multiplyAdds"], 0...0x1p53),
                ("latency_ms", entry.costs["latencyMilliseconds"], -1e12...1e12),
            ]
            for (name, value, range) in numbers where value.map({ !range.contains($0) }) ?? false {
                throw damage("its \(name) cannot be \(value ?? 0)")
            }
            if entry.round < 0 { throw damage("its round cannot be \(entry.round)") }
        }
        return entries
    }
}

extension [ArchiveEntry] {
    /// The entry with the highest score. Of equal scores the cheaper path is taken, then the first in the order of
    /// paths.
    func best(costs: CostTable) -> (architecture: Architecture, entry: ArchiveEntry)? {
        compactMap { entry in Architecture(entry.architecture).map { (architecture: $0, entry: entry) } }.max { a, b in
            let (costA, costB) = (costs.cost(of: a.architecture), costs.cost(of: b.architecture))
            return (a.entry.score, -costA.multiplyAdds) < (b.entry.score, -costB.multiplyAdds)
                || ((a.entry.score, costA.multiplyAdds) == (b.entry.score, costB.multiplyAdds)
                    && b.architecture < a.architecture)
        }
    }

    /// The entry with the most multiply-adds among those whose score is within some standard errors of the best one; of several,
    /// the one that `best(costs:)` takes.
    ///
    /// - Parameters:
    ///   - costs: the costs of the space.
    ///   - errors: the number of standard errors; 0 for the best entry.
    func largest(costs: CostTable, within errors: Double) -> (architecture: Architecture, entry: ArchiveEntry)? {
        guard let good = good(costs: costs, within: errors) else { return best(costs: costs) }
        func size(_ entry: ArchiveEntry) -> Int {
            Architecture(entry.architecture).map { costs.cost(of: $0).multiplyAdds } ?? 0
        }
        let most = good.map(size).max()
        return good.filter { size($0) == most }.best(costs: costs)
    }

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
        guard let good = good(costs: costs, within: errors) else { return best(costs: costs) }
        func changes(_ entry: ArchiveEntry) -> Int {
            Architecture(entry.architecture)?.distance(to: path) ?? .max
        }
        let fewest = good.map(changes).min()
        return good.filter { changes($0) == fewest }.best(costs: costs)
    }

    /// The entries whose score is within some standard errors of the best one; nil for none, and where only the best counts.
    private func good(costs: CostTable, within errors: Double) -> [ArchiveEntry]? {
        guard errors > 0, let best = best(costs: costs)?.entry else { return nil }
        let least = best.score - errors * (best.metrics[PathScore.standardErrorName] ?? 0)
        return filter { $0.score >= least }
    }
}
