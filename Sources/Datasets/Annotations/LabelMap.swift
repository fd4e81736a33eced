/// A class for each pixel of an image, 8 bits a pixel: at most 255 classes, and one value for pixels that no class is
/// known of.
public struct LabelMap: Sendable, Hashable {
    /// The value of a pixel that is not labelled. Losses and scores leave such pixels out, and it is what a transform
    /// puts where it shows what lies outside the image.
    public static let ignored: UInt8 = 255

    /// The height of the map and of its image, in pixels.
    public let height: Int
    /// The width of the map and of its image, in pixels.
    public let width: Int
    /// The class of each pixel or `ignored`, [height, width], row by row from the top left.
    public var classes: [UInt8]

    /// A map of `height` x `width` pixels.
    ///
    /// - Precondition: both are positive, and `classes` has one value for each pixel.
    public init(height: Int, width: Int, classes: [UInt8]) {
        precondition(height > 0 && width > 0, "a label map of \(width)x\(height) pixels has nothing to label")
        precondition(classes.count == height * width, "a \(width)x\(height) label map given \(classes.count) classes")
        (self.height, self.width, self.classes) = (height, width, classes)
    }

    /// The map with each class replaced by what `place` has for it; pixels for which it has nothing, or no class below
    /// 255, are ignored. For files whose numbers are not those of the classes, such as a file that begins to count at 1.
    public func relabelled(_ place: (Int) -> Int?) -> LabelMap {
        let table = (0..<256).map { label -> UInt8 in
            guard label != Self.ignored, let new = place(label), (0..<Int(Self.ignored)).contains(new) else {
                return Self.ignored
            }
            return UInt8(new)
        }
        return LabelMap(height: height, width: width, classes: classes.map { table[Int($0)] })
    }
}
