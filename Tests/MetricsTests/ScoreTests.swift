import Foundation
import Metrics
import Testing

struct ScoreTests {
    @Test func agesAreScoredAsByScikitLearn() throws {
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

    @Test func classesAreScoredAsByScikitLearn() throws {
        let goldens = try TaskGoldens.read().confusions
        #expect(goldens.count == 5)
        for golden in goldens {
            let score = try ConfusionMatrix(
                predicted: golden.predicted, actual: golden.actual, classes: golden.classes)
            #expect(abs(score.accuracy - golden.accuracy) < 1e-12, "\(golden.name)")
            #expect(abs(score.balancedAccuracy - golden.balanced) < 1e-12, "\(golden.name)")
            #expect(score.recalls.indices.filter { score.recalls[$0] != nil } == golden.seen)
            for (recall, expected) in zip(score.recalls.compactMap { $0 }, golden.recalls) {
                #expect(abs(recall - expected) < 1e-12, "\(golden.name)")
            }
            guard golden.classes == 2 else { continue }
            let binary = try BinaryScore(predicted: golden.predicted, actual: golden.actual)
            #expect(binary.accuracy == score.accuracy && score.total == golden.actual.count)
            #expect(binary.balancedAccuracy == score.balancedAccuracy)
        }
    }

    @Test func oneClassAloneHasNoBalancedAccuracy() throws {
        let score = try BinaryScore(predicted: [0, 1, 1], actual: [1, 1, 1])
        #expect(score.balancedAccuracy == nil)
        #expect(abs(score.accuracy - 2.0 / 3) < 1e-12)
    }

    @Test func refusalsNameThePlace() {
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
            try ConfusionMatrix(predicted: [0], actual: [-1], classes: 3)
        }
    }

    @Test func sharesFollowFromTheCounts() throws {
        let matrix = try ConfusionMatrix([[8, 2, 0], [1, 9, 0], [0, 0, 0]])
        #expect(matrix.total == 20 && matrix.correct == 17 && matrix.classCount == 3)
        #expect(matrix.recalls == [0.8, 0.9, nil])
        let precisions: [Double?] = [8.0 / 9, 9.0 / 11, nil]
        #expect(matrix.precisions == precisions)
        let confusions = matrix.confusions(atMost: 9)
        #expect(confusions.map { [$0.actual, $0.predicted, $0.count] } == [[0, 1, 2], [1, 0, 1]])
        #expect(confusions.map(\.share) == [0.2, 0.1])
        #expect(matrix.confusions(atMost: 1).count == 1 && matrix.confusions(atMost: -1).isEmpty)
    }

    @Test func everyBadRowAndCountIsReported() {
        let problems = [
            "the confusion matrix has 3 rows, but row 0 has 2 columns",
            "the confusion matrix counts -4 in row 1, column 2",
            "the confusion matrix has 3 rows, but row 2 has 4 columns",
            "the confusion matrix counts \(Int.max) in row 2, column 3",
        ]
        #expect(throws: TaskMetricError.confusionCounts(problems)) {
            try ConfusionMatrix([[1, 2], [0, 0, -4], [0, 0, 0, .max]])
        }
    }
}
