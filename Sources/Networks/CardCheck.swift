import Support

/// Checks of the card of a network or supernet against its layers. Every number of a card is checked when the file is
/// read, so that nothing that uses a network has to.
public enum CardCheck {
    /// Checks the size of a card's images and the numbers that normalise their values.
    ///
    /// - Parameters:
    ///   - channels: the number of channels of the images.
    ///   - imageSize: the size of the images, in pixels.
    ///   - mean: the means, one for all channels or one for each; for grey images, those of the colours that they were
    ///     made from.
    ///   - std: the standard deviations, as many as there are means.
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

    /// Checks that there is one class name for each output.
    ///
    /// - Throws: `CardError.classNames`.
    public static func classes(_ names: [String], outputs: Int) throws {
        guard names.count == outputs else { throw CardError.classNames(names.count, outputs: outputs) }
    }
}

/// An error in a card that contradicts itself or the tensors of its file.
public enum CardError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The number of class names differs from the number of outputs of the last layer.
    case classNames(Int, outputs: Int)
    /// An image size out of range, in pixels.
    case imageSize(ImageSize)
    /// A list whose length differs from the number of channels: its key, its length and the number of channels.
    case valuesPerChannel(key: String, count: Int, channels: Int)
    /// A value by which images cannot be normalised: its key and the value.
    case value(key: String, Double)
    /// A length to which images are scaled that is out of range, in pixels.
    case base(Int)
    /// Numbers of a detector's head that are out of range, in words.
    case detector([String])
    /// An embedding length out of range.
    case dimension(Int)
    /// The file has no tensors of a head.
    case noHead
    /// A tensor whose shape is not the one that the card implies: its key, its shape and the expected one, in which -1
    /// stands for any number.
    case shape(key: String, [Int], expected: [Int])

    /// A message that names the key of the card and what is wrong with it.
    public var description: String {
        switch self {
        case .classNames(let names, let outputs):
            return "`classNames` has \(names) names, but the last layer has \(outputs) outputs"
        case .imageSize(let size):
            return "`imageSize` is \(size); sides are from \(ImageStep.sides.lowerBound) to "
                + "\(ImageStep.sides.upperBound) pixels"
        case .base(let side):
            return "`base` is \(side); images are scaled to sides from \(ImageStep.sides.lowerBound) to "
                + "\(ImageStep.sides.upperBound) pixels"
        case .valuesPerChannel(let key, let count, let channels):
            return "`\(key)` has \(count) values, but images have \(channels) channels"
        case .value(let key, let value):
            return "`\(key)` has the value \(value); values of images are normalised by finite numbers"
                + (key == "std" ? " above 0" : "")
        case .detector(let problems): return "`head.detector`: " + problems.joined(separator: "; ")
        case .dimension(let dimension): return "`dimension` is \(dimension); embeddings have from 1 to 65,536 values"
        case .noHead:
            return "its head is missing: neither `fc.weight` nor `fc.neck.weight` is among its tensors"
        case .shape(let key, let shape, let expected):
            let words = expected.map { $0 < 0 ? "any" : String($0) }.joined(separator: ", ")
            return "the tensor `\(key)` has the shape \(shape) instead of [\(words)]"
        }
    }
}
