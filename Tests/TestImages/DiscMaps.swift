import Datasets
import Support

/// Colour images with a label map each that a tiny network can learn in seconds: a bright disc (1) or a dark square (2) on
/// grey noise (0), and a border that has no label.
public struct DiscMaps: ImageDataset {
    /// How many there are.
    public let count: Int
    /// What pixels show.
    public let classNames = ["background", "disc", "square"]
    /// Both sides, in pixels.
    public let side: Int
    /// Those whose map has another size than the image.
    public var misfits: Set<Int>

    /// So many images.
    public init(count: Int, side: Int = 24, misfits: Set<Int> = []) {
        (self.count, self.side, self.misfits) = (count, side, misfits)
    }

    /// 0, as an image has no class of its own.
    public func label(at index: Int) -> Int { 0 }
    /// Label maps.
    public var annotationKind: AnnotationKind { .map }

    /// The class of each pixel.
    public func annotation(at index: Int) throws -> Annotation {
        let side = misfits.contains(index) ? self.side + 1 : self.side
        let classes = (0..<side * side).map { place -> UInt8 in
            let (row, column) = (place / side, place % side)
            return row == 0 || column == 0 ? LabelMap.ignored : thing(row, column, index)
        }
        return .map(LabelMap(height: side, width: side, classes: classes))
    }

    /// Disc or square, in noise.
    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        let values: [[UInt8]] = [[90, 100, 110], [240, 220, 60], [20, 30, 60]]
        let pixels = (0..<side * side).flatMap { place -> [UInt8] in
            let noise = UInt8(truncatingIfNeeded: (place &* 7919 &+ index &* 104_729) % 15)
            return values[Int(thing(place / side, place % side, index))].map { $0 + noise }
        }
        return Image(width: side, height: side, channels: 3, pixels: pixels)
    }

    /// Its number.
    public func source(at index: Int) -> String { "disc \(index)" }

    /// Writes images and masks into folders of their own, those from `first` on as the validation part.
    public func write(to folder: String, validationFrom first: Int) throws {
        for place in 0..<count {
            let part = place < first ? "train" : "val"
            for kind in ["images", "masks"] { try FilePath.makeFolder("\(folder)/\(kind)/\(part)") }
            try image(at: place, decoding: ImageDecoding()).writePNG(to: "\(folder)/images/\(part)/\(place).png")
            guard case .map(let map) = try annotation(at: place) else { continue }
            try AtomicFile.write(
                map.pngData(colours: PixelClasses(classNames).colours), to: "\(folder)/masks/\(part)/\(place).png")
        }
        try AtomicFile.write(classNames.joined(separator: "\n") + "\n", to: "\(folder)/classes.txt")
    }

    private func thing(_ row: Int, _ column: Int, _ index: Int) -> UInt8 {
        let (y, x) = (side / 4 + (index * 5) % (side / 2), side / 4 + (index * 3) % (side / 2))
        let (down, across) = (row - y, column - x)
        if index.isMultiple(of: 2) { return down * down + across * across <= side * side / 16 ? 1 : 0 }
        return abs(down) <= side / 5 && abs(across) <= side / 5 ? 2 : 0
    }
}
