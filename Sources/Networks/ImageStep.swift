import Support

/// A step that gives images their size before a network sees them. In JSON it is written as configurations write it:
/// `{"stretch": [128, 64]}`, `{"resize": 256}`, `{"center-crop": 224}`.
public enum ImageStep: Sendable, Hashable {
    /// Scales the image so that its shorter side has this many pixels.
    case resize(Int)
    /// Scales the whole image to this size without keeping its aspect ratio.
    case stretch(ImageSize)
    /// Scales the image so that its shorter side has this many pixels, or its longer side that many where it would exceed
    /// that; sides are then padded to multiples of 32.
    case within(shorter: Int, longest: Int)
    /// Cuts this size out of the centre, padding with zeros where the image is smaller.
    case centerCrop(ImageSize)

    /// The name of the step in JSON.
    public var name: String {
        switch self {
        case .resize: "resize"
        case .stretch: "stretch"
        case .within: "within"
        case .centerCrop: "center-crop"
        }
    }

    /// The size that the step states; for a resize, a square with that side, and for limits those of an image that is wider
    /// than high.
    public var size: ImageSize {
        switch self {
        case .resize(let side): ImageSize(side)
        case .stretch(let size), .centerCrop(let size): size
        case .within(let shorter, let longest): ImageSize(height: shorter, width: longest)
        }
    }

    /// The step as text for messages, such as `stretch: 128 x 64`.
    var words: String { "\(name): " + (size.side.map(String.init) ?? size.description) }

    /// The range of sides in pixels; no image that can be decoded is larger.
    static let sides = 1...16_384

    /// The usual steps to a size: for a square, a resize of the shorter side and a centre crop; for any other size, a
    /// stretch.
    ///
    /// - Parameters:
    ///   - size: the size of the result, in pixels.
    ///   - resize: the length to which the shorter side is scaled before the crop; nil for the side of the square.
    public static func middle(of size: ImageSize, resizedTo resize: Int? = nil) -> [ImageStep] {
        guard let side = size.side else { return [.stretch(size)] }
        return [.resize(max(resize ?? side, side)), .centerCrop(size)]
    }
}

extension [ImageStep] {
    /// The size of every result; nil where it depends on the size of the image.
    public var outputSize: ImageSize? {
        reduce(nil) { known, step in
            switch step {
            case .resize(let side): known?.scaled(shorter: side, limit: ImageStep.sides.upperBound)
            case .stretch(let size), .centerCrop(let size): size
            case .within: nil
            }
        }
    }

    /// The limits within which images of several sizes lie, where the steps give such; nil elsewhere.
    public var limits: (shorter: Int, longest: Int)? {
        if count == 1, case .within(let shorter, let longest) = self[0] { (shorter, longest) } else { nil }
    }

    /// Whether images are cropped without being scaled first, so that little of a large image is seen.
    public var cutsUnscaled: Bool {
        if case .centerCrop = first { true } else { false }
    }

    /// Checks that the steps give the input size of a network.
    ///
    /// - Parameter imageSize: the size of the network's images, in pixels.
    /// - Throws: `ImageStepError` for a side out of range, or steps that give another size.
    func check(imageSize: ImageSize) throws {
        let sides = ImageStep.sides
        for step in self where !sides.contains(step.size.height) || !sides.contains(step.size.width) {
            throw ImageStepError.side(step)
        }
        if let limits, limits.shorter <= imageSize.height, limits.longest <= imageSize.width { return }
        guard outputSize == imageSize else { throw ImageStepError.result(self, imageSize: imageSize) }
    }
}

extension ImageStep: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads the name of a step with its side or size.
    ///
    /// - Throws: `ImageStepError.unknown` for any other content.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        guard let key = fields.allKeys.first, fields.allKeys.count == 1,
            let size = try? fields.decode(ImageSize.self, forKey: key)
        else { throw ImageStepError.unknown(fields.allKeys.map(\.stringValue).sorted()) }
        switch (key.stringValue, size.side) {
        case ("resize", let side?): self = .resize(side)
        case ("stretch", _): self = .stretch(size)
        case ("center-crop", _): self = .centerCrop(size)
        case ("within", _): self = .within(shorter: size.height, longest: size.width)
        default: throw ImageStepError.unknown([key.stringValue])
        }
    }

    /// Writes the name of the step with its side or size.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(size, forKey: Key(stringValue: name))
    }
}

/// An error in the steps that prepare images.
public enum ImageStepError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Names that are not those of one step, or a value that the step does not take.
    case unknown([String])
    /// A step with a side out of range.
    case side(ImageStep)
    /// Steps whose result is not of the network's size, in pixels.
    case result([ImageStep], imageSize: ImageSize)

    /// A message that says what is wrong, with the values.
    public var description: String {
        switch self {
        case .unknown(let names):
            let found = names.isEmpty ? "nothing" : names.map { "`\($0)`" }.joined(separator: ", ")
            return
                "a step of its preparation of images is `resize` with a number of pixels, or `stretch`, `center-crop` or "
                + "`within` with a number or [height, width], not \(found)"
        case .side(let step):
            return "the step \(step.words) of its preparation of images is not from "
                + "\(ImageStep.sides.lowerBound) to \(ImageStep.sides.upperBound) pixels"
        case .result(let steps, let imageSize):
            let words = steps.map(\.words).joined(separator: ", ")
            return "its preparation of images (\(words.isEmpty ? "no step" : words)) does not give images of "
                + "\(imageSize) pixels, which the network takes"
        }
    }
}

/// The coding of the image steps in the cards of files.
public enum ImageStepCoding {
    private enum Key: String, CodingKey {
        case imageSize, steps, resize
    }

    /// Reads the steps of a card, or derives them where a file of an earlier version has `resize` or nothing.
    ///
    /// - Parameter decoder: the decoder of the card.
    /// - Throws: `ImageStepError` for steps that are invalid or do not give the card's `imageSize`.
    public static func steps(of decoder: any Decoder) throws -> [ImageStep] {
        let fields = try decoder.container(keyedBy: Key.self)
        let imageSize = try fields.decode(ImageSize.self, forKey: .imageSize)
        let steps =
            try fields.decodeIfPresent([ImageStep].self, forKey: .steps)
            ?? ImageStep.middle(of: imageSize, resizedTo: fields.decodeIfPresent(Int.self, forKey: .resize))
        try steps.check(imageSize: imageSize)
        return steps
    }
}
