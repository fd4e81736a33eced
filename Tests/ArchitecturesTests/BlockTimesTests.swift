import Foundation
import Support
import TestSpaces
import Testing

@testable import Architectures

/// The file of a table of latencies, and what is said of one that does not fit.
@Suite struct BlockTimesTests {
    fileprivate static func times(_ kind: SmallSpace = .elasticMobile) throws -> BlockTimes {
        let description = try kind.description()
        let blocks = try LatencyBlocks(description, imageSize: 16)
        let checks = try kind.architectures(3).enumerated().map {
            BlockTimes.Check($1, milliseconds: 3 + Double($0))
        }
        return BlockTimes(
            blocks, milliseconds: blocks.blocks.indices.map { 0.1 + Double($0) / 3 }, constant: 0.25, batchSize: 4,
            checks: Array(Set(checks).prefix(2)))
    }

    private func read(_ text: String, of blocks: LatencyBlocks, batch: Int = 4) throws -> BlockTimes {
        let path = NSTemporaryDirectory() + "latency-\(UUID().uuidString).csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try AtomicFile.write(text, to: path)
        do { return try BlockTimes.read(path, of: blocks, batchSize: batch) } catch var error as LatencyTableError {
            error.path = "table.csv"
            throw error
        }
    }

    @Test(arguments: SmallSpace.allCases) func aTableComesBack(kind: SmallSpace) throws {
        let times = try Self.times(kind)
        let path = NSTemporaryDirectory() + "latency-\(UUID().uuidString).csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try times.write(to: path)
        let found = try BlockTimes.read(path, of: times.blocks, batchSize: 4)
        #expect(found == times)
        #expect(found.table == times.table && found.table.checked == 2 && found.table.error > 0)
        let stored = try JSONDecoder().decode(LatencyTable.self, from: JSONEncoder().encode(found.table))
        for path in try kind.architectures(5) { #expect(stored.latency(of: path) == found.table.latency(of: path)) }
    }

    @Test func rowsAreReadable() throws {
        let lines = try Self.times().text.split(separator: "\n")
        #expect(lines[0] == "block,choices,input,batch,milliseconds")
        #expect(lines[1] == "network,,3x16x16,4,0.25")
        #expect(lines[2].hasPrefix("network,") && lines[2].contains(",3x16x16,4,"))
        #expect(lines[4].hasSuffix(",,3x16x16,4,0.1"), "\(lines[4])")
        #expect(lines.contains { $0.contains(",whole,8x16x16,4,") })
    }

    @Test func spreadsheetsMayHaveSavedIt() throws {
        let times = try Self.times(.depths)
        var lines = times.text.split(separator: "\n").map(String.init)
        // In another order, in other columns, with semicolons; without what all networks have.
        lines.remove(at: 1)
        let records = try CSVText.records(of: lines.joined(separator: "\n"))
        let moved = records.map { record in
            [record.fields[4], record.fields[3], "remark", record.fields[2], record.fields[1], record.fields[0]]
                .map { "\"\($0)\"" }.joined(separator: ";")
        }
        let text = "\u{FEFF}" + ([moved[0]] + moved.dropFirst().reversed()).joined(separator: "\r\n") + "\r\n\r\n"
        let found = try read(text, of: times.blocks)
        #expect(found.milliseconds == times.milliseconds && found.constant == 0)
    }

    @Test func namesMayHoldAnything() throws {
        let names = ["a;b", "a\\;b", "a, \"b\"", "=1+1", " blank ", "two\nlines", "'quoted'", "network"]
        let choice = Layer.Choice("network", names.map { .init($0, .identity) })
        let other = Layer.Choice("; ", [.init("x; y", .identity), .init("x", .identity)])
        let description = try SupernetDescription(
            "names", channels: 1,
            backbone: .sequence([
                .init("", .choice(choice)),
                .init(
                    "=2,3",
                    .residual(
                        body: .sequence([.init("", .choice(choice)), .init("", .choice(other))]), shortcut: nil,
                        relu: false)),
                .init("", .globalPool),
            ]))
        let blocks = try LatencyBlocks(description, imageSize: 4)
        #expect(Set(blocks.blocks.map { [$0.name, $0.choices] }).count == blocks.blocks.count)
        #expect(blocks.blocks[0].name == "network (2)")
        let times = BlockTimes(blocks, milliseconds: blocks.blocks.indices.map(Double.init), batchSize: 4)
        #expect(try read(times.text, of: blocks) == times)
    }

    /// A change of the file, and what is then said.
    fileprivate struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable ([String]) -> [String]
        let message: String
        var batch = 4
    }

