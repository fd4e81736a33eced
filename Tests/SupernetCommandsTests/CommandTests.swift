import Architectures
import ArgumentParser
import Datasets
import Experiments
import Foundation
import Supernets
import Support
import Tasks
import Testing
import Torch
import Training
import Workflows

@testable import SupernetCommands

@Suite struct CommandTests {
    @Test(arguments: [
        [], ["data"], ["train"], ["evaluate"], ["doctor"], ["demo"], ["run"], ["probe"], ["search"], ["finetune"],
        ["retrain"], ["profile"], ["predict"], ["import"], ["export"], ["adapt"], ["benchmark"], ["truth"], ["rank"],
        ["compare"], ["study"],
    ]) func everyVerbHasHelp(
        verb: [String]
    ) throws {
        let error = #expect(throws: (any Error).self) {
            var command = try SupernetCommand.parseAsRoot(verb + ["--help"])
            try command.run()
        }
        let help = SupernetCommand.fullMessage(for: try #require(error))
        #expect(help.contains("USAGE: supernet"))
        #expect(help.contains("OVERVIEW:"))
    }

    @Test(arguments: [
        ["no-such-verb"], ["evaluate"], ["evaluate", "x", "--data", "y", "--split", "all"],
        ["evaluate", "x", "--data", "y", "--device", "gpu"], ["evaluate", "x", "--data", "y", "--precision", "half"],
        ["data", "x", "--per-class", "0"], ["train", "--no-such-option"],
    ]) func badArgumentsAreRefused(arguments: [String]) throws {
        let error = #expect(throws: (any Error).self) { _ = try SupernetCommand.parseAsRoot(arguments) }
        #expect(SupernetCommand.exitCode(for: try #require(error)).rawValue != 0)
    }

