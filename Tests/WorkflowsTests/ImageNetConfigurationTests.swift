import Experiments
import Foundation
import Methods
import SearchStrategies
import Testing
import Training

@testable import Workflows

/// The configurations for ImageNet say what the paper's released settings say.
@Suite struct ImageNetConfigurationTests {
    private func load(_ phases: String...) throws -> StudyConfiguration {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../Configs")
            .standardizedFileURL.path
        let files = ([""] + phases.map { "-" + $0 }).map { "\(folder)/resnest50-pinas-imagenet\($0).yaml" }
        return try ConfigurationLoader.load(StudyConfiguration.self, files: files).value
    }

    @Test func theSupernetLearnsAsInThePaper() throws {
        let options = try load()
        let (train, method) = (options.supernet, try options.method.options(as: PiMethod.Options.self))
        #expect((train.epochs, train.batchSize, train.learningRate) == (100, 8 * 24, 0.03))
        #expect((train.momentum, train.weightDecay, train.decayAll, train.nesterov) == (0.9, 1e-4, true, false))
        #expect(
            (method.queueLength, method.dimension, method.momentum, method.temperature) == (49_152, 128, 0.999, 0.2))
        #expect((method.paths, method.crossPath, method.averaging, method.normGroups) == (2, true, .reference, 8))
        #expect(method.views.outputSize == 224)
        let architectures = try options.space.description(channels: 3).space.size
        #expect(architectures == 4_294_967_296)
    }

    @Test func theProbeFallsInSteps() throws {
        let probe = try load("probe").probe
        #expect((probe.epochs, probe.batchSize, probe.learningRate, probe.weightDecay) == (100, 256, 30, 0))
        let schedule = probe.schedule(batches: 10)
        let factors = [0, 599, 600, 799, 800, 999].map { schedule.factor(Double($0)) }
        for (found, wanted) in zip(factors, [1, 1, 0.1, 0.1, 0.01, 0.01]) { #expect(abs(found - wanted) < 1e-12) }
    }

    @Test func theSearchIsThePapers() throws {
        let search = try load("probe", "search").search
        #expect(
            (search.evaluations, search.initial, search.round) == (1000, 80, 8)
                && search.strategy.rawValue == "classifier-tree")
        #expect((search.recalibrationImages / search.batchSize, search.treeCandidates) == (49, 1))
    }

    @Test func laterFilesComeOnTopOfEarlierOnes() throws {
        let options = try load("probe", "search", "retrain")
        #expect((options.retrain.epochs, options.retrain.mixup, options.probe.learningRate) == (270, 0.2, 30))
        #expect(options.data.augmentation.transforms.count == 4)
        #expect(options.data.steps == [.resize(256), .centerCrop(224)])
    }

    @Test func stepsNeedMilestonesWithinTheEpochs() {
        for settings in [
            ["probe.decay=steps"], ["probe.milestones=[3]"], ["probe.decay=steps", "probe.milestones=[900]"],
        ] {
            #expect(throws: ConfigurationError.self) {
                try ConfigurationLoader.load(StudyConfiguration.self, files: [], overrides: settings)
            }
        }
    }
}
