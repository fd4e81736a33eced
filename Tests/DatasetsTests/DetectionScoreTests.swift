import Foundation
import Metrics
import Testing

@testable import Datasets

/// Average precision against pycocotools (`Tests/Goldens/coco.py`).
@Suite struct DetectionScoreTests {
    /// A box or a mask, whichever a set has.
    private enum Shape: Decodable {
        case box(SIMD4<Double>)
        case mask(String)

        private enum Keys: String, CodingKey { case counts }

        init(from decoder: any Decoder) throws {
            if let box = try? decoder.singleValueContainer().decode([Double].self), box.count == 4 {
                self = .box(SIMD4(box))
            } else {
                self = .mask(try decoder.container(keyedBy: Keys.self).decode(String.self, forKey: .counts))
            }
        }
    }

    private struct Object: Decodable {
        let image: Int
        let category: Int
        let shape: Shape
        let area: Double
        let isCrowd: Bool

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            (image, category) = (try values.decode(Int.self), try values.decode(Int.self))
            (shape, area) = (try values.decode(Shape.self), try values.decode(Double.self))
            isCrowd = try values.decode(Int.self) == 1
        }
    }

    private struct Found: Decodable {
        let image: Int
        let category: Int
        let shape: Shape
        let score: Double

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            (image, category) = (try values.decode(Int.self), try values.decode(Int.self))
            (shape, score) = (try values.decode(Shape.self), try values.decode(Double.self))
        }
    }

    private struct Golden: Decodable {
        struct Set: Decodable {
            let kind: String
            let images: Int
            let classes: Int
            let objects: [Object]
            let detections: [Found]
            let figures: [Double?]
        }

        struct Pair: Decodable {
            let detection: String
            let object: String
            let crowd: Int
            let overlap: Double
        }

        let height: Int
        let width: Int
        let sets: [Set]
        let pairs: [Pair]

        static func read() throws -> Golden {
            let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../Goldens/coco.json").standardizedFileURL
            return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
        }
    }

    @Test func figuresAreThoseOfPycocotools() throws {
        let golden = try Golden.read()
        func mask(_ counts: String) throws -> RunLengths {
            try RunLengths(height: golden.height, width: golden.width, compressed: counts)
        }
        for set in golden.sets {
            var score = try AveragePrecision(classes: set.classes)
            for image in 1...set.images {
                for category in 1...set.classes {
                    let objects = set.objects.filter { $0.image == image && $0.category == category }
                    let found = set.detections.filter { $0.image == image && $0.category == category }
                    var overlaps: [[Double]] = []
                    var detections: [AveragePrecision.Detection] = []
                    for detection in found {
                        switch detection.shape {
                        case .box(let box):
                            detections.append(.init(score: detection.score, area: box[2] * box[3]))
                            overlaps.append(
                                objects.compactMap { object in
                                    guard case .box(let other) = object.shape else { return nil }
                                    return AveragePrecision.overlap(of: box, with: other, isCrowd: object.isCrowd)
                                })
                        case .mask(let counts):
                            let runs = try mask(counts)
                            detections.append(.init(score: detection.score, area: Double(runs.area)))
                            overlaps.append(
                                try objects.compactMap { object in
                                    guard case .mask(let other) = object.shape else { return nil }
                                    return runs.overlap(with: try mask(other), isCrowd: object.isCrowd)
                                })
                        }
                    }
                    #expect(overlaps.allSatisfy { $0.count == objects.count })
                    try score.add(
                        class: category - 1,
                        objects: objects.map { .init(area: $0.area, isCrowd: $0.isCrowd) }, detections: detections
                    ) { overlaps[$0][$1] }
                }
            }
            let figures = score.scores.figures
            #expect(figures.map { $0.value == nil } == set.figures.map { $0 == nil })
            for (figure, expected) in zip(figures, set.figures) {
                #expect(abs((figure.value ?? 0) - (expected ?? 0)) < 1e-13, "\(set.kind): \(figure.name)")
            }
            let averages = score.averages().compactMap(\.self)
            #expect(averages.isEmpty == (figures[0].value == nil))
            if let ap = figures[0].value {
                #expect(abs(averages.reduce(0, +) / Double(averages.count) - ap) < 1e-13)
            }
        }
    }

    @Test func overlapsOfMasksAreThoseOfPycocotools() throws {
        let golden = try Golden.read()
        #expect(golden.pairs.contains { $0.overlap > 0 } && golden.pairs.contains { $0.overlap == 0 })
        for pair in golden.pairs {
            let masks = try [pair.detection, pair.object].map {
                try RunLengths(height: golden.height, width: golden.width, compressed: $0)
            }
            #expect(masks[0].overlap(with: masks[1], isCrowd: pair.crowd == 1) == pair.overlap)
        }
    }

    @Test func aSetThatWasReckonedByHandHasItsFigures() throws {
        // Two images, of which the second has a crowd, and classes 1 and 3.
        var score = try AveragePrecision(classes: 2)
        func add(
            _ place: Int, _ objects: [(SIMD4<Double>, Double, Bool)], _ detections: [(SIMD4<Double>, Double)]
        ) throws {
            try score.add(
                class: place, objects: objects.map { .init(area: $0.1, isCrowd: $0.2) },
                detections: detections.map { .init(score: $0.1, area: $0.0[2] * $0.0[3]) }
            ) {
                AveragePrecision.overlap(of: detections[$0].0, with: objects[$1].0, isCrowd: objects[$1].2)
            }
        }
        try add(
            0, [([10, 10, 40, 40], 1600, false), ([60, 60, 20, 20], 400, false)],
            [([12, 10, 40, 40], 0.9), ([61, 62, 20, 20], 0.8), ([10, 10, 38, 40], 0.7)])
        try add(0, [([0, 0, 90, 90], 8100, true)], [([5, 5, 30, 30], 0.95)])
        try add(1, [([20, 20, 50, 50], 2500, false)], [([20, 20, 50, 30], 0.6), ([70, 70, 10, 10], 0.65)])
        let expected = [0.434406, 0.75, 0.252475, 0.5, 0.625, nil, 0.225, 0.525, 0.525, 0.5, 0.65, nil]
        for (figure, value) in zip(score.scores.figures, expected) {
            #expect(figure.value.map { ($0 * 1e6).rounded() / 1e6 } == value, "\(figure.name)")
        }
        #expect(score.objectCount(0) == 2 && score.objectCount(0, .small) == 1 && score.objectCount(1, .large) == 0)
        #expect(AveragePrecision.overlap(of: [0, 0, 10, 10], with: [5, 5, 10, 10], isCrowd: true) == 0.25)
    }

    @Test func whatCannotBeScoredIsRefused() throws {
        #expect(throws: TaskMetricError.self) { try AveragePrecision(classes: 0) }
        var score = try AveragePrecision(classes: 2)
        #expect(throws: TaskMetricError.self) {
            try score.add(class: 2, objects: [], detections: []) { _, _ in 0 }
        }
        #expect(throws: TaskMetricError.scoreNotFinite(position: 1)) {
            try score.add(
                class: 0, objects: [],
                detections: [.init(score: 0.5, area: 1), .init(score: .nan, area: 1)]
            ) { _, _ in 0 }
        }
        #expect(score.scores.ap == nil && score.averages() == [nil, nil])
    }
}
