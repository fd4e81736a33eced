import Support

/// The times of the blocks of a space as parts of whole networks, in milliseconds: what a table of latencies is made of,
/// and what its file holds.
public struct BlockTimes: Sendable, Hashable {
    /// A whole network that was measured beside the blocks and played no part in their times.
    public struct Check: Sendable, Hashable {
        /// The architecture.
        public var architecture: Architecture
        /// The milliseconds of one pass.
        public var milliseconds: Double

        /// A network that was measured.
        public init(_ architecture: Architecture, milliseconds: Double) {
            self.architecture = architecture
            self.milliseconds = milliseconds
        }
    }

    /// The blocks.
    public let blocks: LatencyBlocks
    /// The milliseconds of each block, in the order of `blocks.blocks`.
    public let milliseconds: [Double]
    /// The milliseconds that every network takes beside its blocks.
    public let constant: Double
    /// The number of images of one pass.
    public let batchSize: Int
    /// Whole networks that were measured, by which the error of the table is known.
    public let checks: [Check]

    /// Times of blocks.
    ///
    /// - Parameters:
    ///   - blocks: the blocks.
    ///   - milliseconds: the time of each, in the order of `blocks.blocks`; times that are missing are 0.
    ///   - constant: what every network takes beside its blocks.
    ///   - batchSize: the number of images of one pass.
    ///   - checks: whole networks that were measured.
    public init(
        _ blocks: LatencyBlocks, milliseconds: [Double], constant: Double = 0, batchSize: Int = 1, checks: [Check] = []
    ) {
        self.blocks = blocks
        self.milliseconds = blocks.blocks.indices.map { milliseconds.indices.contains($0) ? milliseconds[$0] : 0 }
        (self.constant, self.batchSize, self.checks) = (constant, batchSize, checks)
    }

    /// The table of latencies, whose error is that on the networks that were measured as a whole.
    public var table: LatencyTable {
        var table = LatencyTable(
            sum: blocks.sum(of: milliseconds, constant: constant), batchSize: batchSize, imageSize: blocks.imageSize,
            error: 0, checked: checks.count)
        let errors = checks.map { abs(table.latency(of: $0.architecture) - $0.milliseconds) / $0.milliseconds }
        table.error = errors.isEmpty ? 0 : errors.reduce(0, +) / Double(errors.count)
        return table
    }
}

/// Files of block times are comma-separated values with a header. What a network takes is the row `network` without
/// choices, where there is one, and the rows of its blocks; rows `network` with the numbers of the candidates are whole
/// networks that were measured beside the blocks, by which the error of the sums is known:
///
/// ```
/// block,choices,input,batch,milliseconds
/// network,,3x64x64,1,0.021
/// network,3 0 1 3,3x64x64,1,2.214
/// features.0.0 to features.0.1,,3x64x64,1,0.0312
/// features.1.conv,width 1/2,32x32x32,1,0.0583
/// ```
extension BlockTimes {
    /// The names of the columns. `block` is the name of a part of the backbone and `choices` names the candidates at its
    /// choice points, several divided by semicolons; `input` is the shape of what comes in, channels x height x width,
    /// and `batch` the number of images of a pass.
    static let columns = ["block", "choices", "input", "batch", "milliseconds"]

    /// The most bytes of a table: more than a million rows.
    private static let byteLimit = 256 << 20

    /// Replaces a file by the times, all at once.
    ///
    /// - Throws: `FileError`.
    public func write(to path: String) throws { try AtomicFile.write(text, to: path) }

    /// The text of the file.
    public var text: String {
        let image = Self.shape(blocks.image)
        var rows = [[LatencyBlocks.networkName, "", image, "\(batchSize)", "\(constant)"]]
        rows += checks.map {
            [LatencyBlocks.networkName, "\($0.architecture)", image, "\(batchSize)", "\($0.milliseconds)"]
        }
        rows += zip(blocks.blocks, milliseconds).map { Self.fields(of: $0) + ["\(batchSize)", "\($1)"] }
        return ([Self.columns] + rows).map { $0.joined(separator: ",") + "\n" }.joined()
    }

    /// The columns `block`, `choices` and `input` of a block.
    package static func fields(of block: LatencyBlocks.Block) -> [String] {
        [cell(block.name), cell(block.choices), shape(block.input)]
    }

    /// A name as a field; blanks at its ends stay only within quotes.
    private static func cell(_ name: String) -> String {
        let field = CSVField.of(text: name)
        let isBlank = [field.first, field.last].contains { $0?.isWhitespace ?? false }
        return isBlank && !field.hasPrefix("\"") ? "\"\(field)\"" : field
    }

    /// Reads the times of the blocks of a space, measured on any machine. Columns may stand in any order, beside others;
    /// without a row for what all networks take it is 0.
    ///
    /// - Parameters:
    ///   - path: the path of the file.
    ///   - blocks: the blocks that must have a time.
    ///   - batchSize: the number of images of a pass.
    /// - Throws: `FileError`, `TextFileError`; `LatencyTableError` that names the file and the line, for blocks, sizes
    ///   or batches of something else, times that are none, and blocks that have several times or none.
    public static func read(_ path: String, of blocks: LatencyBlocks, batchSize: Int = 1) throws -> BlockTimes {
        try read(TextFile.read(path, limit: byteLimit), path: path, of: blocks, batchSize: batchSize)
    }

