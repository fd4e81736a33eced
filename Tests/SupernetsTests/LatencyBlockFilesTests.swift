import Architectures
import Foundation
import Support
import TestSpaces
import Testing

@testable import Supernets

@Suite struct LatencyBlockFilesTests {
    /// The rows of a list by column.
    private func rows(_ folder: String) throws -> [[String: String]] {
        let text = try TextFile.read(FilePath.join(folder, LatencyBlockFiles.listName), limit: 1 << 20)
        let records = try CSVText.records(of: text)
        return records.dropFirst().map { record in
            Dictionary(uniqueKeysWithValues: zip(records[0].fields, record.fields.map { CSVField.text(of: $0) }))
        }
    }

    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "supernet-blocks-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    @Test(arguments: [SmallSpace.elasticMobile, .cells, .imageSizes])
    func whatAnotherProgramTimesIsATableOfTheSpace(space: SmallSpace) throws {
        try withFolder { folder in
            let description = try space.description()
            let size = ImageSize(16)
            try LatencyBlockFiles.write(description, imageSize: size, to: folder, fitted: 2, checks: 3)
            let rows = try rows(folder)
            let blocks = try LatencyBlocks(description, imageSize: size)
            let listed = rows.filter { $0["role"] == "block" }
            #expect(listed.count == blocks.blocks.count)
            for row in rows { #expect(FilePath.isFile(FilePath.join(folder, row["file"] ?? ""))) }
            // Another program's clock: the time of a block is the size of its file.
            func time(_ row: [String: String]) throws -> Double {
                let path = FilePath.join(folder, row["file"] ?? "")
                return Double(try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int))
            }
            let times = try listed.map(time)
            let networks = rows.filter { $0["role"] == "checked" }
            #expect(networks.count == 3)
            var text = "block,choices,input,batch,milliseconds\n"
            for (row, time) in zip(listed, times) {
                let fields = ["block", "choices", "input"].map { CSVField.of(text: row[$0] ?? "") }
                text += (fields + ["1", "\(time)"]).joined(separator: ",") + "\n"
            }
            let table = FilePath.join(folder, "table.csv")
            try AtomicFile.write(text, to: table)
            let read = try BlockTimes.read(table, of: blocks).table
            for row in networks {
                let path = try description.space.parse(row["choices"] ?? "")
                let parts = try (row["parts"] ?? "").split(separator: " ").map { try #require(Int($0)) }
                #expect(abs(read.latency(of: path) - parts.reduce(0) { $0 + times[$1] }) < 1e-6)
            }
        }
    }

    @Test func layersOnVectorsHaveFiles() throws {
        try withFolder { folder in
            let two = Layer.sequence([.init("a", .linear(outputs: 4)), .init("b", .linear(outputs: 4))])
            let linear = Layer.choice(.init("outputs", [.init("two", two), .init("one", .linear(outputs: 4))]))
            let description = try SupernetDescription(
                "vectors", channels: 3,
                backbone: .sequence([.init("", .globalPool), .init("fc1", linear)]))
            let written = try LatencyBlockFiles.write(description, imageSize: 4, to: folder, fitted: 1, checks: 1)
            #expect(written.blocks == 3 && written.files == 3)
            #expect(try rows(folder).contains { $0["block"] == "fc1" && $0["input"] == "3" })
        }
    }

    @Test func aFolderWithFilesIsLeftAlone() throws {
        try withFolder { folder in
            try FilePath.makeFolder(folder)
            try AtomicFile.write("mine", to: FilePath.join(folder, "blocks.csv"))
            #expect(throws: FileError.self) {
                try LatencyBlockFiles.write(SmallSpace.resnest.description(), imageSize: 8, to: folder)
            }
            #expect(try FilePath.list(folder) == ["blocks.csv"])
        }
    }
}
