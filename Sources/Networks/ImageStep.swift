import Support

/// A step that gives images their size before a network sees them. In JSON it is written as configurations write it:
/// `{"stretch": [128, 64]}`, `{"resize": 256}`, `{"center-crop": 224}`.
public enum ImageStep: Sendable, Hashable {
    /// The shorter side becomes this many pixels; the aspect stays.
    case resize(Int)
    /// The whole image becomes this large; the aspect changes.
    case stretch(ImageSize)
    /// This much of the middle; zeros where the image is smaller.
    case centerCrop(ImageSize)

    /// The name in JSON.
    public var name: String {
        switch self {
        case .resize: "resize"
        case .stretch: "stretch"
        case .centerCrop: "center-crop"
        }
    }

    /// What its number or numbers say, as a size: of a resize, a square of that side.
    public var size: ImageSize {
        switch self {
        case .resize(let side): ImageSize(side)
        case .stretch(let size), .centerCrop(let size): size
        }
    }

    /// For people, such as `stretch: 128 x 64`.
    var words: String { "\(name): " + (size.side.map(String.init) ?? size.description) }

    /// No image that can be decoded is larger.
    static let sides = 1...16_384

    /// Of squares, the middle is cut out once the shorter side is scaled; to anything else, the whole image is stretched.
    ///
    /// - Parameters:
    ///   - size: of the result, in pixels.
    ///   - resize: to what the shorter side is scaled, if that is more than a square's; nil for the square's own.
    public static func middle(of size: ImageSize, resizedTo resize: Int? = nil) -> [ImageStep] {
        guard let side = size.side else { return [.stretch(size)] }
        return [.resize(max(resize ?? side, side)), .centerCrop(size)]
    }
}

extension [ImageStep] {
    /// The size of every result; nil where it depends on the image's.
    public var outputSize: ImageSize? {
        reduce(nil) { known, step in
            switch step {
            case .resize(let side): known?.scaled(shorter: side, limit: ImageStep.sides.upperBound)
            case .stretch(let size), .centerCrop(let size): size
            }
        }
    }

    /// Whether an image is cut without having been scaled, so that of a large one little is seen.
    public var cutsUnscaled: Bool {
        if case .centerCrop = first { true } else { false }
    }

    /// Holds the steps against the size that a network wants.
    ///
    /// - Parameter imageSize: of the network's images, in pixels.
    /// - Throws: `ImageStepError` for a side out of range, or steps that give another size.
    func check(imageSize: ImageSize) throws {
        let sides = ImageStep.sides
        for step in self where !sides.contains(step.size.height) || !sides.contains(step.size.width) {
            throw ImageStepError.side(step)
        }
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

    /// Reads one name with its side or size.
    ///
    /// - Throws: `ImageStepError.unknown` for anything else.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        guard let key = fields.allKeys.first, fields.allKeys.count == 1,
            let size = try? fields.decode(ImageSize.self, forKey: key)
        else { throw ImageStepError.unknown(fields.allKeys.map(\.stringValue).sorted()) }
        switch (key.stringValue, size.side) {
        case ("resize", let side?): self = .resize(side)
        case ("stretch", _): self = .stretch(size)
        case ("center-crop", _): self = .centerCrop(size)
        default: throw ImageStepError.unknown([key.stringValue])
        }
    }

    /// Writes the name with the side or size.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(size, forKey: Key(stringValue: name))
    }
}

/// Steps that no image can be prepared by.
public enum ImageStepError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Names that are not one step's, or whose value is not what that step takes.
    case unknown([String])
    /// A side out of range.
    case side(ImageStep)
    /// Steps after which images are not of the network's size, in pixels.
    case result([ImageStep], imageSize: ImageSize)

    /// What is wrong, with the values.
    public var description: String {
        switch self {
        case .unknown(let names):
            let found = names.isEmpty ? "nothing" : names.map { "`\($0)`" }.joined(separator: ", ")
            return
                "a step of its preparation of images is `resize` with a number of pixels, or `stretch` or `center-crop` "
                + "with a number or [height, width], not \(found)"
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

/// How the size of images is kept in the cards of files.
public enum ImageStepCoding {
    private enum Key: String, CodingKey {
        case imageSize, steps, resize
    }

    /// The steps of a card: those that it states, or what files of before meant, which have `resize` or nothing.
    ///
    /// - Parameter decoder: of the card.
    /// - Throws: `ImageStepError` for steps that cannot be, or do not give the card's `imageSize`.
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
