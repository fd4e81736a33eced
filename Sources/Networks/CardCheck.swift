import Support

/// What the cards of networks and of supernets say beside the layers, held against the layers: every number of a card is
/// looked at where it enters, so that nothing that uses a network has to.
public enum CardCheck {
    /// Images of a card: their size, and how their values are normalised.
    ///
    /// - Parameters:
    ///   - channels: of the images.
    ///   - imageSize: in pixels.
    ///   - mean: one for all channels, or one a channel; of grey images, those of the colours that they were made of.
    ///   - std: as `mean`.
    /// - Throws: `CardError`.
    public static func images(channels: Int, imageSize: ImageSize, mean: [Double], std: [Double]) throws {
        let sides = ImageStep.sides
        guard sides.contains(imageSize.height), sides.contains(imageSize.width) else {
            throw CardError.imageSize(imageSize)
        }
        for (key, values) in [("mean", mean), ("std", std)] {
            guard values.count == 1 || values.count == channels || (channels == 1 && !values.isEmpty) else {
                throw CardError.valuesPerChannel(key: key, count: values.count, channels: channels)
            }
            // They are computed with as 32-bit numbers.
            for value in values where !Float(value).isFinite || (key == "std" && !(Float(value) > 0)) {
                throw CardError.value(key: key, value)
            }
        }
    }

    /// Names of classes, one an output.
    ///
    /// - Throws: `CardError.classNames`.
    public static func classes(_ names: [String], outputs: Int) throws {
        guard names.count == outputs else { throw CardError.classNames(names.count, outputs: outputs) }
    }
}

/// A card that contradicts itself or the tensors of its file.
public enum CardError: Error, Sendable, Equatable, CustomStringConvertible {
    /// More or fewer names of classes than outputs of the last layer.
    case classNames(Int, outputs: Int)
    /// A size that no image has, in pixels.
    case imageSize(ImageSize)
    /// A list, by its key, with more or fewer values than the images have channels.
    case valuesPerChannel(key: String, count: Int, channels: Int)
    /// A value, by its key, that values of images cannot be normalised by.
    case value(key: String, Double)
    /// A length that no embedding has.
    case dimension(Int)
    /// No tensor of a head is there.
    case noHead
    /// A tensor, by its key, of another shape than what the card says; a number that the card leaves open is -1.
    case shape(key: String, [Int], expected: [Int])

    /// Which key of the card, and what is wrong with it.
    public var description: String {
        switch self {
        case .classNames(let names, let outputs):
            return "`classNames` has \(names) names, but the last layer has \(outputs) outputs"
        case .imageSize(let size):
            return "`imageSize` is \(size); sides are from \(ImageStep.sides.lowerBound) to "
                + "\(ImageStep.sides.upperBound) pixels"
        case .valuesPerChannel(let key, let count, let channels):
            return "`\(key)` has \(count) values, but images have \(channels) channels"
        case .value(let key, let value):
            return "`\(key)` has the value \(value); values of images are normalised by finite numbers"
                + (key == "std" ? " above 0" : "")
        case .dimension(let dimension): return "`dimension` is \(dimension); embeddings have from 1 to 65,536 values"
        case .noHead:
            return "its head is missing: neither `fc.weight` nor `fc.neck.weight` is among its tensors"
        case .shape(let key, let shape, let expected):
            let words = expected.map { $0 < 0 ? "any" : String($0) }.joined(separator: ", ")
            return "the tensor `\(key)` has the shape \(shape) instead of [\(words)]"
        }
    }
}
