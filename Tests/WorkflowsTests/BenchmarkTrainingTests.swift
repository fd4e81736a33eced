import Architectures
import Datasets
import Experiments
import Foundation
import Rankings
import Results
import Tasks
import TestImages
import Testing

@testable import Training
@testable import Workflows

@Suite(.serialized) struct BenchmarkTrainingTests {
    private let folder = NSTemporaryDirectory() + "supernet-truth-" + UUID().uuidString

    static func options(architectures: Int = 4, epochs: Int = 1) throws -> BenchmarkConfiguration {
        var options = BenchmarkConfiguration()
        options.data = try SmallStudy.options().data
        options.space = try SpaceConfiguration(named: "chain", ChainOptions.self) {
            ($0.widths, $0.depths) = ([4, 8], [1, 1])
        }
        (options.architectures, options.seeds, options.repeated, options.repeatedSeeds) = (architectures, 1, 2, 2)
        (options.train.epochs, options.train.batchSize, options.train.warmUpEpochs) = (epochs, 16, 0)
        return options
    }

    private func training(_ options: BenchmarkConfiguration, _ name: String) throws -> BenchmarkTraining {
        let run = try RunFolder("\(folder)/\(name)", configuration: Resolved(options), seed: options.seed)
        return try BenchmarkTraining(
            options: options, data: OpenedDataset(layout: .idx, train: BarImages(count: 96)), run: run,
            progress: ProgressReporter(output: Silence()))
    }

    /// Rows without their times.
    private func rows(_ table: BenchmarkTable) -> [BenchmarkRow] {
        table.rows.map { row in
            var row = row
            row.seconds = 0
            return row
        }
    }

    @Test func rowsDoNotDependOnWorkersOrInterruptions() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let options = try Self.options()
        let whole = try training(options, "one")(workers: 1)
        #expect(whole.entries.count == 4 && whole.rows.count == 6)
        #expect(whole.entries.map { $0.rows.count } == [2, 2, 1, 1])
        #expect(whole.entries.map { $0.rows[0].half } == [.choose, .report, .choose, .report])
        #expect(whole.rows.allSatisfy { $0.loss > 0 && $0.parameters > 0 && $0.seconds >= 0 })
        #expect(Set(whole.rows.map(\.loss)).count == 6, "every training is one of its own")

        let two = try training(options, "two")(workers: 2)
        #expect(rows(two) == rows(whole))

        // As a kill leaves it: some rows, in whatever order they came.
        let broken = try training(options, "broken")
        try BenchmarkTable([whole.rows[4], whole.rows[0]]).write(to: broken.tableFile)
        #expect(rows(try broken(workers: 2)) == rows(whole))
        #expect(rows(try BenchmarkTable.read(broken.tableFile)) == rows(whole))
    }

    @Test func aTableIsExtended() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let few = try training(Self.options(architectures: 2), "table")(workers: 1)
        let more = try training(Self.options(architectures: 5), "table")(workers: 1)
        #expect(more.entries.count == 5)
        #expect(Array(more.rows.prefix(few.rows.count)) == few.rows, "rows that were there are not trained again")
        // Other settings make other rows, which must not stand in one table.
        let other = try Self.options(architectures: 5, epochs: 2)
        #expect(throws: RunFolderError.self) { _ = try training(other, "table") }
    }

    @Test func proxiesOfAllArchitecturesLieBesideTheTable() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let training = try training(Self.options(), "table")
        let table = try training(workers: 1)
        let proxies = try #require(try ProxyScores.read(training.run.path + "/" + ProxyScores.fileName))
        #expect(proxies.covers(table))
        let lists = proxies.lists(for: table)
        #expect(lists.count == 5 && lists.allSatisfy { $0.values.count == 4 && $0.values.allSatisfy(\.isFinite) })
    }

    @Test func aSmallSpaceIsDrawnWhole() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = try Self.options(architectures: 100)
        options.repeated = 0
        let jobs = try training(options, "all").jobs()
        #expect(jobs.count == 25)
        #expect(Set(jobs.map(\.architecture)).count == 25)
    }

    @Test func aBriefTrainingIsTheWholeOneWithoutItsFolder() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = NetworkTrainingConfiguration()
        options.data = try SmallStudy.options().data
        (options.network.planes, options.network.depths, options.network.code) = ([8, 8], [1, 1], [0, 1])
        options.precision = .float32
        (options.train.epochs, options.train.batchSize) = (2, 16)
        let opened = OpenedDataset(layout: .idx, train: BarImages(count: 96))
        let task = try options.task.task(options.data, open: .given(opened))
        let run = try RunFolder(folder + "/whole", configuration: Resolved(options), seed: options.seed)
        let setup = try options.setup(task: task)
        let expected = try NetworkTraining(
            setup, run: run,
            record: DataRecord(folder: run.path, of: task.data, root: options.data.source, changes: .refused),
            progress: ProgressReporter(output: Silence()))()
        #expect(expected.validation.count == 24)
        let scored = try options.data.evaluationLoader(task.validationSet())
        let brief = try setup.trainBriefly(on: setup.loader(), scoring: scored)
        #expect(brief?.score == expected.validation)
        let cancelled = try setup.trainBriefly(on: setup.loader(), scoring: scored, isCancelled: { true })
        #expect(cancelled == nil)
    }
}
