import Foundation

@testable import Datasets

/// What `Tests/Goldens/annotations.py` made with pycocotools and torchvision.
struct AnnotationGoldens: Decodable {
    struct Encoding: Decodable {
        let height: Int
        let width: Int
        /// A digit for each pixel, row by row.
        let pixels: String
        let counts: [Int]
        let string: String
        let area: Int
        /// COCO's box: left, top, width, height.
        let box: [Float]

        var values: [UInt8] { pixels.utf8.map { $0 - 48 } }
    }

    struct Polygons: Decodable {
        let height: Int
        let width: Int
        let polygons: [[Double]]
        let string: String
    }

    struct Map: Decodable {
        let height: Int
        let width: Int
        let classes: [UInt8]

        var map: LabelMap { LabelMap(height: height, width: width, classes: classes) }
    }

    struct Step: Decodable {
        let op: String
        let arguments: [Double]
        let shape: [Int]
        let map: [UInt8]
        let boxes: [[Float]]

        var step: AppliedTransform? {
            let whole = arguments.map { Int($0) }
            func box() -> AppliedTransform.Box {
                .init(top: whole[0], left: whole[1], height: whole[2], width: whole[3])
            }
            switch op {
            case "resize": return .resize(height: whole[0], width: whole[1])
            case "crop": return .crop(box())
            case "resized-crop": return .resizedCrop(box(), height: whole[4], width: whole[5])
            case "horizontal-flip": return .horizontalFlip
            case "vertical-flip": return .verticalFlip
            case "affine":
                return .affine(
                    AffineMap(
                        angle: arguments[0], translation: (arguments[1], arguments[2]), scale: arguments[3],
                        shear: (arguments[4], arguments[5])))
            default: return nil
            }
        }
    }

    let encodings: [Encoding]
    let polygons: [Polygons]
    let map: Map
    let boxes: [[Float]]
    let steps: [Step]

    static let shared: Result<AnnotationGoldens, any Error> = Result {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Goldens/annotations.json").standardizedFileURL
        return try JSONDecoder().decode(AnnotationGoldens.self, from: Data(contentsOf: file))
    }
}

extension BoundingBox {
    /// From x0, y0, x1, y1.
    init(_ sides: [Float]) { self.init(x0: sides[0], y0: sides[1], x1: sides[2], y1: sides[3]) }

    /// The greatest difference of a side from that of another box.
    func distance(to other: BoundingBox) -> Float {
        max(abs(x0 - other.x0), abs(y0 - other.y0), abs(x1 - other.x1), abs(y1 - other.y1))
    }
}
