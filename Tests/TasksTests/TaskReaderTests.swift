import Foundation
import Metrics
import Testing
import Torch

@testable import Tasks

/// What a person is told of outputs.
@Suite struct TaskReaderTests {
    @Test func agesAreExpectedYears() throws {
        // All the probability at 2, and halves at 0 and 3.
        let outputs = try Tensor([0, 0, 40, 0, 40, 0, 0, 40].map { Float($0) }).reshaped([2, 4])
        let readings = try AgeReader.readings(outputs)
        #expect(readings.map(\.words) == ["2.0 years", "1.5 years"])
        guard case .number(let age) = readings[1].values[0] else { throw CancellationError() }
        #expect(abs(age - 1.5) < 1e-5)
        #expect(AgeReader.outputNames(3) == ["0", "1", "2"])
    }

    @Test func gendersComeWithTheirProbability() throws {
        // ln 3 makes three to one.
        let outputs = try Tensor([0, 40, 0, 0, Float(log(3.0)), 40, 0, 0, 0, -40]).reshaped([2, 5])
        let readings = try AgeAndGenderReader.readings(outputs)
        #expect(readings.map(\.words) == ["1.0 years, female 75.0 %", "0.0 years, male 100.0 %"])
        guard case .number(let share) = readings[0].values[2] else { throw CancellationError() }
        #expect(readings[0].values[1] == .text("female") && abs(share - 0.75) < 1e-6)
        #expect(AgeAndGenderReader.outputNames(5) == ["0", "1", "2", "male", "female"])
    }

    /// Every reader has a value for each of its columns, and a name for each output, down to the fewest.
    @Test func readersKeepTheirPromises() throws {
        for task in TaskFamily.registry.members {
            guard case .readings(let reader) = task.type.outputs else { continue }
            for count in [reader.fewestOutputs, reader.fewestOutputs + 6] {
                #expect(reader.outputNames(count).count == count)
                let readings = try reader.readings(Tensor.normal([3, count], using: Generator(seed: 1)))
                #expect(readings.count == 3)
                #expect(readings.allSatisfy { $0.values.count == reader.columns.count && !$0.words.isEmpty })
            }
        }
    }

    @Test func theNearestComeFirstAndNobodyIsItsOwnMatch() throws {
        let gallery = EmbeddedImages(
            images: ["east", "north", "far east", "west"],
            embeddings: try Embeddings([1, 0, 0, 1, 5, 0.5, -2, 0], dimension: 2))
        let asked = EmbeddedImages(
            images: ["east", "new"], embeddings: try Embeddings([1, 0, 0.1, 3], dimension: 2))
        let found = try asked.nearest(in: gallery, count: 2)
        #expect(found.map(\.image) == ["east", "new"])
        #expect(found[0].matches.map(\.image) == ["far east", "north"])
        #expect(found[1].matches.map(\.image) == ["north", "far east"])
        #expect(abs(found[0].matches[0].similarity - 5 / (25.25).squareRoot()) < 1e-6)
        #expect(try asked.nearest(in: gallery, count: 9)[0].matches.last?.similarity == -1)
        #expect(try asked.nearest(in: gallery, count: 9)[0].matches.count == 3)
        let zero = EmbeddedImages(images: ["black"], embeddings: try Embeddings([0, 0], dimension: 2))
        #expect(throws: TaskMetricError.self) { _ = try zero.nearest(in: gallery, count: 1) }
    }
}
