import Architectures
import Experiments
import Foundation
import NN
import Networks
import Supernets
import Support
import Testing
import Workflows

@testable import SupernetCommands

@Suite struct LatencyTableVerbTests {
    /// A folder that is removed afterwards.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "supernet-latency-" + UUID().uuidString
        try FilePath.makeFolder(folder)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func run(_ arguments: [String]) throws {
        var command = try SupernetCommand.parseAsRoot(arguments)
        try command.run()
    }

    private static let settings = ["stem=small", "planes=[16, 16]", "depths=[1, 1]"]

    @Test func aSpaceIsMeasuredIntoATable() throws {
        try withFolder { folder in
            let table = FilePath.join(folder, "table.csv")
            try run(
                ["profile", "--space", "resnest", "--size", "16x12", "--batch", "2", "--latency-table", table]
                    + Self.settings.flatMap { ["--set", $0] })
            let space = try SpaceOptions.load("resnest", Self.settings)
            let description = try space.description(channels: space.definition.usualImages.channels)
            let blocks = try LatencyBlocks(description, imageSize: ImageSize(height: 16, width: 12))
            let times = try BlockTimes.read(table, of: blocks, batchSize: 2)
            #expect(times.milliseconds.allSatisfy { $0 > 0 } && !times.checks.isEmpty)
            #expect(times.table.isOf(description.space))
        }
    }

    @Test func aSupernetIsMeasuredAtItsSize() throws {
        try withFolder { folder in
            let description = try ResNeStSpace(channels: 1, stem: .small, planes: [16, 16], depths: [1, 1])
                .description()
            let (file, table) = (FilePath.join(folder, "supernet.safetensors"), FilePath.join(folder, "table.csv"))
            let store = try ParameterStore(seed: 1, format: .channelsLast)
            _ = try Supernet(description, store: store)
            try SupernetFile.write(
                store,
                SupernetFile.Card(
                    supernet: description, method: "spos", dimension: nil, classNames: [], imageSize: 12, mean: [0.5],
                    std: [0.5]), to: file)
            try run(["profile", "--supernet", file, "--latency-table", table])
            _ = try BlockTimes.read(table, of: LatencyBlocks(description, imageSize: 12))
        }
    }

    @Test func aFolderThatIsNotThereIsRefusedBeforeMeasuring() throws {
        #expect(throws: FileError.self) { try run(["profile", "--latency-table", "/no/such/folder/table.csv"]) }
    }

    @Test(arguments: ["table.csv", "12", "[a]", "with \"quotes\".csv"]) func thePathIsASetting(path: String) throws {
        let command = try #require(
            SupernetCommand.parseAsRoot(["search", "x", "--latency-table", path]) as? Search)
        let search = try ConfigurationLoader.load(
            StudyConfiguration.self, files: [], overrides: command.budget.settings()
        ).value.search
        #expect(search.latencyTable == path)
    }
}
