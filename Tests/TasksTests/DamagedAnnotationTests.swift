import Datasets
import Foundation
import NN
import Networks
import Support
import TestFolders
import TestImages
import Testing
import Torch
import Training

@testable import Tasks

/// Annotations that accidents and mischief have changed, all the way through a step of training: they are refused in words, or
/// they give a loss.
@Suite struct DamagedAnnotationTests {
    @Test(arguments: [true, false]) func damagedObjectsAreRefusedOrLearned(hasMasks: Bool) throws {
        let folder = try TemporaryFolder()
        let images = SquareObjects(count: 8, hasMasks: hasMasks)
        try images.write(to: folder.file("data"), validationFrom: 6)
        let file = "data/annotations/instances_train.json"
        let document = try #require(
            JSONSerialization.jsonObject(with: Data(folder.text(file).utf8)) as? [String: Any])
        let options = try Self.options(folder.file("data"), hasMasks: hasMasks)
        var generator = SeededGenerator(seed: hasMasks ? 5 : 6)
        var (learned, refused) = (0, 0)
        for _ in 0..<250 {
            var damaged: Any = document
            for _ in 0...generator.below(2) { damaged = Self.damaged(damaged, &generator) }
            let bytes = try JSONSerialization.data(withJSONObject: damaged)
            try folder.write(Array(bytes), to: file)
            do {
                let task = try options.task.task(options.data, open: TaskData())
                let setup = try options.setup(task: task, section: "train")
                let (method, batches) = (try setup.method(batches: 1), try setup.loader().batches(epoch: 0))
                while let batch = try batches.next() {
                    guard batch.isLearnable else { continue }
                    let loss = try method.computeGradients(batch, step: 0).loss.item()
                    #expect(loss.isFinite, "loss \(loss) of \(String(decoding: bytes, as: UTF8.self))")
                }
                let seen = try options.data.evaluationLoader(task.data.train).batches(epoch: 0)
                let score = try method.measure(seen, of: .validation).score()
                #expect((0...1).contains(score.value))
                learned += 1
            } catch {
                #expect(!"\(error)".isEmpty)
                refused += 1
            }
        }
        #expect(learned > 20 && refused > 20, "\(learned) learned, \(refused) refused")
    }

    /// Changes one value somewhere in a document, or takes it away.
    private static func damaged(_ value: Any, _ generator: inout SeededGenerator) -> Any {
        if var entries = value as? [String: Any], let key = entries.keys.sorted().randomElement(using: &generator) {
            entries[key] = generator.chance(0.03) ? nil : entries[key].map { damaged($0, &generator) }
            return entries
        }
        if var values = value as? [Any], !values.isEmpty, generator.chance(0.95) {
            let place = generator.below(values.count)
            if generator.chance(0.05) {
                values.remove(at: place)
            } else {
                values[place] = damaged(values[place], &generator)
            }
            return values
        }
        let numbers: [Any] = [
            0, 1, 2, -1, 7, 39.5, 40, 41, 50, 0.001, -0.5, 1e-30, 1e9, -1e9, 1e30, 1e300, Int.max, Int.min, "", "x",
            NSNull(), [Any](), [0, 0, 0, 0], [1e9, 1e9, 1e9, 1e9], [[5, 5, 5, 5, 5, 5]],
            ["size": [40, 50], "counts": [7, 1993]], ["size": [40, 50], "counts": "~~~"],
        ]
        return numbers[generator.below(numbers.count)]
    }

    private static func options(_ data: String, hasMasks: Bool) throws -> NetworkTrainingConfiguration {
        var options = NetworkTrainingConfiguration()
        options.precision = .float32
        options.task = try TaskConfiguration(named: hasMasks ? "instance-segmentation" : "detection")
        try options.task.update(ObjectTaskOptions.self) { own in
            (own.width, own.norm, own.anchorScale, own.boxConvolutions) = (8, false, 4, 0)
            (own.hiddenWidth, own.maskConvolutions, own.proposals, own.samples, own.findings) = (8, 1, 20, 16, 10)
        }
        (options.data.source, options.data.channels, options.data.threads) = (data, .rgb, 1)
        options.data.augmentation = try Augmentation([
            .resizeWithin(shorter: [24, 32], longest: 48), .horizontalFlip(), .normalize(mean: [0.5], std: [0.25]),
        ])
        options.data.evaluation = try Augmentation([
            .resizeWithin(shorter: [32], longest: 48), .normalize(mean: [0.5], std: [0.25]),
        ])
        options.data.validationFraction = 0.25
        options.network.stem = .deep
        (options.network.planes, options.network.depths) = ([4, 4, 4, 4], [1, 1, 1, 1])
        (options.network.expansion, options.network.code, options.network.lastScale) = (1, [0, 0, 0, 0], 1)
        (options.train.batchSize, options.train.labelSmoothing, options.train.averageDecay) = (3, 0, 0)
        return options
    }
}
