import Metrics
import Testing

struct SpreadTests {
    @Test func spreadsAreOfSamples() {
        #expect(SampleSpread([]) == nil)
        #expect(SampleSpread([3])?.mean == 3 && SampleSpread([3])?.deviation == nil)
        let spread = SampleSpread([1, 2, 3, 4])
        #expect(spread?.mean == 2.5 && abs((spread?.deviation ?? 0) - (5.0 / 3).squareRoot()) < 1e-12)
        #expect(SampleSpread([0.1, 0.1, 0.1])?.deviation == 0)
    }

    @Test func theErrorOfAMeanIsTheDeviationOverTheRootOfTheCount() throws {
        // The deviation of 1, 2, 3, 4 is the root of 5/3.
        let error = try #require(StandardError.ofMean([1, 2, 3, 4]))
        #expect(abs(error - (5.0 / 3 / 4).squareRoot()) < 1e-12)
        #expect(StandardError.ofMean([2, 2, 2]) == 0)
        #expect(StandardError.ofMean([2]) == nil && StandardError.ofMean([]) == nil)
    }

    @Test func aShareIsAMeanOfZerosAndOnes() throws {
        for hits in 0...7 {
            let values = (0..<7).map { $0 < hits ? 1.0 : 0.0 }
            let share = try #require(StandardError.ofShare(Double(hits) / 7, count: 7))
            #expect(abs(share - (try #require(StandardError.ofMean(values)))) < 1e-12)
        }
        #expect(StandardError.ofShare(0.5, count: 1) == nil)
    }

    @Test func signalAndNoiseAreAsByHand() throws {
        let table = try #require(SignalToNoise([[1, 3], [5, 7], [10]]))
        #expect(abs(table.between - 4) < 1e-12)
        #expect(abs(table.within - 2.0.squareRoot()) < 1e-12)
        #expect(abs(try #require(table.ratio) - 8.0.squareRoot()) < 1e-12)
        #expect(SignalToNoise([[1], [2]]) == nil)
        #expect(SignalToNoise([[1, 2]]) == nil)
        #expect(SignalToNoise([[1, 1], [2, 2]])?.ratio == nil)
    }
}
