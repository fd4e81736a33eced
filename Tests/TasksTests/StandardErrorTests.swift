import Foundation
import Metrics
import Testing

@testable import Tasks

@Suite struct StandardErrorTests {
    @Test func ofAMeanIsTheDeviationOverTheRootOfTheCount() throws {
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
}
