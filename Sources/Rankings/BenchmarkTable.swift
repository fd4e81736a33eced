import Architectures

/// One training of a benchmark table: an architecture, trained alone with one seed.
public struct BenchmarkRow: Sendable, Equatable {
    /// The two halves of a table's architectures: what is tuned by looking at accuracies is tuned on one half and
    /// reported on the other.
    public enum Half: String, Sendable, Codable, CaseIterable {
        /// The development half, by which choices are made.
        case choose
        /// The held-out half, of which figures are reported.
        case report
    }

    /// The architecture that was trained.
    public var architecture: Architecture
    /// The seed of the training, from 1 on.
    public var seed: Int
    /// The accuracy on images that were not learned from, 0...1.
    public var accuracy: Double
    /// The mean cross-entropy on the same images.
    public var loss: Double
    /// The number of learned values of the network, the classifier included.
    public var parameters: Int
    /// The number of multiply-adds for one image.
    public var multiplyAdds: Int
    /// Seconds of the training, with one thread.
    public var seconds: Double
    /// The half of the table that the architecture belongs to.
    public var half: Half

    /// A row as it was measured.
    public init(
        architecture: Architecture, seed: Int, accuracy: Double, loss: Double, parameters: Int, multiplyAdds: Int,
        seconds: Double, half: Half
    ) {
        (self.architecture, self.seed, self.accuracy, self.loss) = (architecture, seed, accuracy, loss)
        (self.parameters, self.multiplyAdds) = (parameters, multiplyAdds)
        (self.seconds, self.half) = (seconds, half)
    }
}

/// A tabular benchmark: architectures of one search space, each trained alone with several seeds, with their
/// ground-truth accuracies. Rankings of the same architectures are judged by it.
public struct BenchmarkTable: Sendable, Equatable {
    /// One architecture with all its trainings.
    public struct Entry: Sendable, Equatable {
        /// The architecture that was trained.
        public var architecture: Architecture
        /// Its trainings, the lowest seed first.
        public var rows: [BenchmarkRow]

        /// The mean of a figure over the architecture's trainings.
        public func mean(_ figure: (BenchmarkRow) -> Double) -> Double {
            rows.reduce(0) { $0 + figure($1) } / Double(rows.count)
        }
    }

    /// One for each architecture, in the order in which the architectures first appear.
    public let entries: [Entry]

    /// A table of some rows, which are grouped by architecture.
    public init(_ rows: [BenchmarkRow]) {
        var positions: [Architecture: Int] = [:]
        var entries: [Entry] = []
        for row in rows {
            if let position = positions[row.architecture] {
                entries[position].rows.append(row)
            } else {
                positions[row.architecture] = entries.count
                entries.append(Entry(architecture: row.architecture, rows: [row]))
            }
        }
        self.entries = entries.map { entry in
            Entry(architecture: entry.architecture, rows: entry.rows.sorted { $0.seed < $1.seed })
        }
    }

    /// All rows, architecture by architecture.
    public var rows: [BenchmarkRow] { entries.flatMap(\.rows) }

    /// The number of seeds that every architecture has at least; 0 for an empty table.
    public var commonSeeds: Int { entries.map(\.rows.count).min() ?? 0 }

    /// The part of the table that has the architectures of one half.
    public func half(_ half: BenchmarkRow.Half) -> BenchmarkTable { BenchmarkTable(rows.filter { $0.half == half }) }

    /// Refuses a table whose architectures are not all of a space.
    ///
    /// - Parameters:
    ///   - space: the space of the supernet that is to be judged.
    ///   - path: the table's file, for the message.
    /// - Throws: `BenchmarkTableError.otherSpace`.
    public func validate(_ space: SearchSpace, path: String) throws {
        for entry in entries {
            do { try space.validate(entry.architecture) } catch let error as SpaceError {
                throw BenchmarkTableError.otherSpace(path: path, space: space.name, "\(error)")
            }
        }
    }
}
