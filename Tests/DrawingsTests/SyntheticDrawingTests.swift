import Support
import Testing

@testable import Drawings

@Suite struct SyntheticDrawingTests {
    private func area(_ outline: Outline, width: Int = 40, height: Int = 40) -> Double {
        Double(CoverageMask(outline.contours, width: width, height: height).values.reduce(0, +))
    }

    @Test func coverageIsTheExactArea() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<50 {
            let (x, y) = (generator.uniform(1, 20), generator.uniform(1, 20))
            let (width, height) = (generator.uniform(0.1, 18), generator.uniform(0.1, 18))
            #expect(abs(area(.box(x, y, width, height)) - width * height) < 1e-3)
            let triangle = Outline.polygon([Point(x, y), Point(x + width, y + height / 3), Point(x, y + height)])
            #expect(abs(area(triangle) - width * height / 2) < 1e-3)
        }
        let disc = area(.ellipse(Point(20, 20), 10, 6, tilt: 0.4))
        #expect(abs(disc - .pi * 60) < 2)
        let ring = area(.ring(Point(20.3, 20), 10, 6, 1))
        #expect(
            abs(ring - (area(.ellipse(Point(20.3, 20), 10.5, 6.5)) - area(.ellipse(Point(20.3, 20), 9.5, 5.5)))) < 1e-2)
    }

    @Test func shapesAreClippedAtTheBorder() {
        #expect(abs(area(.box(-5, -5, 10, 10)) - 25) < 1e-3)
        #expect(abs(area(.box(35.5, 38, 100, 100)) - 9) < 1e-3)
        #expect(area(.box(-50, -50, 200, 200)) == 1_600)
        #expect(area(.box(50, 3, 5, 5)) == 0 && area(Outline(contours: [])) == 0)
        #expect(abs(area(.polygon([Point(-10, 20), Point(20, -10), Point(50, 20), Point(20, 50)])) - 1_400) < 0.5)
    }

    @Test func aFramePlacesAndInverts() {
        let frame = Frame(origin: Point(3, -4), scale: 2.5, turn: 0.7)
        let point = Point(1.5, 8)
        let back = frame.original(frame.placed(point))
        #expect(abs(back.x - point.x) < 1e-12 && abs(back.y - point.y) < 1e-12)
        #expect(frame.placed(Point(0, 0)) == Point(3, -4))
    }

    @Test func blurKeepsSumsAndNoiseIsReproducible() {
        var plain = Painting(width: 9, height: 7, resolution: 1)
        plain.fillAll { _ in Tint(0.4, 0.55, 0.6) }
        var generator = SeededGenerator(seed: 1)
        let blurred = Exposure(blur: 1.3).image(of: plain, &generator)
        #expect(Set(stride(from: 0, to: 189, by: 3).map { Array(blurred.pixels[$0..<$0 + 3]) }) == [[102, 140, 153]])
        var spot = Painting(width: 21, height: 21, resolution: 1)
        spot.fill(.box(10, 10, 1, 1), Tint(1, 1, 1))
        let soft = Exposure(blur: 1).image(of: spot, &generator).pixels
        let sum = stride(from: 0, to: soft.count, by: 3).reduce(0) { $0 + Int(soft[$1]) }
        #expect(abs(sum - 255) < 12)
        let noisy = (0..<2).map { _ in
            var generator = SeededGenerator(seed: 9)
            return Exposure(noise: 0.05).image(of: plain, &generator)
        }
        #expect(noisy[0] == noisy[1] && noisy[0].pixels != blurred.pixels)
    }
}
