import Metrics
import Rankings
import Reports
import Testing

@testable import SupernetCommands

/// What many tasks say together.
@Suite struct TransferComparisonPageTests {
    private func task(
        _ joint: [Double], _ weightsOnly: [Double], isHigherBetter: Bool = true
    ) -> TransferComparisonPage.Task {
        TransferComparisonPage.Task(
            source: "emoji",
            section: .init("task", metrics: [.init("metric", isHigherBetter: isHigherBetter)], rows: []),
            test: PairedTest(joint, weightsOnly))
    }

    @Test func errorsAreBetterWhereTheyAreSmaller() throws {
        let accuracy = task([0.90, 0.81, 0.86], [0.80, 0.72, 0.75])
        let error = task([4.0, 4.2, 4.1], [5.0, 5.1, 5.2], isHigherBetter: false)
        #expect(accuracy.isAhead == true && error.isAhead == true)
        #expect(task([4.0, 4.2, 4.1], [5.0, 5.1, 5.2]).isAhead == false)
        #expect(task([1, 2, 3], [3, 2, 1]).isAhead == nil)
        let both = try #require(TransferComparisonPage.words([accuracy, error], source: "emoji"))
        #expect(both.contains("ahead of weights only on 2 of 2 tasks and behind on 0, which is more than luck"))
        // Ahead and behind by as much, there is nothing left of it.
        let mixed = try #require(
            TransferComparisonPage.words([accuracy, task([0.80, 0.72, 0.75], [0.90, 0.81, 0.86])], source: "emoji"))
        #expect(mixed.contains("on 1 of 2 tasks and behind on 1, which is no more than luck"))
        #expect(TransferComparisonPage.words([], source: "emoji") == nil)
        #expect(TransferComparisonPage.words([task([1], [2])], source: "emoji") == nil)
    }

    @Test func eachIsCorrectedForTheNumberOfAll() throws {
        let tasks = TransferComparisonPage.corrected([
            task([0.90, 0.81, 0.86], [0.80, 0.72, 0.75]), task([1], [2]), task([0.5, 0.6, 0.7], [0.6, 0.5, 0.65]),
        ])
        let p = try #require(tasks[0].test?.p)
        #expect(tasks[0].section.correctedP == 2 * p && tasks[1].section.correctedP == nil)
        #expect(tasks[2].section.correctedP == tasks[2].test?.p)
    }
}
