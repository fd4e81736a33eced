import Foundation
import Metrics
import TestImages
import Testing

@testable import Datasets

/// What Cityscapes' own evaluation makes of masks, from `Tests/Goldens/cityscapes.py`.
@Suite struct CityscapesTests {
    private struct Golden: Decodable {
        struct Pair: Decodable {
            let truth: Data
            let prediction: Data
        }

        let height: Int
        let width: Int
        let pairs: [Pair]
        let classes: [String]
        let ious: [Double?]
        let mean: Double
    }

    private static func golden() throws -> Golden {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Goldens/cityscapes.json").standardizedFileURL
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    }

    @Test func scoresOfFilesAreThoseOfItsOwnEvaluation() throws {
        let golden = try Self.golden()
        let (height, width) = (golden.height, golden.width)
        let folder = try TemporaryFolder()
        func png(_ values: [UInt8]) throws -> [UInt8] {
            try Image(width: width, height: height, channels: 1, pixels: values).pngData()
        }
        for (number, pair) in golden.pairs.enumerated() {
            for split in ["train", "val"] {
                let stem = "\(split)/ulm/ulm_000000_00000\(number)"
                try folder.write(png(Array(pair.truth)), to: "leftImg8bit/\(stem)_leftImg8bit.png")
                try folder.write(png(Array(pair.truth)), to: "gtFine/\(stem)_gtFine_labelIds.png")
            }
        }
        let parts = try SegmentationParts.open(folder.path)
        let truth = try #require(parts.validation)
        #expect(parts.layout == .cityscapes && truth.count == golden.pairs.count)
        #expect(parts.classes.names == golden.classes)

        let numbers = try MaskNumbering.cityscapes.numbers(of: parts.classes.names)
        var confusion = try PixelConfusion(classes: numbers.count)
        for (place, pair) in golden.pairs.enumerated() {
            guard case .map(let map) = try truth.annotation(at: place) else { throw AnnotationError("no map") }
            let guess = LabelMap(
                height: height, width: width,
                classes: try pair.prediction.map { UInt8(try #require(numbers.firstIndex(of: $0))) })
            // What is written holds the numbers that the evaluation takes, in its colours.
            let file = folder.file("prediction.png")
            try Data(guess.pngData(colours: PixelClasses(asKnown: golden.classes).colours, numbers: numbers))
                .write(to: URL(fileURLWithPath: file))
            let stored = try StoredPNG(contentsOf: file)
            #expect(stored.values == Array(pair.prediction))
            #expect(stored.palette?[26] == PixelColour(0, 0, 142))
            try confusion.add(predicted: guess.classes, actual: map.classes)
        }
        let ious = confusion.intersectionsOverUnions
        #expect(ious.map { $0 == nil } == golden.ious.map { $0 == nil } && ious.contains { $0 == nil })
        #expect(zip(ious, golden.ious).allSatisfy { abs(($0 ?? 0) - ($1 ?? 0)) < 1e-12 })
        #expect(abs(confusion.meanIntersectionOverUnion(absent: .leftOut) - golden.mean) < 1e-12)
    }

    @Test func masksAreNumberedAsDataSetsHaveThem() throws {
        #expect(try MaskNumbering.classes.numbers(of: ["a", "b"]) == [0, 1])
        #expect(try MaskNumbering.ade20k.numbers(of: ["a", "b"]) == [1, 2])
        #expect(try MaskNumbering.cityscapes.numbers(of: ["car", "road"]) == [26, 7])
        expectError(.malformed, "no class `cow`", "`classes`") { _ = try MaskNumbering.cityscapes.numbers(of: ["cow"]) }
        let many = (0..<255).map { "\($0)" }
        #expect(try MaskNumbering.classes.numbers(of: many).last == 254)
        expectError(.malformed, "255 classes") { _ = try MaskNumbering.ade20k.numbers(of: many) }
        #expect(PixelClasses(asKnown: PixelClasses.pascalVOC.names) == .pascalVOC)
        #expect(PixelClasses(asKnown: ["a", "b"]) == PixelClasses(["a", "b"]))
    }
}