    @Test func aVerbThatThereIsNotIsAnsweredWithTheNearest() throws {
        func refusal(_ verb: String) throws -> String {
            let error = #expect(throws: ValidationError.self) {
                try SupernetCommand.refuseUnknownVerb(["supernet", verb])
            }
            return "\(try #require(error))"
        }
        #expect(try refusal("trian").contains("did you mean `train`"))
        #expect(try refusal("fine-tune").contains("`finetune`"))
        #expect(try refusal("xyzzyxyzzy").contains("the verbs are demo, run, data"))
        for arguments in [["supernet"], ["supernet", "run"], ["supernet", "--help"], ["supernet", "help", "run"]] {
            try SupernetCommand.refuseUnknownVerb(arguments)
        }
    }

    @Test func theVersionNamesCommitAndLibrary() throws {
        #expect(ProgramVersion.text.hasPrefix("supernet \(ProgramVersion.number) ("))
        #expect(ProgramVersion.text.contains(try Runtime.version()))
        // What came with it is told.
        let changes = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("CHANGELOG.md")
        #expect(try String(contentsOf: changes, encoding: .utf8).contains("## \(ProgramVersion.number)"))
    }

    @Test func aMissingSourceIsNamed() throws {
        var command = try SupernetCommand.parseAsRoot(["data", "/no/such/folder"])
        let error = #expect(throws: (any Error).self) { try command.run() }
        #expect("\(try #require(error))".contains("/no/such/folder"))
    }

    @Test func runsAreNamedAfterTheirConfiguration() throws {
        let options = try RunOptions.parse(["--config", "Configs/some-name.yaml"])
        #expect(options.folder(default: "network") == "runs/some-name")
        #expect(try RunOptions.parse([]).folder(default: "network") == "runs/network")
        #expect(try RunOptions.parse(["--run", "here"]).folder(default: "network") == "here")
    }

    @Test func numbersAreGrouped() {
        #expect(Console.grouped(0) == "0")
        #expect(Console.grouped(999) == "999")
        #expect(Console.grouped(1000) == "1,000")
        #expect(Console.grouped(27_046_278) == "27,046,278")
        #expect(Console.grouped(-1_234_567) == "-1,234,567")
    }

    @Test func theDemoDrawsItsImagesIntoAFolderThatIsNotThereYet() throws {
        let folder = NSTemporaryDirectory() + "supernet-demo-\(UUID().uuidString)/deep"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let images = OpenedDataset(train: NoiseImages(count: 40, classes: 4, width: 12, height: 12))
        let sheet = try Demo.writeSheet(Study(StudyConfiguration(), path: folder, open: .given(images)))
        #expect(try Image.decode(contentsOf: sheet).width > 12 * 4)
    }

    @Test func theDemoBeginsUntrainedAndHasBudgetsOfLatency() throws {
        let source = NSTemporaryDirectory() + "supernet-demo-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: source) }
        try AdaptationConfiguration.writeDemoSource(to: source)
        let options = try Resolved(AdaptationConfiguration.demo(source)).value
        #expect(options.data.imageSize == 28 && options.data.channels == .grey)
        #expect(options.search.budgetRequests.map(\.name) == ["25-percent-latency", "50-percent-latency"])
        let supernet = try SupernetFile.read(source).card.supernet
        let costs = try CostTable(supernet, imageSize: 28, classes: 10)
        func macs(_ path: Architecture) -> Int { costs.cost(of: path).multiplyAdds }
        let (most, least) = (
            costs.cheapest { -Double($0.multiplyAdds) }, costs.cheapest { Double($0.multiplyAdds) }
        )
        #expect(macs(most) >= 4 * macs(least))
        let images = OpenedDataset(
            train: NoiseImages(count: 40, classes: 4, width: 28, height: 28),
            test: NoiseImages(count: 8, classes: 4, width: 28, height: 28))
        let adaptation = try Adaptation(
            options: options, task: ClassificationTask(options.data.withValidation(images)),
            path: NSTemporaryDirectory() + "supernet-demo-\(UUID().uuidString)")
        #expect(
            adaptation.rows
                == ["25-percent-latency", "50-percent-latency"].flatMap { ["\($0)/joint", "\($0)/uniform-path"] })
    }

    @Test func theFullDemoIsTheShippedStudy() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appendingPathComponent("Configs/fashion-mnist-study.yaml").path
        let shipped = try ConfigurationLoader.load(StudyConfiguration.self, file: file).value
        #expect(shipped == StudyConfiguration.full)
        #expect(try StudyOpening.isStudy(RunOptions.parse(["--config", file])))
        let network = root.appendingPathComponent("Configs/fashion-mnist-network.yaml").path
        #expect(try !StudyOpening.isStudy(RunOptions.parse(["--config", network])))
    }

    @Test func aFinalScoreIsSetApartWhereImagesSuffice() throws {
        let many = NoiseImages(count: 50, classes: 2)
        func cut(_ data: OpenedDataset) throws -> DataConfiguration {
            var options = StudyConfiguration()
            options.data.setFinalScoreApart(data)
            return try Resolved(options).value.data
        }
        #expect(try cut(OpenedDataset(train: many)).withValidation(OpenedDataset(train: many)).test?.count == 8)
        #expect(try cut(OpenedDataset(train: many, test: many)).testFraction == 0)
        #expect(try cut(OpenedDataset(train: many, validation: many)).testFraction == 0)
        #expect(try cut(OpenedDataset(train: NoiseImages(count: 49, classes: 2))).testFraction == 0)
    }

    @Test(arguments: [12, 100, 1000, 55_000, 2_000_000]) func quickStudiesFitTheirData(images: Int) throws {
        let sizes: [(ImageSize, Bool)] = [
            (28, true), (64, false), (224, false), (.init(height: 128, width: 64), false),
        ]
        for (size, grey) in sizes {
            var made = StudyConfiguration()
            try made.prepare(size: size, grey: grey)
            made.setLengths(images: images)
            let options = try Resolved(made).value
            #expect(options.data.imageSize == size)
            #expect(options.method.views?.augmentation.outputSize == size)
            #expect(options.supernet.batchSize <= max(images, 8))
            let description = try options.space.description(channels: grey ? 1 : 3)
            #expect(try description.features(imageSize: size) > 0)
        }
    }

    @Test(arguments: [
        ("300000", 300_000), ("300k", 300_000), ("20M", 20_000_000), ("4.1G", 4_100_000_000), ("0", nil), ("x", nil),
        ("-3M", nil), ("1e30", nil),
    ]) func budgetsAreNumbersWithUnits(text: String, number: Int?) {
        #expect(BudgetOptions.number(text) == number)
    }

    @Test(arguments: [
        ["search", "x", "--max-macs", "many"], ["run", "--data", "x", "--size", "4"],
        ["run", "--data", "x", "--size", "64x4"], ["run", "--data", "x", "--size", "64x"],
        ["adapt", "--source", "x", "--data", "y", "--size", "2000x64"],
        ["adapt", "--source", "x", "--data", "y", "--size", "4"],
        ["run", "--data", "x", "--config", "y", "--size", "32"], ["run", "--config", "y", "--grey"],
        ["profile", "--path"], ["profile", "--space", "chain", "--supernet", "x"], ["profile", "--batch", "0"],
    ]) func badStudyArgumentsAreRefused(arguments: [String]) throws {
        let error = #expect(throws: (any Error).self) { _ = try SupernetCommand.parseAsRoot(arguments) }
        #expect(SupernetCommand.exitCode(for: try #require(error)).rawValue != 0)
    }

    @Test func aFolderWithoutAStudyIsNamed() throws {
        var command = try SupernetCommand.parseAsRoot(["search", "/no/such/study"])
        let error = #expect(throws: (any Error).self) { try command.run() }
        #expect("\(try #require(error))".contains("/no/such/study"))
    }
}
