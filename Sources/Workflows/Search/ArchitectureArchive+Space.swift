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
