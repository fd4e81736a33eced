import Testing

@testable import Datasets

@Suite struct MaskTests {
    @Test func runLengthsAreThoseOfPycocotools() throws {
        for golden in try AnnotationGoldens.shared.get().encodings {
            let (height, width) = (golden.height, golden.width)
            let mask = RunLengths(height: height, width: width, pixels: golden.values)
            #expect(mask.counts == golden.counts)
            #expect(mask.compressed == golden.string)
            #expect(try RunLengths(height: height, width: width, compressed: golden.string) == mask)
            #expect(try RunLengths(height: height, width: width, counts: golden.counts) == mask)
            #expect(mask.pixels == golden.values)
            #expect(mask.area == golden.area)
            let box = golden.box
            let bounds =
                golden.area == 0
                ? nil : BoundingBox(x0: box[0], y0: box[1], x1: box[0] + box[2], y1: box[1] + box[3])
            #expect(mask.bounds == bounds, "\(golden.string)")
        }
    }

    @Test func polygonsCoverThePixelsThatPycocotoolsDraws() throws {
        let goldens = try AnnotationGoldens.shared.get().polygons
        #expect(goldens.count == 69)
        for golden in goldens {
            let mask = try Mask(polygons: golden.polygons).runLengths(height: golden.height, width: golden.width)
            #expect(mask.compressed == golden.string, "\(golden.polygons) in \(golden.width)x\(golden.height)")
            #expect(mask.counts.reduce(0, +) == golden.height * golden.width)
        }
    }

    @Test func unionSetsThePixelsOfEither() throws {
        let goldens = try AnnotationGoldens.shared.get().encodings
        for one in goldens {
            for other in goldens where other.height == one.height && other.width == one.width {
                let both = zip(one.values, other.values).map { $0 | $1 }
                let masks = [one, other].map { RunLengths(height: $0.height, width: $0.width, pixels: $0.values) }
                #expect(masks[0].union(masks[1]) == RunLengths(height: one.height, width: one.width, pixels: both))
            }
        }
        let (left, right) = (
            RunLengths(height: 2, width: 2, pixels: [1, 0, 1, 0]),
            RunLengths(height: 2, width: 2, pixels: [0, 1, 0, 1])
        )
        #expect(left.union(right).counts == [0, 4])
    }

    @Test func runLengthsThatDoNotFillTheImageAreRefused() {
        func message(_ make: () throws(AnnotationError) -> RunLengths) -> String? {
            do { _ = try make() } catch { return error.description }
            return nil
        }
        #expect(
            message { () throws(AnnotationError) in try RunLengths(height: 2, width: 3, counts: [4, 1]) }
                == "a run-length mask ends 1 pixels before its size, 3x2")
        #expect(
            message { () throws(AnnotationError) in try RunLengths(height: 2, width: 3, counts: [4, 3]) }
                == "a run-length mask has a run of 3 where 2 of its 3x2 pixels are left")
        #expect(message { () throws(AnnotationError) in try RunLengths(height: 2, width: 3, counts: [7, -1]) } != nil)
        #expect(message { () throws(AnnotationError) in try RunLengths(height: 0, width: 3, counts: []) } != nil)
        #expect(message { () throws(AnnotationError) in try RunLengths(height: .max, width: 2, counts: [1]) } != nil)
        // Characters outside the alphabet, a number without end, one that ends too late, and one that is negative.
        for text in ["3 2", "é", "P", "6P", String(repeating: "o", count: 40) + "0", "O6", ""] {
            #expect(
                message { () throws(AnnotationError) in try RunLengths(height: 2, width: 3, compressed: text) } != nil,
                "\(text)")
        }
    }

    @Test func polygonsOfNoCoordinatesAreRefused() {
        for list in [[1, 2, 3], [.nan, 1], [1, .infinity, 2, 2]] {
            #expect(throws: AnnotationError.self) { try Mask(polygons: [list]) }
        }
    }

    @Test func polygonsBeyondAllImagesAreDrawnAndEnd() throws {
        let mask = try Mask(polygons: [[-1e300, -1e300, 1e300, -1e300, 1e300, 1e300, -1e300, 1e300]])
        #expect(mask.runLengths(height: 3, width: 5).area == 15)
        #expect(Mask.polygons([]).runLengths(height: 3, width: 5).counts == [15])
        #expect(Mask.polygons([[]]).runLengths(height: 3, width: 5).counts == [15])
    }

    @Test func measuresOfAPolygon() throws {
        let mask = try Mask(polygons: [[1, 1, 5, 1, 5, 4], [0, 2, 2, 2, 2, 6, 0, 6]])
        #expect(mask.area == 6 + 8)
        #expect(mask.bounds == BoundingBox(x0: 0, y0: 1, x1: 5, y1: 6))
        #expect(!mask.isEmpty)
        #expect(try Mask(polygons: [[1, 1, 2, 2]]).isEmpty)
        #expect(Mask.polygons([]).bounds == nil && Mask.polygons([]).isEmpty)
        #expect(Mask.runLengths(RunLengths(height: 2, width: 2, pixels: [0, 0, 0, 0])).isEmpty)
    }

    /// Clipping a polygon and drawing it gives what drawing the whole and cutting the image out gives.
    @Test func clippedPolygonsCoverTheVisiblePart() throws {
        for golden in try AnnotationGoldens.shared.get().polygons {
            guard case .polygons(let polygons) = try Mask(polygons: golden.polygons) else { continue }
            let (height, width) = (golden.height, golden.width)
            // Drawn into an image with room around it, the polygons do not feel its border.
            let room = 2 * max(height, width)
            let moved = polygons.map { $0.map { $0 + Double(room) } }
            let whole = RunLengths(polygons: moved, height: height + 2 * room, width: width + 2 * room).pixels
            let clipped = RunLengths(
                polygons: polygons.map { Mask.clipped($0, height: height, width: width) }, height: height, width: width
            ).pixels
            var strays = 0
            for y in 0..<height {
                for x in 0..<width
                where clipped[y * width + x] != whole[(y + room) * (width + 2 * room) + x + room] {
                    strays += 1
                }
            }
            // Corners that clipping adds are rounded to a fifth of a pixel.
            #expect(strays <= 1 + height * width / 50, "\(golden.polygons): \(strays) of \(height * width)")
        }
    }
}
