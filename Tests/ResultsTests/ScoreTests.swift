import Foundation
import Results
import Testing

/// Scores as they are written, and as version 0.8 wrote them.
@Suite struct ScoreTests {
    private func read<T: Decodable>(_ text: String, as type: T.Type = T.self) throws -> T {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    private func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    @Test func aScoreComesBackFromItsText() throws {
        let whole = Score(0.75, standardError: 0.125, metrics: ["accuracy": 0.75, "loss": 0.5], count: 16)
        #expect(
            try text(whole)
                == #"{"count":16,"metrics":{"accuracy":0.75,"loss":0.5},"standardError":0.125,"value":0.75}"#)
        for score in [whole, Score(-4.5, standardError: nil, metrics: ["MAE": 4.5])] {
            #expect(try read(text(score)) == score)
        }
        #expect(whole.accuracy == 0.75 && Score(1, standardError: nil, metrics: ["mAP": 1]).accuracy == nil)
    }

    @Test func aScoreOfATaskOfVersion08IsRead() throws {
        let score: Score = try read(
            #"{"metrics":{"MAE":4.5,"CS@5":0.7},"standardError":0.25,"value":-4.5}"#)
        #expect(score == Score(-4.5, standardError: 0.25, metrics: ["MAE": 4.5, "CS@5": 0.7]))
        #expect(score.count == nil, "version 0.8 did not say")
        let bare: Score = try read(#"{"metrics":{},"value":1}"#)
        #expect(bare == Score(1, standardError: nil, metrics: [:]))
    }

    /// What is not a score any more, a confusion matrix and predictions, is passed over.
    @Test func aClassificationScoreOfVersion08IsRead() throws {
        let score: Score = try read(
            #"""
            {"accuracy":0.75,"confusion":[[1,0],[1,2]],"count":4,"loss":0.625,
             "predictions":[{"index":0,"label":0,"predicted":0,"probability":0.9}]}
            """#)
        #expect(score == Score(0.75, standardError: nil, metrics: ["accuracy": 0.75, "loss": 0.625], count: 4))
        #expect(try read(text(score)) == score, "and is written as a score of now")
        #expect(throws: DecodingError.self) { let _: Score = try read(#"{"accuracy":0.75}"#) }
        #expect(throws: DecodingError.self) { let _: Score = try read(#"{"value":1}"#) }
    }

    @Test func metricsKeepHowTheyAreRead() throws {
        #expect(Metric.accuracy == Metric("accuracy", unit: .share, isHigherBetter: true))
        for metric in [Metric.accuracy, Metric("MAE", unit: .quantity("years"), isHigherBetter: false)] {
            #expect(try read(text(metric)) == metric)
        }
    }
}
