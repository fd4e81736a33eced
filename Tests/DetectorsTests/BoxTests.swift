import Architectures
import Support
import Testing

@testable import Detectors

@Suite struct BoxTests {
    @Test func anchorsAreThoseThatArePublished() {
        let grid = AnchorGrid()
        let maps = [(200, 336), (100, 168), (50, 84), (25, 42), (13, 21)]
        let all = maps.enumerated().map { level, map in
            grid.boxes(level, map: map, stride: (Double(4 << level), Double(4 << level)))
        }
        #expect(all.map(\.count).reduce(0, +) == 268_569)
        // Around the first position, the flat one first; then position by position.
        let wide = Float(32 * 2.0.squareRoot())
        #expect(all[0][0] == Box(-wide / 2, -wide / 4, wide / 2, wide / 4))
        #expect(all[0][1] == Box(-16, -16, 16, 16) && all[0][4] == Box(-12, -16, 20, 16))
        #expect(all[0][3 * 336 + 1] == Box(-16, -12, 16, 20) && all[4][1] == Box(-256, -256, 256, 256))
        let rounded = AnchorGrid(sizes: [32], roundsSides: true).boxes(0, map: (1, 1), stride: (4, 4))
        #expect(rounded[0] == Box(-23, -11, 23, 11))
    }

    @Test func deltasAreFoundAgain() {
        let coder = BoxCoder(weights: SIMD4(10, 10, 5, 5))
        let (anchor, box) = (Box(10, 20, 50, 40), Box(14, 10, 44, 70))
        let deltas = coder.encoded(box, from: anchor)
        #expect(abs(deltas[0] - 10 * (29 - 30) / 40) < 1e-6 && abs(deltas[1] - 10 * (40 - 30) / 20) < 1e-6)
        let again = coder.decoded(deltas, on: anchor)
        #expect((0..<4).allSatisfy { abs(again[$0] - box[$0]) < 1e-4 })
        // A box is at most 62.5 times as large as its anchor.
        let huge = coder.decoded(SIMD4(0, 0, 100, 1000), on: anchor)
        #expect(abs(huge.boxWidth - 40 * 62.5) < 0.1 && abs(huge.boxHeight - 20 * 62.5) < 0.1)
    }

    @Test func boxesAreMatchedToWhatTheyOverlapMost() {
        let matcher = BoxMatcher(low: 0.3, high: 0.7, keepsBest: true)
        let objects = [Box(0, 0, 10, 10), Box(100, 100, 200, 200)]
        let boxes = [
            Box(0, 0, 10, 9), Box(0, 0, 10, 5), Box(0, 0, 10, 2), Box(150, 100, 160, 110), Box(100, 100, 110, 120),
        ]
        // The last one overlaps the second object more than any other, however little.
        #expect(
            matcher.matches(boxes, objects) == [.object(0), .ignored, .background, .background, .object(1)])
        let plain = BoxMatcher(low: 0.5, high: 0.5, keepsBest: false)
        #expect(plain.matches(boxes, objects) == [.object(0), .object(0), .background, .background, .background])
        #expect(matcher.matches(boxes, []) == [BoxMatch](repeating: .background, count: 5))
        // Boxes that tie for an object are all its own.
        let ties = matcher.matches([Box(0, 0, 5, 5), Box(5, 5, 10, 10)], [Box(0, 0, 10, 10)])
        #expect(ties == [.object(0), .object(0)])
    }

    @Test func samplesAreBalanced() {
        let matches =
            [BoxMatch](repeating: .object(0), count: 30) + [.ignored]
            + [BoxMatch](repeating: .background, count: 100)
        var generator = SeededGenerator(seed: 1)
        let drawn = BalancedSample(count: 40, objects: 0.25).draw(matches, using: &generator)
        #expect(drawn.objects.count == 10 && drawn.background.count == 30)
        #expect(drawn.objects.allSatisfy { $0 < 30 } && drawn.background.allSatisfy { $0 > 30 })
        #expect(Set(drawn.objects).count == 10 && Set(drawn.background).count == 30)
        var again = SeededGenerator(seed: 1)
        let same = BalancedSample(count: 40, objects: 0.25).draw(matches, using: &again)
        #expect(same.objects == drawn.objects && same.background == drawn.background)
        let all = BalancedSample(count: 400, objects: 0.5).draw(matches, using: &generator)
        #expect(all.objects.count == 30 && all.background.count == 100)
    }

    @Test func boxesFindTheirLevel() {
        let pooling = RegionPooling(size: 7, options: .init())
        let levels = [111.99, 112, 223, 224, 448, 2000, 0].map {
            pooling.level(of: Box(0, 0, Float($0), Float($0)), levels: 4) + 2
        }
        #expect(levels == [2, 3, 3, 4, 5, 5, 2])
    }
}
