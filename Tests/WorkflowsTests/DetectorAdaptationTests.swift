import Architectures
import Datasets
import Experiments
import Foundation
import NN
import Networks
import Results
import Supernets
import Support
import Tasks
import TestImages
import Testing
import Training

@testable import Workflows

/// A small elastic network that becomes a detector within a budget.
@Suite(.serialized) struct DetectorAdaptationTests {
    private let folder = NSTemporaryDirectory() + "supernet-detectors-" + UUID().uuidString
    private var source: String { folder + "/source.safetensors" }

    private func makeSource() throws {
        let space = try MobileSpace(
            channels: 3, stemWidth: 8, stemStride: 2, widths: [8, 8, 16, 16], depths: [2, 1, 2, 1],
            strides: [2, 2, 2, 2], headWidth: 16
        ).description()
        var options = Elasticity()
        options.multiple = 4
        let path = Architecture(space.space.points.map { _ in 1 })
        let elastic = try space.fixed(to: path).elastic(inputs: 3, options)
        let description = try SupernetDescription("small", channels: 3, backbone: elastic.layer)
        let supernet = try Supernet(description, store: ParameterStore(seed: 3, format: .channelsLast))
        let card = SupernetFile.Card(
            supernet: description, method: "imported", dimension: nil, classNames: [], imageSize: 32, mean: [0.5],
            std: [0.25], steps: ImageStep.middle(of: 32),
            origin: Architecture(description.space.points.map { $0.candidates.count - 1 }))
        try FilePath.makeFolder(folder)
        try SupernetFile.write(supernet.store, card, to: source)
    }

    private func options(budgets: [String] = ["85%"]) throws -> AdaptationConfiguration {
        var options = try AdaptationConfiguration.adapting(source)
        try options.suit("detection", images: nil)
        try options.task.update(ObjectTaskOptions.self) { own in
            (own.width, own.hiddenWidth, own.proposals, own.samples, own.findings) = (8, 8, 20, 16, 10)
        }
        let normalize = Transform.normalize(mean: [0.5], std: [0.25])
        options.data.channels = .rgb
        options.data.augmentation = try Augmentation([
            .resizeWithin(shorter: [32, 40], longest: 64), .horizontalFlip(), normalize,
        ])
        options.data.evaluation = try Augmentation([.resizeWithin(shorter: [32], longest: 64), normalize])
        options.data.validationFraction = 0.25
        (options.supernet.epochs, options.supernet.batchSize, options.teacherEpochs) = (1, 4, 1)
        (options.finetune.epochs, options.finetune.batchSize) = (2, 4)
        (options.search.evaluations, options.search.initial, options.search.round) = (6, 3, 3)
        (options.search.recalibrationImages, options.search.batchSize) = (8, 4)
        options.search.budgets = budgets
        options.controls = [.narrowing]
        return options
    }

    private func adaptation(_ options: AdaptationConfiguration, _ name: String = "target") throws -> Adaptation {
        let data = OpenedDataset(train: SquareObjects(count: 20), test: SquareObjects(count: 6))
        return try Adaptation(
            options: options, task: options.task.task(options.data, open: .given(data)), path: "\(folder)/\(name)",
            progress: ProgressReporter(output: Silence()))
    }

    @Test func theBudgetCountsTheHead() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeSource()
        let made = try adaptation(options())
        let result = try made()
        let most = Int(try #require(result.budgets?.first).limit)
        for row in ["joint", "narrowing"] {
            let outcome = try #require(result.outcomes["85-percent/\(row)"])
            let file = try NetworkFile.read("\(folder)/target/85-percent/\(row)/network.safetensors")
            #expect(try file.card.cost() == outcome.cost && outcome.cost.multiplyAdds <= most, "\(row)")
            #expect(file.card.task == "detection" && file.card.head?.kind == .detector)
            #expect(outcome.test?.metrics["AP"] != nil)
        }
        #expect(result.latencies == nil)
        // Given again, it says the same and trains nothing.
        #expect(try adaptation(options())().outcomes == result.outcomes)
    }

    @Test func whatCannotBeIsRefusedBeforeItTrains() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try makeSource()
        #expect(throws: TrainingError.self) { try adaptation(options(budgets: ["50% latency"])) }
        // Less than the head alone.
        #expect(throws: SpaceError.self) { try adaptation(options(budgets: ["5%"])) }
        var mixing = try options()
        mixing.finetune.mixup = 0.2
        #expect(throws: TrainingError.self) { try adaptation(mixing) }
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/target/result.json"))
    }
}
