import Datasets
import Support

/// None to five discs of one size in noise, drawn when they are asked for: an index is always one image.
struct Discs: ImageDataset {
    let count: Int
    let seed: UInt64
    let classNames = (0...CountingTask.most).map(String.init)
    func label(at index: Int) -> Int { index % classNames.count }
    func source(at index: Int) -> String { "image \(index)" }
    func image(at index: Int, decoding: ImageDecoding) -> Image {
        var generator = SeededGenerator(seed: seed, UInt64(index))
        // One in each of six fields, so that discs do not hide each other.
        let fields = generator.permutation(6).prefix(label(at: index))
        let centres = fields.map { field in
            (
                x: Double(8 * (field % 3)) + generator.uniform(3, 5),
                y: Double(8 * (field / 3)) + generator.uniform(3, 5)
            )
        }
        let pixels = (0..<24 * 16).map { place in
            let (x, y) = (Double(place % 24), Double(place / 24))
            let isInside = centres.contains { ($0.x - x) * ($0.x - x) + ($0.y - y) * ($0.y - y) < 9 }
            return UInt8(clamping: Int((isInside ? 180 : 60) + 20 * generator.normal()))
        }
        return Image(width: 24, height: 16, channels: 1, pixels: pixels)
    }
}
