import Datasets
import Foundation
import NN
import TestImages
import Testing
import Torch

@testable import Tasks

/// How far what a head says is from what a teacher says.
@Suite struct HeadDistanceTests {
    private let bars = OpenedDataset(train: BarImages(count: 8), validation: BarImages(count: 8))

    private func head(_ task: any RecognitionTask) throws -> any TaskHead {
        try task.makeHead(features: 6, ParameterStore(seed: 1).root / "fc")
    }

    private func rows(_ tensor: Tensor) throws -> [[Double]] {
        let (values, width) = (try tensor.array(Float.self).map(Double.init), tensor.size(1))
        return (0..<tensor.size(0)).map { Array(values[$0 * width..<($0 + 1) * width]) }
    }

    /// The mean over rows of -sum softmax(t) log softmax(x), over some of the columns.
    private func crossEntropy(_ outputs: Tensor, _ teacher: Tensor, _ columns: Range<Int>) throws -> Double {
        func logarithms(_ row: ArraySlice<Double>) -> [Double] {
            let sum = log(row.reduce(0) { $0 + exp($1) })
            return row.map { $0 - sum }
        }
        let losses = zip(try rows(outputs), try rows(teacher)).map { own, other in
            -zip(logarithms(own[columns]), logarithms(other[columns])).reduce(0) { $0 + exp($1.1) * $1.0 }
        }
        return losses.reduce(0, +) / Double(losses.count)
    }

    @Test func ofClassesItIsTheCrossEntropyTowardsTheTeacher() throws {
        let outputs = try Tensor.normal([5, 4], using: Generator(seed: 2))
        let teacher = try Tensor.normal([5, 4], using: Generator(seed: 3))
        let domains = DomainAdaptationTask(source: bars, target: bars, alignment: .none, informationWeight: 0)
        let tasks: [any RecognitionTask] = [ClassificationTask(bars), AgeTask(bars), domains]
        for task in tasks {
            let found = try head(task).distance(outputs, to: teacher)
            #expect(found.elementCount == 1)
            #expect(abs(try found.item() - crossEntropy(outputs, teacher, 0..<4)) < 1e-5, "\(task.name)")
        }
    }

    /// An age and a gender are two distributions: one softmax over both would let them trade with each other.
    @Test func ofTwoDistributionsItIsTheSumOfBoth() throws {
        let head = try head(AgeAndGenderTask(bars))
        let outputs = try Tensor.normal([5, 123], using: Generator(seed: 2))
        let teacher = try Tensor.normal([5, 123], using: Generator(seed: 3))
        let expected = try crossEntropy(outputs, teacher, 0..<121) + crossEntropy(outputs, teacher, 121..<123)
        #expect(abs(try head.distance(outputs, to: teacher).item() - expected) < 1e-4)
        // Whatever is added to all outputs of one of them plays no part.
        let shift = try Tensor((0..<123).map { Float($0 < 121 ? 3 : -2) }).reshaped([1, 123])
        #expect(abs(try head.distance(outputs + shift, to: teacher).item() - expected) < 1e-4)
        #expect(abs(try head.distance(outputs, to: teacher + shift).item() - expected) < 1e-4)
    }

    @Test func ofEmbeddingsItIsOneLessTheCosine() throws {
        let head = try NeckHead(features: 2, identities: 3, tripletWeight: 1, ParameterStore(seed: 1).root / "fc")
        let outputs = try Tensor([1, 0, 0, 2, 3, 3].map { Float($0) }).reshaped([3, 2])
        func distance(_ teacher: [Float]) throws -> Double {
            try head.distance(outputs, to: Tensor(teacher).reshaped([3, 2])).item()
        }
        #expect(abs(try distance([5, 0, 0, 1, 1, 1])) < 1e-6, "lengths play no part")
        #expect(abs(try distance([-1, 0, 0, -1, -1, -1]) - 2) < 1e-6)
        #expect(abs(try distance([0, 1, 1, 0, -1, 1]) - 1) < 1e-6)
        #expect(abs(try distance([1, 0, 0, -1, 3, -3]) - 1) < 1e-6, "the mean of 0, 2 and 1")
    }

    /// Where the student says what the teacher says there is nothing to learn, and the teacher never learns.
    @Test func theTeacherIsWhereTheSlopeEnds() throws {
        let ages = AgeAndGenderTask(bars)
        let heads: [(any TaskHead, Int)] = [
            (try head(ClassificationTask(bars)), 4), (try head(ages), 123),
            (try NeckHead(features: 6, identities: 3, tripletWeight: 1, ParameterStore(seed: 1).root / "fc"), 6),
        ]
        for (head, width) in heads {
            let teacher = try Tensor.normal([4, width], using: Generator(seed: 4))
            let same = try teacher.cloned().requireGradient()
            try head.distance(same, to: teacher).backward()
            #expect(try #require(same.gradient).absolute().max().item() < 1e-6)
            let other = try Tensor.normal([4, width], using: Generator(seed: 5)).requireGradient()
            try head.distance(other, to: teacher).backward()
            #expect(try #require(other.gradient).absolute().max().item() > 1e-3 && teacher.gradient == nil)
        }
    }
}
