import Architectures
import Datasets
import Experiments
import Foundation
import Metrics
import Rankings
import TestImages
import Testing

@testable import Workflows

/// The truth tables that come with the project.
@Suite struct ShippedTruthTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL.path

    @Test(arguments: ["chain", "cells", "cells-held-out"])
    func aShippedTruthIsWhatItsConfigurationSays(name: String) throws {
        let folder = "\(Self.root)/Tables/\(name)"
        let table = try BenchmarkTable.read(folder + "/truth.csv")
        let options = try ConfigurationLoader.load(
            BenchmarkConfiguration.self, file: "\(Self.root)/Configs/truth-\(name).yaml"
        ).value
        #expect(
            try ConfigurationLoader.load(BenchmarkConfiguration.self, file: folder + "/config.yaml").value.train
                == options.train)
        // The architectures are those that the seed draws, before anything is seen, and none was left out.
        let run = NSTemporaryDirectory() + "supernet-shipped-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: run) }
        let training = try BenchmarkTraining(
            options: options, data: OpenedDataset(layout: .idx, train: BarImages(count: 400)),
            run: RunFolder(run, configuration: Resolved(options), seed: options.seed),
            progress: ProgressReporter(output: Silence()))
        #expect(Set(table.rows.map { BenchmarkTraining.Job($0) }) == Set(training.jobs()))
        #expect(table.entries.count >= 200 && table.commonSeeds >= 2)
        #expect(table.entries.count { $0.rows.count >= 4 } == options.repeated)
        let costs = try CostTable(training.description, imageSize: 28, classes: 10)
        for entry in table.entries {
            let cost = costs.cost(of: entry.architecture)
            #expect(entry.rows.allSatisfy { ($0.parameters, $0.multiplyAdds) == (cost.parameters, cost.multiplyAdds) })
        }
        #expect(try ProxyScores.read(folder + "/" + ProxyScores.fileName)?.covers(table) == true)
    }

    /// What was held out is another draw: few of its cells are in the table that choices were made by.
    @Test func whatIsHeldOutIsAnotherDraw() throws {
        func cells(_ name: String) throws -> Set<Architecture> {
            Set(try BenchmarkTable.read("\(Self.root)/Tables/\(name)/truth.csv").entries.map(\.architecture))
        }
        let (chosen, held) = (try cells("cells"), try cells("cells-held-out"))
        #expect(held.count == 500 && held.intersection(chosen).count < 20)
    }

    /// A ranking can only be judged where architectures differ by more than luck.
    @Test(arguments: ["chain", "cells", "cells-held-out"]) func architecturesDifferByMoreThanLuck(name: String) throws {
        let table = try BenchmarkTable.read("\(Self.root)/Tables/\(name)/truth.csv")
        for half in BenchmarkRow.Half.allCases {
            let entries = table.half(half).entries
            #expect(entries.count * 2 == table.entries.count)
            // Without the cells that let nothing through, which would make it easy.
            let working = entries.filter { $0.mean(\.accuracy) > 0.5 }
            #expect(working.count * 100 >= entries.count * 96)
            let losses = try #require(SignalToNoise(working.map { $0.rows.map(\.loss) })?.ratio)
            #expect(losses > 5, "\(half) \(losses)")
        }
        let working = table.entries.filter { $0.mean(\.accuracy) > 0.5 }
        #expect(try #require(SignalToNoise(working.map { $0.rows.map(\.accuracy) })?.ratio) >= 4)
    }
}
