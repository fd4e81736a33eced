import Datasets
import Support

/// Images that a tiny network can learn in seconds: each class is a bar at its own place, in noise.
public struct BarImages: ImageDataset {
    /// How many there are.
    public let count: Int
    /// Where the bar is.
    public let classNames = ["top", "middle", "bottom", "none"]
    /// Those that cannot be read.
    public var broken: Set<Int>
    /// What the images are called, before their numbers.
    public var name: String

    /// So many images, of all classes in turn.
    public init(count: Int, broken: Set<Int> = [], name: String = "bar") {
        (self.count, self.broken, self.name) = (count, broken, name)
    }

    /// The class.
    public func label(at index: Int) -> Int { index % 4 }

    /// A bar in noise, 12x12.
    public func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        if broken.contains(index) {
            throw DatasetError(.corrupt, file: source(at: index), "made to fail", advice: "leave it out")
        }
        var pixels = (0..<144).map { UInt8(truncatingIfNeeded: ($0 &* 7919 &+ index &* 104_729) % 64) }
        if label(at: index) < 3 {
            let row = label(at: index) * 4 + 1
            for place in row * 12..<(row + 2) * 12 { pixels[place] = 255 }
        }
        return Image(width: 12, height: 12, channels: 1, pixels: pixels)
    }

    /// Writes the images into a folder for each class.
    public func write(to folder: String) throws {
        for name in classNames { try FilePath.makeFolder("\(folder)/\(name)") }
        for place in 0..<count {
            try image(at: place, decoding: ImageDecoding())
                .writePNG(to: "\(folder)/\(classNames[label(at: place)])/\(place).png")
        }
    }

    /// Its number.
    public func source(at index: Int) -> String { "\(name) \(index)" }
}