    /// The shape as the column `input` has it.
    package static func shape(_ shape: FeatureShape) -> String {
        shape.isVector ? "\(shape.channels)" : "\(shape.channels)x\(shape.height)x\(shape.width)"
    }

    private static func read(
        _ text: String, path: String, of blocks: LatencyBlocks, batchSize: Int
    ) throws -> BlockTimes {
        let records: [CSVText.Record]
        do { records = try CSVText.records(of: text) } catch {
            throw LatencyTableError(path: path, line: error.line, .notARow(error.reason))
        }
        guard let header = records.first, records.count > 1 else {
            throw LatencyTableError(path: path, line: nil, .empty)
        }
        let missing = columns.filter { !header.fields.contains($0) }
        guard missing.isEmpty else { throw LatencyTableError(path: path, line: header.line, .missingColumns(missing)) }
        var rows = TimeRows(path: path, blocks: blocks, batchSize: batchSize)
        for record in records.dropFirst() { try rows.take(record, header: header.fields) }
        return try rows.finished()
    }

    /// The rows of a file on their way to times.
    private struct TimeRows {
        let path: String
        let blocks: LatencyBlocks
        let batchSize: Int
        /// Positions of blocks by name, choices and input.
        private let positions: [[String]: Int]
        private let names: Set<String>
        private let choices: Set<[String]>
        private var times: [Int: Double] = [:]
        private var constant: Double?
        private var checks: [Check] = []
        /// The line on which each row stands first.
        private var lines: [[String]: Int] = [:]

        init(path: String, blocks: LatencyBlocks, batchSize: Int) {
            (self.path, self.blocks, self.batchSize) = (path, blocks, batchSize)
            let keys = blocks.blocks.map { [$0.name, $0.choices, BlockTimes.shape($0.input)] }
            positions = Dictionary(zip(keys, keys.indices), uniquingKeysWith: { first, _ in first })
            names = Set(blocks.blocks.map(\.name))
            choices = Set(keys.map { Array($0.prefix(2)) })
        }

        mutating func take(_ record: CSVText.Record, header: [String]) throws {
            let path = path
            func refuse(_ fault: LatencyTableError.Fault) -> LatencyTableError {
                LatencyTableError(path: path, line: record.line, fault)
            }
            guard record.fields.count == header.count else {
                throw refuse(
                    .notARow("has \(record.fields.count) values; the header names \(header.count) columns"))
            }
            func field(_ column: String) -> String {
                CSVField.text(of: header.firstIndex(of: column).map { record.fields[$0] } ?? "")
            }
            let (name, chosen, input) = (field("block"), field("choices"), field("input"))
            guard name == LatencyBlocks.networkName || names.contains(name) else {
                throw refuse(.otherSpace(block: name, space: blocks.description.space.name))
            }
            guard Int(field("batch")) == batchSize else {
                throw refuse(.otherBatch(field("batch"), expected: batchSize))
            }
            // Sums over all blocks must stay numbers.
            guard let time = Double(field("milliseconds")), time >= 0, time <= 1e12 else {
                throw refuse(.notATime(field("milliseconds")))
            }
            let key = [name, chosen, input]
            if let first = lines.updateValue(record.line, forKey: key) {
                throw refuse(.repeated(block: name, choices: chosen, line: first))
            }
            if name == LatencyBlocks.networkName {
                try takeNetwork(chosen, input, time, refuse)
                return
            }
            guard let position = positions[key] else {
                guard choices.contains([name, chosen]) else {
                    throw refuse(.otherChoices(chosen, block: name, space: blocks.description.space.name))
                }
                let expected = blocks.blocks.filter { $0.name == name && $0.choices == chosen }
                throw refuse(
                    .otherSize(
                        input, block: name, expected: expected.map { BlockTimes.shape($0.input) },
                        imageSize: blocks.imageSize))
            }
            times[position] = time
        }

        private mutating func takeNetwork(
            _ chosen: String, _ input: String, _ time: Double, _ refuse: (LatencyTableError.Fault) -> LatencyTableError
        ) throws {
            let image = BlockTimes.shape(blocks.image)
            guard input == image else {
                throw refuse(
                    .otherSize(
                        input, block: LatencyBlocks.networkName, expected: [image], imageSize: blocks.imageSize))
            }
            guard !chosen.isEmpty else {
                constant = time
                return
            }
            guard let architecture = try? blocks.description.space.parse(chosen) else {
                throw refuse(
                    .otherChoices(
                        chosen, block: LatencyBlocks.networkName, space: blocks.description.space.name))
            }
            guard time > 0 else { throw refuse(.notATime("0")) }
            checks.append(Check(architecture, milliseconds: time))
        }

        func finished() throws -> BlockTimes {
            let missing = blocks.blocks.indices.filter { times[$0] == nil }
            if let first = missing.first {
                let block = blocks.blocks[first]
                throw LatencyTableError(
                    path: path, line: nil,
                    .missing(
                        count: missing.count, block: block.name, choices: block.choices,
                        input: BlockTimes.shape(block.input)))
            }
            return BlockTimes(
                blocks, milliseconds: blocks.blocks.indices.map { times[$0] ?? 0 }, constant: constant ?? 0,
                batchSize: batchSize, checks: checks)
        }
    }
}
