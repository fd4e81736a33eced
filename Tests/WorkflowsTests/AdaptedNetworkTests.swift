import Architectures
import Datasets
import Drawings
import Foundation
import NN
import Networks
import TestImages
import Testing
import Torch
import Training

@testable import Tasks

/// What an adaptation writes gives what the network gave that it wrote.
@Suite struct AdaptedNetworkTests {
    private let folder = NSTemporaryDirectory() + "supernet-adapted-" + UUID().uuidString

    /// A network of the task with statistics of its own, as a phase leaves it.
    private func learned(
        _ task: any RecognitionTask, _ data: DataConfiguration
    ) throws -> (setup: NetworkSetup, method: NetworkMethod) {
        let layer = try ChainSpace(channels: 1, widths: [4, 8], depths: [1, 1]).description().fixed(
            to: Architecture([0, 2]))
        var train = TrainConfiguration()
        train.batchSize = 8
        let setup = NetworkSetup(
            task: task, layer: layer, channels: 1, data: data, train: train, precision: .float32, device: .cpu,
            seeds: .network(3))
        let method = try setup.method(batches: 2)
        let batches = try setup.loader().batches(epoch: 0)
        for step in 0..<2 {
            guard let batch = try batches.next() else { break }
            _ = try method.computeGradients(batch, step: step)
        }
        return (setup, method)
    }

    /// Writes the network and opens it again.
    ///
    /// - Returns: what the network gave for the images, and the file.
    private func written(
        _ task: any RecognitionTask, _ images: any ImageDataset
    ) throws -> (outputs: Tensor, file: NetworkFile) {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var data = DataConfiguration()
        data.evaluation = try Augmentation([.stretch(16), .centerCrop(12), .normalize(mean: [0.3], std: [0.3])])
        data.augmentation = data.evaluation
        let (setup, method) = try learned(task, data)
        let network = method.result
        let batches = try data.evaluationLoader(images).batches(epoch: 0)
        var outputs: [Tensor] = []
        try withoutGradients {
            while let batch = try batches.next() {
                outputs.append(
                    try network.head.outputs(network.backbone(batch.images(), .evaluation), .evaluation))
            }
        }
        let file = folder + "/network.safetensors"
        try NetworkFile.write(network.store.state, setup.card(features: network.backbone.features), to: file)
        let read = try NetworkFile.read(file)
        #expect(read.card.steps == [.stretch(16), .centerCrop(12)])
        #expect(read.card.task == task.name)
        return (try .concatenated(outputs), read)
    }

    private func expectEqual(_ found: [Double], _ expected: [Double]) {
        #expect(found.count == expected.count && !found.isEmpty)
        for (one, other) in zip(found, expected) { #expect(abs(one - other) < 1e-6 * max(1, abs(other))) }
    }

    private func numbers(_ readings: [(image: String, reading: TaskReading)], _ column: Int) -> [Double] {
        readings.compactMap { if case .number(let value) = $0.reading.values[column] { value } else { nil } }
    }

    @Test func agesComeBack() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let images = NoiseImages(count: 5, classes: 4, width: 20, height: 15)
        let bars = BarImages(count: 16)
        let (outputs, file) = try written(AgeTask(OpenedDataset(train: bars, validation: bars)), images)
        #expect(file.network.head == .linear(outputs: 4), "one for each year of the data")
        let readings = try Predictor(file).readings(images, by: AgeReader.self)
        #expect(readings.map(\.image) == (0..<5).map(images.source))
        expectEqual(numbers(readings, 0), try AgeTask.ages(outputs))
    }

    @Test func agesAndGendersComeBack() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let images = NoiseImages(count: 5, classes: 4, width: 20, height: 15)
        let bars = BarImages(count: 16)
        let task = AgeAndGenderTask(OpenedDataset(train: bars, validation: bars))
        let (outputs, file) = try written(task, images)
        let readings = try Predictor(file).readings(images, by: AgeAndGenderReader.self)
        let parts = try outputs.split([121, 2], dimension: 1)
        expectEqual(numbers(readings, 0), try AgeTask.ages(parts[0]))
        let best = try parts[1].softmax(1).topK(1, dimension: 1)
        expectEqual(numbers(readings, 2), try best.values.array(Float.self).map(Double.init))
        let names = try best.positions.array(Int.self).map { TaskReading.Value.text(FaceDataset.genderNames[$0]) }
        #expect(readings.map { $0.reading.values[1] } == names)
    }

    @Test func embeddingsComeBackAndBadImagesAreLeftOut() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = SyntheticPedestrians.Options()
        (options.trainingIdentities, options.testIdentities, options.imagesPerIdentity) = (10, 4, 6)
        (options.distractors, options.junk, options.height) = (3, 2, 32)
        try SyntheticPedestrians(options).write(to: folder + "/people")
        let task = try ReidentificationTask(
            MarketDataset.open(folder + "/people"), validationFraction: 0.3, tripletWeight: 1, imagesPerIdentity: 2)
        let images = try #require(task.data.test)
        let (outputs, file) = try written(task, images)
        let found = try Predictor(file).embeddings(images)
        #expect(found.images == (0..<images.count).map(images.source))
        let expected = try outputs.array(Float.self).map(Double.init)
        expectEqual(found.embeddings.values.map(Double.init), expected)

        let broken = BarImages(count: 6, broken: [1, 4])
        let left = try Predictor(file, skipBadImages: true).embeddings(broken)
        #expect(left.images == [0, 2, 3, 5].map(broken.source))
        #expect(throws: DatasetError.self) { _ = try Predictor(file).embeddings(broken) }
    }
}
