import Metrics
import Testing

@Suite struct MeanRankTests {
    @Test func ranksAreAveragedAndTiesShareTheirs() {
        #expect(MeanRank.of([[3, 1, 2]]) == [3, 1, 2])
        #expect(MeanRank.of([[5, 5, 1, 9]]) == [2.5, 2.5, 1, 4])
        #expect(MeanRank.of([[3, 1, 2], [1, 3, 2]]) == [2, 2, 2])
        // What one list says in thousands counts no more than what another says in parts of one.
        #expect(MeanRank.of([[1, 2, 3], [-9000, 0.1, 0.2]]) == [1, 2, 3])
        #expect(MeanRank.of([]).isEmpty && MeanRank.of([[1, 2], [1]]).isEmpty)
    }
}
