import Foundation
import Testing

@testable import Metrics

/// What `Tests/Goldens/segmentation.py` made with scikit-learn and NumPy.
private struct Goldens: Decodable {
    struct Score: Decodable {
        let classes: Int
        let actual: [UInt8]
        let predicted: [UInt8]
        let accuracy: Double
        let ious: [Double]
        let occurs: [Bool]
        let mean: Double
        let meanOfThoseThatOccur: Double
    }

    struct Windows: Decodable {
        let height: Int
        let width: Int
        let crop: Int
        let padded: [Int]
        let windows: [[Int]]
    }

    let scores: [Score]
    let windows: [Windows]

    static func read() throws -> Goldens {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Goldens/segmentation.json").standardizedFileURL
        return try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: file))
    }
}

@Suite struct SegmentationScoreTests {
    @Test func scoresAreThoseOfScikitLearn() throws {
        for golden in try Goldens.read().scores {
            var confusion = try PixelConfusion(classes: golden.classes)
            // In two parts, as two images would be.
            let half = golden.actual.count / 2
            try confusion.add(
                predicted: Array(golden.predicted[..<half]), actual: Array(golden.actual[..<half]))
            try confusion.add(
                predicted: Array(golden.predicted[half...]), actual: Array(golden.actual[half...]))
            #expect(confusion.labelled == golden.actual.count { $0 != 255 })
            #expect(abs(confusion.pixelAccuracy - golden.accuracy) < 1e-12)
            let ious = confusion.intersectionsOverUnions
            #expect(ious.map { $0 != nil } == golden.occurs)
            #expect(zip(ious, golden.ious).allSatisfy { abs(($0 ?? 0) - $1) < 1e-12 })
            #expect(abs(confusion.meanIntersectionOverUnion() - golden.mean) < 1e-12)
            let leftOut = confusion.meanIntersectionOverUnion(absent: .leftOut)
            #expect(abs(leftOut - golden.meanOfThoseThatOccur) < 1e-12)
            #expect(golden.occurs.contains(false) == (leftOut > confusion.meanIntersectionOverUnion()))
        }
    }

    @Test func countsFromElsewhereAddUp() throws {
        var one = try PixelConfusion(classes: 2)
        try one.add(predicted: [0, 1, 1, 7], actual: [0, 0, 1, 255])
        #expect(one.counts == [1, 1, 0, 1] && one.labelled == 3 && one.correct == 2)
        var other = try PixelConfusion(classes: 2)
        try other.add(counts: [1, 1, 0, 1])
        #expect(one == other)
        try other.add(counts: one.counts)
        #expect(other.counts == [2, 2, 0, 2])
        var most = try PixelConfusion(classes: 256)
        try most.add(predicted: [255], actual: [255], ignored: 0)
        #expect(most.labelled == 1)
        #expect(try PixelConfusion(classes: 3).pixelAccuracy.isNaN)
        #expect(try PixelConfusion(classes: 3).meanIntersectionOverUnion() == 0)
        #expect(try PixelConfusion(classes: 3).meanIntersectionOverUnion(absent: .leftOut).isNaN)
    }

    @Test func whatIsNoClassIsRefusedAndCountsNothing() throws {
        var confusion = try PixelConfusion(classes: 2)
        #expect(throws: TaskMetricError.label(position: 2, value: 2, classes: 2)) {
            try confusion.add(predicted: [0, 0, 2], actual: [0, 1, 1])
        }
        #expect(throws: TaskMetricError.label(position: 1, value: 9, classes: 2)) {
            try confusion.add(predicted: [0, 0, 1], actual: [0, 9, 1])
        }
        #expect(throws: TaskMetricError.self) { try confusion.add(predicted: [0], actual: [0, 1]) }
        #expect(throws: TaskMetricError.self) { try confusion.add(counts: [1, 2]) }
        #expect(throws: TaskMetricError.self) { try confusion.add(counts: [1, 2, -1, 0]) }
        #expect(throws: TaskMetricError.self) { try PixelConfusion(classes: 0) }
        #expect(confusion.labelled == 0)
    }

    @Test func windowsLieWhereALoopPutsThem() throws {
        for golden in try Goldens.read().windows {
            let windows = try SlidingWindows(height: golden.height, width: golden.width, crop: golden.crop)
            #expect([windows.paddedHeight, windows.paddedWidth] == golden.padded)
            #expect(windows.windows.map { [$0.top, $0.left, $0.height, $0.width] } == golden.windows)
            var covered = [Bool](repeating: false, count: windows.paddedHeight * windows.paddedWidth)
            for window in windows.windows {
                for row in window.top..<window.top + window.height {
                    for column in window.left..<window.left + window.width {
                        covered[row * windows.paddedWidth + column] = true
                    }
                }
            }
            #expect(!covered.contains(false))
        }
        #expect(SlidingWindows.step(crop: 480) == 320 && SlidingWindows.step(crop: 768) == 512)
        #expect(try SlidingWindows(height: 1024, width: 2048, crop: 768).windows.count == 2 * 4)
        for (height, width, crop) in [(0, 5, 5), (5, -1, 5), (5, 5, 0)] {
            #expect(throws: TaskMetricError.self) { try SlidingWindows(height: height, width: width, crop: crop) }
        }
        #expect(try SlidingWindows(height: 3, width: 2, crop: 1).windows.count == 6)
    }

    @Test func scaledSizesRoundAsTheEvaluationDoes() throws {
        func size(_ height: Int, _ width: Int, _ base: Int, _ scale: Double) throws -> [Int] {
            let size = try SlidingWindows.scaledSize(height: height, width: width, base: base, scale: scale)
            return [size.height, size.width]
        }
        #expect(try size(512, 683, 520, 0.5) == [195, 260])
        #expect(try size(683, 512, 520, 1.75) == [910, 682])
        #expect(try size(1024, 2048, 2048, 0.75) == [768, 1536])
        #expect(try size(1, 10_000, 520, 0.5) == [1, 260])
        #expect(try size(100, 100, 33, 0.5) == [17, 17])
        #expect(throws: TaskMetricError.self) { try size(0, 10, 520, 1) }
        #expect(throws: TaskMetricError.self) { try size(10, 10, 520, .nan) }
        #expect(throws: TaskMetricError.self) { try size(10, 10, 520, -1) }
    }
}
