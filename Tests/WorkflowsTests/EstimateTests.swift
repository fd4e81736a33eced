import Datasets
import Foundation
import Testing

@testable import Workflows

/// What training will take, from a few measured steps.
@Suite struct EstimateTests {
    @Test func theLineThroughTwoBatchesGivesTheWhole() {
        let estimate = TrainingEstimate(
            steps: 100, batchSize: 64, operations: 3e9,
            measurements: [
                .init(images: 4, seconds: 3, loading: 0.1, bytes: 500, gradientBytes: 40),
                .init(images: 8, seconds: 5, loading: 0.2, bytes: 700, gradientBytes: 48),
            ])
        #expect(abs(estimate.secondsPerStep - (1 + 0.5 * 64)) < 1e-9)
        #expect(abs(estimate.loadingPerStep - 1.6) < 1e-9)
        #expect(abs(estimate.bytes - (300 + 50 * 64)) < 1e-6)
        #expect(abs(estimate.fixedBytes - 300) < 1e-6 && estimate.gradientBytes == 48)
        #expect(abs(estimate.seconds(rate: 1e12, utilisation: 0.3) - 1) < 1e-9)
    }

    @Test func stepsAreMeasuredWithoutLeavingAnything() throws {
        var options = try SmallStudy.options()
        options.supernet.epochs = 3
        let path = NSTemporaryDirectory() + "supernet-estimate-" + UUID().uuidString
        let data = OpenedDataset(train: NoiseImages(count: 160, classes: 4, width: 16, height: 16))
        let study = try Study(options, path: path, open: .given(data))
        let estimate = try SupernetTraining(study).estimate(batches: [4, 8, 4096], repetitions: 1)
        #expect(estimate.measurements.map(\.images) == [4, 8])
        #expect(estimate.steps == study.task.data.train.count / options.supernet.batchSize * 3)
        #expect(estimate.measurements.allSatisfy { $0.seconds > 0 && $0.loading > 0 })
        #expect(estimate.operations > 0 && estimate.gradientBytes > 0 && estimate.gradientBytes % 4 == 0)
        #expect(!FileManager.default.fileExists(atPath: path))
    }
}
