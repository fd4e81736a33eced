import Datasets
import Drawings
import Foundation
import TestImages
import Testing
import Training

@testable import Tasks

/// Batches of tasks that bring certain images together, where there are few.
@Suite struct FewImagesTests {
    private func domains(_ first: Int, _ second: Int) -> DomainAdaptationTask {
        func part(_ count: Int) -> OpenedDataset {
            OpenedDataset(train: BarImages(count: count), validation: BarImages(count: 4))
        }
        return DomainAdaptationTask(
            source: part(first), target: part(second), alignment: .none, informationWeight: 0)
    }

    private func loader(_ task: any RecognitionTask, asking size: Int) throws -> BatchLoader {
        var data = DataConfiguration()
        data.augmentation = try Augmentation([.centerCrop(12)])
        data.evaluation = data.augmentation
        let batch = task.batchSize(atMost: size)
        return try data.trainingLoader(
            task.data.train, batchSize: batch, setting: "finetune.batch-size",
            sampling: task.sampling(batchSize: batch), seed: 1)
    }

    @Test(arguments: [(12, 11, 64, 24), (11, 12, 64, 24), (1, 2, 64, 4), (40, 9, 64, 64), (40, 9, 16, 16)])
    func halvesAreNoLargerThanTheLargerDomain(_ first: Int, _ second: Int, _ asked: Int, _ given: Int) throws {
        let loader = try loader(domains(first, second), asking: asked)
        #expect(loader.options.batchSize == given && loader.batchCount == max(first, second) / (given / 2))
        let batch = try #require(try loader.batches(epoch: 0).next())
        #expect(batch.indices.count == given && batch.indices.count { $0 < first } == given / 2)
    }

    @Test func peopleAreNoMoreThanThereAre() throws {
        let folder = NSTemporaryDirectory() + "supernet-few-people-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var options = SyntheticPedestrians.Options()
        (options.trainingIdentities, options.testIdentities, options.imagesPerIdentity) = (3, 2, 6)
        (options.distractors, options.junk, options.height) = (0, 0, 32)
        try SyntheticPedestrians(options).write(to: folder)
        func task(held: Double = 0.3, images: Int = 4) throws -> ReidentificationTask {
            try ReidentificationTask(
                MarketDataset.open(folder), validationFraction: held, tripletWeight: 1, imagesPerIdentity: images)
        }
        #expect(try task().batchSize(atMost: 64) == 8 && task().batchSize(atMost: 6) == 6)
        #expect(try loader(task(), asking: 64).batchCount == 1)
        // A size that was given and does not fit is refused with one that does.
        for (asked, images, fitting) in [(6, 4, 8), (7, 3, 6), (2, 4, 8)] {
            let error = #expect(throws: BatchLoaderError.self) {
                _ = try task(images: images).sampling(batchSize: asked)
            }
            let text = "\(try #require(error))"
            #expect(
                text.contains("(=\(asked))") && text.contains("\(fitting), say")
                    && text.contains("task.images-per-identity"))
        }
        let few = #expect(throws: DatasetError.self) { _ = try task(held: 1.0 / 12) }
        #expect("\(try #require(few))".contains("data.validation-fraction: 0.34 holds one"))
    }
}
