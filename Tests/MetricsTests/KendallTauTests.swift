import Foundation
import Metrics
import Support
import Testing

@Suite("Kendall's tau")
struct KendallTauTests {
    private struct Golden: Decodable {
        let name: String
        let x: [Double]
        let y: [Double]
        let tau: Double
    }

    @Test("tau-b as SciPy has it")
    func goldens() throws {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Goldens/kendall.json")
        let goldens = try JSONDecoder().decode([Golden].self, from: Data(contentsOf: file))
        #expect(goldens.count == 8)
        for golden in goldens {
            let tau = try #require(KendallTau.b(golden.x, golden.y))
            #expect(abs(tau - golden.tau) < 1e-12, "\(golden.name)")
        }
    }

    @Test("equals the count over all pairs, in either order of the lists and of the things")
    func definition() throws {
        var generator = SeededGenerator(seed: 1)
        for count in 2..<40 {
            let x = (0..<count).map { _ in Double(generator.below(count)) }
            let y = (0..<count).map { _ in Double(generator.below(6)) }
            var (sum, untiedX, untiedY) = (0.0, 0.0, 0.0)
            for a in 0..<count {
                for b in 0..<a {
                    let (dx, dy) = ((x[a] - x[b]).sign(), (y[a] - y[b]).sign())
                    sum += dx * dy
                    untiedX += abs(dx)
                    untiedY += abs(dy)
                }
            }
            guard untiedX > 0, untiedY > 0 else {
                #expect(KendallTau.b(x, y) == nil)
                continue
            }
            let tau = try #require(KendallTau.b(x, y))
            #expect(abs(tau - sum / (untiedX * untiedY).squareRoot()) < 1e-12)
            #expect(KendallTau.b(y, x) == tau)
            #expect(KendallTau.b(x.map { -$0 }, y) == -tau)
            let order = generator.permutation(count)
            #expect(KendallTau.b(order.map { x[$0] }, order.map { y[$0] }) == tau)
            #expect(KendallTau.b(x, x) == 1)
        }
    }

    @Test("has no value where there is nothing to rank")
    func undefined() {
        #expect(KendallTau.b([], []) == nil)
        #expect(KendallTau.b([1], [2]) == nil)
        #expect(KendallTau.b([1, 2], [3, 3]) == nil)
        #expect(KendallTau.b([1, 2], [1, 2, 3]) == nil)
        #expect(KendallTau.b([1, .nan], [1, 2]) == nil)
        #expect(KendallTau.b([1, -.infinity, .infinity], [2, 1, 3]) == 1)
    }
}

extension Double {
    fileprivate func sign() -> Double { self > 0 ? 1 : self < 0 ? -1 : 0 }
}
