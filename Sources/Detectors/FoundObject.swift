import Architectures
import Datasets
import Support
import Torch

/// An object that a detector found.
public struct FoundObject: Sendable, Hashable {
    /// The box, in pixels of an image.
    public var box: Box
    /// The class.
    public var label: Int
    /// The probability.
    public var score: Float
    /// The probability of each of 28 x 28 parts of the box, row by row; nil without a mask.
    public var mask: [Float]?

    /// An object, as it is told.
    public init(box: Box, label: Int, score: Float, mask: [Float]? = nil) {
        (self.box, self.label, self.score, self.mask) = (box, label, score, mask)
    }

    /// The height and width of masks.
    public static let maskSide = DetectorDescription.maskSide

    /// Puts what is found in the images of a batch into one tensor, [N, count, 6], float32, or with masks [N, count, 790]: of
    /// each object the four coordinates, the class, the probability, and its mask row by row. Rows that are left over have the
    /// probability 0.
    ///
    /// - Parameters:
    ///   - all: the objects of each image, at most `count` of them.
    ///   - count: the rows of an image.
    ///   - hasMasks: whether there is room for masks.
    public static func packed(_ all: [[FoundObject]], count: Int, hasMasks: Bool) throws -> Tensor {
        let width = packedWidth(hasMasks: hasMasks)
        var values = [Float](repeating: 0, count: all.count * count * width)
        for (image, found) in all.enumerated() {
            for (row, object) in found.prefix(count).enumerated() {
                let start = (image * count + row) * width
                for corner in 0..<4 { values[start + corner] = object.box[corner] }
                (values[start + 4], values[start + 5]) = (Float(object.label), object.score)
                if hasMasks, let mask = object.mask { values.replaceSubrange(start + 6..<start + width, with: mask) }
            }
        }
        return try Tensor(values, shape: [all.count, count, width])
    }

    /// The objects of each image that ``packed(_:count:hasMasks:)`` put into a tensor.
    ///
    /// - Throws: `TorchError` for a tensor of another shape.
    public static func unpacked(_ packed: Tensor) throws -> [[FoundObject]] {
        let widths = [packedWidth(hasMasks: false), packedWidth(hasMasks: true)]
        guard packed.rank == 3, widths.contains(packed.size(2)) else {
            throw TorchError(
                .invalidArgument, operation: "FoundObject", shapes: [packed.shape],
                message: "what was found in images is [N, objects, 6], or with masks [N, objects, 790]")
        }
        let (count, width) = (packed.size(1), packed.size(2))
        let values = try packed.to(.cpu).to(.float32).contiguous().array(Float.self)
        return (0..<packed.size(0)).map { image in
            (0..<count).compactMap { row -> FoundObject? in
                let start = (image * count + row) * width
                guard values[start + 5] > 0 else { return nil }
                let box = Box(values[start], values[start + 1], values[start + 2], values[start + 3])
                return FoundObject(
                    box: box, label: Int(values[start + 4]), score: values[start + 5],
                    mask: width > 6 ? Array(values[start + 6..<start + width]) : nil)
            }
        }
    }

    private static func packedWidth(hasMasks: Bool) -> Int { hasMasks ? 6 + maskSide * maskSide : 6 }

    /// The object in an image of another size; nil where nothing of it is within.
    ///
    /// - Parameters:
    ///   - size: the size of the image as the network saw it, without padding.
    ///   - original: the size of the image as it is.
    public func scaled(from size: ImageSize, to original: ImageSize) -> FoundObject? {
        let across = Float(original.width) / Float(size.width), down = Float(original.height) / Float(size.height)
        var found = self
        found.box = (box * Box(across, down, across, down)).clipped(original)
        return found.box.boxWidth > 0 && found.box.boxHeight > 0 ? found : nil
    }

    /// The pixels of the object in an image of this size: those at which the mask, sampled bilinearly with zeros around it, is
    /// at least a half. Nil without a mask.
    public func pixels(in size: ImageSize) -> RunLengths? {
        guard let mask else { return nil }
        let side = Self.maskSide
        var pixels = [UInt8](repeating: 0, count: size.height * size.width)
        // Half of a part of the mask lies beyond the box at each of its sides.
        let (reachX, reachY) = (box.boxWidth / Float(side), box.boxHeight / Float(side))
        func range(_ low: Float, _ high: Float, _ count: Int) -> Range<Int> {
            let first = max(0, min(Float(count), low.rounded(.down)))
            let last = max(first, min(Float(count), high.rounded(.up)))
            return Int(first)..<Int(last)
        }
        func value(_ row: Int, _ column: Int) -> Float {
            (0..<side).contains(row) && (0..<side).contains(column) ? mask[row * side + column] : 0
        }
        for y in range(box[1] - reachY, box[3] + reachY, size.height) {
            let v = (Float(y) + 0.5 - box[1]) / box.boxHeight * Float(side) - 0.5
            let top = v.rounded(.down)
            guard top >= -1, top < Float(side) else { continue }
            for x in range(box[0] - reachX, box[2] + reachX, size.width) {
                let u = (Float(x) + 0.5 - box[0]) / box.boxWidth * Float(side) - 0.5
                let left = u.rounded(.down)
                guard left >= -1, left < Float(side) else { continue }
                let (row, column, dy, dx) = (Int(top), Int(left), v - top, u - left)
                let sample =
                    (1 - dy) * ((1 - dx) * value(row, column) + dx * value(row, column + 1)) + dy
                    * ((1 - dx) * value(row + 1, column) + dx * value(row + 1, column + 1))
                if sample >= 0.5 { pixels[y * size.width + x] = 1 }
            }
        }
        return RunLengths(height: size.height, width: size.width, pixels: pixels)
    }
}
