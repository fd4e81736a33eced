import Architectures
import Foundation
import Support
import TestFolders
import Testing

@testable import Rankings

struct BenchmarkTableTests {
    private static let header = "architecture,seed,accuracy,loss,parameters,multiply_adds,seconds,half\n"

    private func withFile<T>(_ text: String, _ body: (String) throws -> T) throws -> T {
        let path = NSTemporaryDirectory() + "table-\(UUID().uuidString).csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return try body(path)
    }

    private func row(_ architecture: [Int], seed: Int, _ accuracy: Double, half: BenchmarkRow.Half = .choose)
        -> BenchmarkRow
    {
        BenchmarkRow(
            architecture: Architecture(architecture), seed: seed, accuracy: accuracy, loss: 1 - accuracy,
            parameters: 10, multiplyAdds: 20, seconds: 1.25, half: half)
    }

    @Test func whatIsWrittenIsRead() throws {
        let table = BenchmarkTable([
            row([1, 0], seed: 2, 0.75), row([0, 1], seed: 1, 0.1 + 0.2, half: .report), row([1, 0], seed: 1, 1.0 / 3),
        ])
        #expect(table.entries.map(\.architecture) == [Architecture([1, 0]), Architecture([0, 1])])
        #expect(table.entries[0].rows.map(\.seed) == [1, 2])
        #expect(table.commonSeeds == 1)
        #expect(table.half(.report).entries.map(\.architecture) == [Architecture([0, 1])])
        #expect(abs(table.entries[0].mean(\.accuracy) - (0.75 + 1.0 / 3) / 2) < 1e-15)
        let read = try withFile("") { path in
            try table.write(to: path)
            return try BenchmarkTable.read(path)
        }
        #expect(read == table)
    }

    @Test func tablesOfOtherProgramsAreRead() throws {
        let text = "seed,architecture,loss,accuracy,multiply_adds,parameters\r\n1,\"0, 1\",0.5,0.8,20,10\r\n\r\n"
        let refused = #expect(throws: BenchmarkTableError.self) { try withFile(text) { try BenchmarkTable.read($0) } }
        #expect("\(try #require(refused))".contains("line 2"), "a comma within quotes is one too many")
        let table = try withFile(text.replacingOccurrences(of: "0, 1", with: "0 1")) { try BenchmarkTable.read($0) }
        #expect(
            table.rows == [
                BenchmarkRow(
                    architecture: Architecture([0, 1]), seed: 1, accuracy: 0.8, loss: 0.5, parameters: 10,
                    multiplyAdds: 20, seconds: 0, half: .report)
            ])
    }

    @Test(
        arguments: [
            ("0 1,1,1.5,0.5,1,1,1,choose", "accuracy"), ("0 1,1,nan,0.5,1,1,1,choose", "accuracy"),
            ("0 1,1,0.5,inf,1,1,1,choose", "loss"), ("a b,1,0.5,0.5,1,1,1,choose", "architecture"),
            ("0 1,-1,0.5,0.5,1,1,1,choose", "seed"), ("0 1,1,0.5,0.5,1.5,1,1,choose", "parameters"),
            ("0 1,1,0.5,1e200,1,1,1,choose", "loss"), ("0 1,1,0.5,0.5,9223372036854775807,1,1,choose", "parameters"),
            ("0 1,99999999999999999999,0.5,0.5,1,1,1,choose", "seed"),
            ("0 1,1,0.5,0.5,1,1,1,both", "half"), ("0 1,1,0.5,0.5,1,1,1", "8 columns"),
        ]) func whatIsWrongIsNamedByLineAndColumn(line: String, word: String) throws
    {
        let error = #expect(throws: BenchmarkTableError.self) {
            try withFile(Self.header + "1 1,1,0.5,0.5,1,1,1,choose\n" + line + "\n") { try BenchmarkTable.read($0) }
        }
        let text = "\(try #require(error))"
        #expect(text.contains("line 3") && text.contains(word), "\(text)")
    }

    @Test func aTableOfAnotherSystemsEditorIsRead() throws {
        let text = Self.header + "1 1,1,0.5,0.5,1,1,1,choose\n"
        let folder = try TemporaryFolder()
        let marked = try folder.write([0xEF, 0xBB, 0xBF] + Array(text.replacing("\n", with: "\r\n").utf8), to: "a.csv")
        #expect(try BenchmarkTable.read(marked).rows.count == 1)
        let latin = try folder.write(Array(text.utf8) + [0xE9], to: "b.csv")
        let error = #expect(throws: TextFileError.self) { try BenchmarkTable.read(latin) }
        #expect(try #require(error).line == 3)
    }

    @Test func whateverIsInAFileIsReadOrRefused() throws {
        let text = Self.header + "1 1,1,0.5,0.5,1,1,1,choose\n0 1,2,0.25,1.5,10,20,3.5,report\n"
        let folder = try TemporaryFolder()
        var read = 0
        for bytes in Mutations(of: text, count: 400, seed: 6, words: [",", "\"", "\n", " "]) {
            do {
                let table = try BenchmarkTable.read(folder.write(bytes, to: "t.csv"))
                for entry in table.entries { #expect(entry.mean(\.loss).isFinite) }
                read += 1
            } catch is BenchmarkTableError {} catch is TextFileError {}
        }
        #expect((1..<400).contains(read))
    }

    @Test func incompleteTablesAreRefused() throws {
        for text in ["", "\n", Self.header] {
            let error = #expect(throws: BenchmarkTableError.self) { try withFile(text) { try BenchmarkTable.read($0) } }
            guard case .empty = try #require(error) else { throw try #require(error) }
        }
        let short = #expect(throws: BenchmarkTableError.self) {
            try withFile("architecture,seed\n0,1\n") { try BenchmarkTable.read($0) }
        }
        #expect("\(try #require(short))".contains("`accuracy`"))
        let twice = #expect(throws: BenchmarkTableError.self) {
            try withFile(Self.header + "0 1,1,0.5,0.5,1,1,1,choose\n0 1,1,0.6,0.5,1,1,1,choose\n") {
                try BenchmarkTable.read($0)
            }
        }
        #expect("\(try #require(twice))".contains("line 3"))
        #expect(throws: FileError.self) { try BenchmarkTable.read("/nowhere/table.csv") }
    }

    @Test func aTableOfAnotherSpaceIsRefused() throws {
        let table = BenchmarkTable([row([1, 0], seed: 1, 0.5), row([0, 4], seed: 1, 0.6)])
        let space = try SearchSpace("small", [ChoicePoint("a", ["x", "y"]), ChoicePoint("b", ["x", "y"])])
        let error = #expect(throws: BenchmarkTableError.self) { try table.validate(space, path: "t.csv") }
        let text = "\(try #require(error))"
        #expect(text.contains("t.csv") && text.contains("small") && text.contains("0 4"), "\(text)")
        try BenchmarkTable([row([1, 1], seed: 1, 0.5)]).validate(space, path: "t.csv")
    }
}
