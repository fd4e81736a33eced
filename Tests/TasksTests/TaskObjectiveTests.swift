import Datasets
import Foundation
import NN
import TestImages
import Testing
import Torch
import Training

@testable import Tasks

/// What a training learns by: batches that may be mixed, in some precision, and a head in float32.
@Suite struct TaskObjectiveTests {
    private let bars = OpenedDataset(train: BarImages(count: 32), validation: BarImages(count: 8))

    private func objective(
        _ task: any RecognitionTask, precision: Precision = .float32, section: String = "train",
        _ change: (inout TrainConfiguration) -> Void = { _ in }
    ) throws -> TaskObjective {
        var train = TrainConfiguration()
        change(&train)
        return try TaskObjective(
            task, train: train, precision: precision, device: .cpu, seed: 4, steps: 8, section: section)
    }

    private func batch(_ set: any ImageDataset, size: Int = 8, halves first: Int? = nil) throws -> Batch {
        let loader = try SmallRun.options().data.trainingLoader(
            set, batchSize: size, sampling: first.map { .halves(first: $0) } ?? .shuffled, seed: 1)
        return try #require(try loader.batches(epoch: 0).next())
    }

    @Test func aBatchIsLearnedFromAsItIs() throws {
        let (objective, batch) = (try objective(ClassificationTask(bars)), try batch(bars.train))
        let step = try objective.prepare(batch, step: 2)
        #expect(try step.images.array(Float.self) == batch.images().array(Float.self))
        #expect(try step.targets.numbers.array(Int64.self) == batch.labels && step.targets.mixed == nil)
        #expect(step.targets.smoothing == 0.1 && step.progress == 0.25 && step.parts == nil)
    }

    /// What is dropped follows from the seed and the step, so that a training may go on at any of them.
    @Test func dropoutFollowsFromTheStep() throws {
        let (objective, batch) = (try objective(ClassificationTask(bars)), try batch(bars.train))
        func dropped(_ step: Int) throws -> [[Float]] {
            let mode = try objective.prepare(batch, step: step).mode
            #expect(mode.batchNorm == .training)
            // The passes of a step differ.
            return try (0..<2).map { _ in try Tensor.ones([64]).dropped(0.5, mode).array(Float.self) }
        }
        let first = try dropped(3)
        #expect(first[0] != first[1])
        #expect(try dropped(3) == first)
        #expect(try dropped(4)[0] != first[0])
    }

    /// Images and class probabilities are mixed alike, and as the step's number says.
    @Test func aTaskOfClassesMixesBoth() throws {
        let (task, batch) = (ClassificationTask(bars), try batch(bars.train))
        let objective = try objective(task) { ($0.mixup, $0.mixProbability) = (1, 1) }
        let step = try objective.prepare(batch, step: 3)
        let mix = try #require(try objective.train.mixing(batch, seed: 4, step: 3))
        let (images, classes) = (try batch.images(), try batch.targets().oneHot(4).to(.float32))
        #expect(try step.images.array(Float.self) == mix.mixed(images: images).array(Float.self))
        let mixed = try #require(step.targets.mixed)
        #expect(try mixed.array(Float.self) == mix.mixed(targets: classes).array(Float.self))
        #expect(try mixed.array(Float.self) != classes.array(Float.self), "a test of nothing otherwise")
        #expect(try step.targets.numbers.array(Int64.self) == batch.labels, "right answers are counted by the labels")
        // The loss is that of the mixed classes, smoothed.
        let head = try task.makeHead(features: 144, ParameterStore(seed: 1).root / "fc")
        let mode = Mode.training(nil)
        let loss = try objective.loss(step, head: head, mode) { try $0.contiguous().flattened(from: 1) }
        let outputs = try head.outputs(step.images.contiguous().flattened(from: 1), mode)
        #expect(abs(try loss.loss.item() - outputs.crossEntropy(mixed, smoothing: 0.1).item()) < 1e-6)
        let right = zip(try outputs.argmax(1).array(Int64.self), batch.labels).count { $0 == $1 }
        #expect(try loss.correct?.integer() == right)
        #expect(try objective.prepare(batch, step: 4).images.array(Float.self) != step.images.array(Float.self))
    }

