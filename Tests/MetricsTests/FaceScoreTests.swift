import Foundation
import Metrics
import Testing

@Suite("Scores of ages and classes")
struct FaceScoreTests {
    @Test("MAE as scikit-learn has it, and the shares within some years")
    func ages() throws {
        let goldens = try TaskGoldens.read().ages
        #expect(goldens.count == 3)
        for golden in goldens {
            let score = try AgeScore(predicted: golden.predicted, actual: golden.actual)
            #expect(abs(score.meanAbsoluteError - golden.mae) < 1e-9, "\(golden.name)")
            #expect(score.cumulativeScores == golden.shares, "\(golden.name)")
            #expect(score.withinFiveYears == golden.shares[5])
            #expect(score.count == golden.actual.count)
            #expect(zip(score.cumulativeScores, score.cumulativeScores.dropFirst()).allSatisfy { $0 <= $1 })
            #expect(try JSONDecoder().decode(AgeScore.self, from: JSONEncoder().encode(score)) == score)
        }
    }

    @Test("accuracy, balanced accuracy and recalls as scikit-learn has them")
    func confusions() throws {
        let goldens = try TaskGoldens.read().confusions
        #expect(goldens.count == 5)
        for golden in goldens {
            let score = try ConfusionScore(
                predicted: golden.predicted, actual: golden.actual, classes: golden.classes)
            #expect(abs(score.accuracy - golden.accuracy) < 1e-12, "\(golden.name)")
            #expect(abs(score.balancedAccuracy - golden.balanced) < 1e-12, "\(golden.name)")
            #expect(score.recalls.indices.filter { score.recalls[$0] != nil } == golden.seen)
            for (recall, expected) in zip(score.recalls.compactMap { $0 }, golden.recalls) {
                #expect(abs(recall - expected) < 1e-12, "\(golden.name)")
            }
            #expect(try JSONDecoder().decode(ConfusionScore.self, from: JSONEncoder().encode(score)) == score)
            guard golden.classes == 2 else { continue }
            let binary = try BinaryScore(predicted: golden.predicted, actual: golden.actual)
            #expect(binary.accuracy == score.accuracy && binary.count == golden.actual.count)
            #expect(binary.balancedAccuracy == score.balancedAccuracy)
        }
    }

    @Test("of two classes of which one has no images there is no balanced accuracy")
    func oneClass() throws {
        let score = try BinaryScore(predicted: [0, 1, 1], actual: [1, 1, 1])
        #expect(score.balancedAccuracy == nil)
        #expect(abs(score.accuracy - 2.0 / 3) < 1e-12)
    }

    @Test("refusals name the place")
    func refusals() {
        #expect(throws: TaskMetricError.nothing(what: "estimated age")) { try AgeScore(predicted: [], actual: []) }
        #expect(throws: TaskMetricError.ageNotFinite(position: 1, value: .infinity)) {
            try AgeScore(predicted: [1, .infinity], actual: [1, 2])
        }
        #expect(throws: TaskMetricError.self) { try AgeScore(predicted: [1], actual: [1, 2]) }
        #expect(throws: TaskMetricError.self) { try BinaryScore(predicted: [1], actual: [1, 0]) }
        #expect(throws: TaskMetricError.nothing(what: "prediction")) { try BinaryScore(predicted: [], actual: []) }
        #expect(throws: TaskMetricError.label(position: 1, value: 2, classes: 2)) {
            try BinaryScore(predicted: [0, 2], actual: [0, 1])
        }
        #expect(throws: TaskMetricError.label(position: 0, value: -1, classes: 3)) {
            try ConfusionScore(predicted: [0], actual: [-1], classes: 3)
        }
        for text in ["[]", "[[1, 2]]", "[[0, 0], [0, 0]]", "[[1, -1], [0, 1]]"] {
            #expect(throws: DecodingError.self) {
                try JSONDecoder().decode(ConfusionScore.self, from: Data("{\"counts\": \(text)}".utf8))
            }
        }
    }
}
