import Datasets
import Foundation
import Support

/// Grey noise with two squares each, red or green, whose boxes and pixels are known: a task that a small detector learns in
/// moments. Every second image is wide, every second one high; the last object of every fifth image stands for a group.
public struct SquareObjects: ImageDataset {
    /// The number of images.
    public let count: Int
    /// The names of the two classes.
    public let classNames = ["red", "green"]
    private let side: Int
    private let hasMasks: Bool

    /// Images around this size.
    public init(count: Int, side: Int = 40, hasMasks: Bool = true) {
        (self.count, self.side, self.hasMasks) = (count, side, hasMasks)
    }

    /// Boxes.
    public var annotationKind: AnnotationKind { .boxes }
    /// 0, as an image has no class of its own.
    public func label(at index: Int) -> Int { 0 }
    /// Its number.
    public func source(at index: Int) -> String { "squares \(index)" }

    /// Wide and high in turn.
    public func size(at index: Int) -> ImageSize? {
        index % 2 == 0
            ? ImageSize(height: side, width: side + side / 4) : ImageSize(height: side + side / 4, width: side)
    }

    /// The squares of an image: x, y, side and class.
    public func squares(at index: Int) -> [(x: Int, y: Int, side: Int, label: Int)] {
        var generator = SeededGenerator(seed: UInt64(index), RandomStream.noiseImage)
        return (0..<2).map { _ in
            let square = side / 4 + generator.below(side / 4)
            return (generator.below(side - square), generator.below(side - square), square, generator.below(2))
        }
    }

    /// The squares, with their pixels where they have any.
    public func annotation(at index: Int) throws -> Annotation {
        .boxes(
            squares(at: index).enumerated().map { place, square in
                let (x0, y0) = (Double(square.x), Double(square.y))
                let (x1, y1) = (x0 + Double(square.side), y0 + Double(square.side))
                let corners = [SIMD2(x0, y0), SIMD2(x1, y0), SIMD2(x1, y1), SIMD2(x0, y1)]
                return AnnotatedBox(
                    BoundingBox(x0: Float(x0), y0: Float(y0), x1: Float(x1), y1: Float(y1)), label: square.label,
                    isCrowd: index % 5 == 4 && place == 1, mask: hasMasks ? .polygons([corners]) : nil)
            })
    }

    /// The squares on noise.
    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        let size = size(at: index) ?? ImageSize(side)
        var generator = SeededGenerator(seed: UInt64(index) + 1_000, RandomStream.noiseImage)
        var pixels = (0..<size.pixels * 3).map { _ in UInt8(90 + generator.below(40)) }
        for square in squares(at: index) {
            for y in square.y..<square.y + square.side {
                for x in square.x..<square.x + square.side {
                    let colour: [UInt8] = square.label == 0 ? [220, 40, 40] : [40, 220, 40]
                    for channel in 0..<3 { pixels[3 * (y * size.width + x) + channel] = colour[channel] }
                }
            }
        }
        return Image(width: size.width, height: size.height, channels: 3, pixels: pixels)
    }

    /// Writes the images in COCO's layout, those from `first` on as the validation part.
    public func write(to folder: String, validationFrom first: Int) throws {
        for part in ["annotations", "train", "val"] { try FilePath.makeFolder(FilePath.join(folder, part)) }
        for (part, places) in [("train", 0..<first), ("val", first..<count)] {
            var (images, annotations): ([[String: Any]], [[String: Any]]) = ([], [])
            for place in places {
                let image = try image(at: place, decoding: ImageDecoding())
                try image.writePNG(to: "\(folder)/\(part)/\(place).png")
                images.append([
                    "id": place + 1, "file_name": "\(place).png", "height": image.height, "width": image.width,
                ])
                guard case .boxes(let boxes) = try annotation(at: place) else { continue }
                for object in boxes {
                    let (x, y) = (Int(object.box.x0), Int(object.box.y0))
                    let side = Int(object.box.width)
                    let corners = [x, y, x + side, y, x + side, y + side, x, y + side]
                    var entry: [String: Any] = [
                        "id": 10 * place + annotations.count + 1, "image_id": place + 1,
                        "category_id": object.label + 1, "bbox": [x, y, side, side], "area": side * side,
                        "iscrowd": object.isCrowd ? 1 : 0,
                    ]
                    if hasMasks { entry["segmentation"] = [corners] }
                    annotations.append(entry)
                }
            }
            // Numbers of objects are unique in a file.
            for place in annotations.indices { annotations[place]["id"] = place + 1 }
            let document: [String: Any] = [
                "images": images, "annotations": annotations,
                "categories": classNames.enumerated().map { ["id": $0 + 1, "name": $1] as [String: Any] },
            ]
            try AtomicFile.write(
                JSONSerialization.data(withJSONObject: document, options: [.sortedKeys]),
                to: "\(folder)/annotations/instances_\(part).json")
        }
    }
}