    fileprivate static let faults: [Fault] = [
        Fault(
            testDescription: "nothing", change: { _ in [] }, message: "table.csv: the table of latencies has no rows"),
        Fault(testDescription: "only a header", change: { [$0[0]] }, message: "has no rows"),
        Fault(
            testDescription: "no column", change: { ["block,choices,shape,batch,ms"] + $0.dropFirst() },
            message: "line 1: the header names no column input and milliseconds"),
        Fault(
            testDescription: "another block", change: { $0 + ["layer9.9,whole,8x16x16,4,1", "layer9.10,,1x1x1,4,1"] },
            message: "of another search space: 'layer9.9' is no block of 'elastic-mobile'"),
        Fault(
            testDescription: "another candidate",
            change: { $0.map { $0.replacingOccurrences(of: ",whole,", with: ",all of it,") } },
            message: "of another search space: 'all of it' cannot be chosen for"),
        Fault(
            testDescription: "another architecture", change: { $0 + ["network,9 9 9,3x16x16,4,1"] },
            message: "'9 9 9' cannot be chosen for 'network'"),
        Fault(
            testDescription: "another size",
            change: { $0.map { $0.replacingOccurrences(of: "x16x16", with: "x24x24") } },
            message:
                "table.csv, line 2: the table is of images of another size: 'network' was measured with an input of "
                + "'3x24x24', but for images of 16 x 16 pixels it gets 3x16x16"),
        Fault(
            testDescription: "another size of a block",
            change: { [$0[0]] + $0.dropFirst(4).map { $0.replacingOccurrences(of: "x8x8", with: "x12x12") } },
            message: "was measured with an input of '16x12x12', but for images of 16 x 16 pixels it gets 16x8x8"),
        Fault(
            testDescription: "another batch", change: { $0 },
            message: "line 2: the table is of batches of another size: '4' in place of 1", batch: 1),
        Fault(
            testDescription: "no batch", change: { $0.map { $0.replacingOccurrences(of: ",4,", with: ",,") } },
            message: "of another size: none in place of 4"),
        Fault(
            testDescription: "twice", change: { $0 + [$0[5]] },
            message: "stands on line 6 already; leave one of them out"),
        Fault(
            testDescription: "missing", change: { Array($0.dropLast(3)) },
            message: "table.csv: 3 blocks have no row; the first"),
        Fault(
            testDescription: "one missing", change: { Array($0.dropLast(1)) },
            message: "1 block has no row; it is 'head.conv to head.bn' with an input of 16x8x8"),
        Fault(
            testDescription: "a word", change: { $0.dropLast(1) + [$0[$0.count - 1] + "ms"] },
            message: "milliseconds must be a number that is not negative, not '"),
        Fault(
            testDescription: "negative",
            change: { $0.map { $0.replacingOccurrences(of: ",0.25", with: ",-0.25") } },
            message: "line 2: milliseconds must be a number that is not negative, not '-0.25'"),
        Fault(
            testDescription: "none", change: { $0.map { $0.replacingOccurrences(of: ",0.25", with: ",nan") } },
            message: "not 'nan'"),
        Fault(
            testDescription: "infinite", change: { $0.map { $0.replacingOccurrences(of: ",0.25", with: ",inf") } },
            message: "not 'inf'"),
        Fault(
            testDescription: "a network without time", change: { $0 + ["network,0 0 0 0,3x16x16,4,0"] },
            message: "not '0'"),
        Fault(
            testDescription: "too few values", change: { $0 + ["end,1"] },
            message: "has 2 values; the header names 5 columns"),
        Fault(
            testDescription: "a quote that never ends", change: { $0 + ["\"end,1,,4,1"] },
            message: "has a quoted field that never ends"),
        Fault(
            testDescription: "text after a quote", change: { $0 + ["\"end\" x,1,,4,1"] },
            message: "has text after a closing quote"),
    ]

    @Test(arguments: faults) fileprivate func whatDoesNotFitIsSaid(fault: Fault) throws {
        let times = try Self.times()
        let text = fault.change(times.text.split(separator: "\n").map(String.init)).joined(separator: "\n")
        let error = try #require(throws: LatencyTableError.self) {
            try read(text, of: times.blocks, batch: fault.batch)
        }
        #expect("\(error)".contains(fault.message), "\(error)")
    }

    @Test func whatIsNoTextOrNotThereIsSaid() throws {
        let blocks = try Self.times().blocks
        #expect(throws: FileError.self) { try BlockTimes.read("/no/such/table.csv", of: blocks) }
        let path = NSTemporaryDirectory() + "latency-\(UUID().uuidString).csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try AtomicFile.write([0x62, 0xE9, 0x0A], to: path)
        #expect(throws: TextFileError.self) { try BlockTimes.read(path, of: blocks) }
    }
}