    /// What labels stand for can be mixed where they are classes, and nowhere else.
    @Test func tasksWithoutClassesRefuseToMix() throws {
        let domains = DomainAdaptationTask(source: bars, target: bars, alignment: .dann, informationWeight: 0.1)
        let tasks: [any RecognitionTask] = [AgeTask(bars), AgeAndGenderTask(bars), domains]
        for task in tasks {
            let error = #expect(throws: TrainingError.self) {
                try objective(task, section: "finetune") { ($0.mixup, $0.cutmix, $0.mixProbability) = (0.2, 1, 0.5) }
            }
            let text = "\(try #require(error))"
            #expect(text.contains("finetune.mixup") && text.contains("`\(task.name)`"), "\(text)")
            let cut = #expect(throws: TrainingError.self) {
                try objective(task) { ($0.cutmix, $0.mixProbability) = (1, 0.5) }
            }
            #expect("\(try #require(cut))".contains("train.cutmix"))
            _ = try objective(task)
        }
        for task in [ClassificationTask(bars), GenderTask(bars)] as [any RecognitionTask] {
            _ = try objective(task) { ($0.mixup, $0.mixProbability) = (0.2, 0.5) }
        }
    }

    /// Batch norm sees each domain by itself where there are two images of each.
    @Test func domainsRunApart() throws {
        let task = DomainAdaptationTask(source: bars, target: bars, alignment: .none, informationWeight: 0)
        let objective = try objective(task)
        let batch = try batch(task.data.train, halves: bars.train.count)
        let step = try objective.prepare(batch, step: 0)
        #expect(step.parts == [4, 4])
        var seen: [[Float]] = []
        let features = try objective.features(of: step.images, parts: step.parts) { images in
            let flat = try images.contiguous().flattened(from: 1)
            seen.append(try flat.array(Float.self))
            return flat
        }
        #expect(features.shape == [8, 144] && seen.count == 2)
        #expect(try features.array(Float.self) == batch.images().contiguous().array(Float.self), "in their order")
        #expect(seen[0] + seen[1] == (try features.array(Float.self)))
        // A single image of a domain has no statistics of its own.
        let pair = try self.batch(task.data.train, size: 2, halves: bars.train.count)
        #expect(try objective.prepare(pair, step: 0).parts == nil)
    }

    /// In bfloat16 the backbone and a linear head compute in it; outputs and losses are float32.
    @Test func headsComputeInThePrecisionOfTheirFeatures() throws {
        let task = ClassificationTask(bars)
        let store = try ParameterStore(seed: 1)
        let (middle, head) = (
            try Linear(store.root / "middle", 144, 6), try task.makeHead(features: 6, store.root / "fc")
        )
        let batch = try batch(bars.train)
        let mode = Mode.training(nil)
        for precision in Precision.allCases {
            let objective = try objective(task, precision: precision)
            let step = try objective.prepare(batch, step: 0)
            var inner: DType?
            let loss = try objective.loss(step, head: head, mode) { images in
                let features = try middle(images.contiguous().flattened(from: 1))
                inner = features.dtype
                return features
            }
            #expect(inner == (precision == .bfloat16 ? .bfloat16 : .float32))
            #expect(loss.outputs.dtype == .float32 && loss.loss.dtype == .float32)
            let features = try objective.features(of: step.images) { try middle($0.contiguous().flattened(from: 1)) }
            #expect(features.dtype == inner)
            // Bit for bit what the head makes of these features outside of any scope.
            #expect(try loss.outputs.array(Float.self) == head.outputs(features, mode).array(Float.self))
        }
    }
}
