import Datasets
import Support

/// The image size that suits a data set, judged by a sample of its images.
public struct SuggestedSize {
    /// The height and width in pixels at which networks see most images whole.
    public let size: ImageSize
    /// Whether all images of the sample are grey.
    public let isGrey: Bool

    /// The side of the square whose area images are reduced to: enough to tell most things apart, in minutes.
    public static let side = 64
    private static let looked = 24
    /// The shortest side of images that networks are trained on, in pixels.
    private static let shortest = 8

    /// Looks at images spread over the set; unreadable ones are skipped.
    public init(of dataset: any ImageDataset) {
        let count = min(dataset.count, Self.looked)
        let images = (0..<count).compactMap { place in
            try? dataset.image(
                at: place * dataset.count / count, decoding: ImageDecoding(minimumShortSide: 2 * Self.side))
        }
        size = Self.size(for: images.map { (height: $0.height, width: $0.width) })
        isGrey = !images.isEmpty && images.allSatisfy { $0.channels == 1 }
    }

    /// The size for images of these sizes: the median height and width, in steps of eight pixels if they must be
    /// reduced. Where there are tall and wide images, the size is square, so that neither are preferred.
    static func size(for images: [(height: Int, width: Int)]) -> ImageSize {
        guard !images.isEmpty else { return ImageSize(side) }
        func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        let ratios = images.map { Double($0.height) / Double(max($0.width, 1)) }
        let isMixed = ratios.contains { $0 > 1.1 } && ratios.contains { $0 < 0.9 }
        let ratio = isMixed ? 1 : middle(ratios)
        let width = middle(images.map { Double($0.width) })
        let (whole, wanted) = (max(width, width * ratio), Double(side))
        if whole <= wanted {
            func kept(_ length: Double) -> Int { max(Self.shortest, Int(length.rounded())) }
            return ImageSize(height: kept(width * ratio), width: kept(width))
        }
        func reduced(_ length: Double) -> Int { min(max(16, 8 * Int((length / 8).rounded())), 8 * side) }
        let root = ratio.squareRoot()
        return ImageSize(height: reduced(wanted * root), width: reduced(wanted / root))
    }
}
