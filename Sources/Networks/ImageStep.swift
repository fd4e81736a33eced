/// A step that gives images their size before a network sees them. In JSON it is written as configurations write it:
/// `{"stretch": 48}`, `{"resize": 256}`, `{"center-crop": 224}`.
public enum ImageStep: Sendable, Hashable {
    /// The shorter side becomes this many pixels; the aspect stays.
    case resize(Int)
    /// Both sides become this many pixels; the aspect changes.
    case stretch(Int)
    /// This many pixels square from the middle; zeros where the image is smaller.
    case centerCrop(Int)

    /// The name in JSON.
    public var name: String {
        switch self {
        case .resize: "resize"
        case .stretch: "stretch"
        case .centerCrop: "center-crop"
        }
    }

    /// In pixels.
    public var side: Int {
        switch self {
        case .resize(let side), .stretch(let side), .centerCrop(let side): side
        }
    }

    /// No image that can be decoded is larger.
    static let sides = 1...16_384

    /// The shorter side is scaled, then the middle cut out.
    ///
    /// - Parameters:
    ///   - size: side of the result, in pixels.
    ///   - resize: to what the shorter side is scaled, if that is more than `size`; nil for `size` itself.
    public static func middle(of size: Int, resizedTo resize: Int? = nil) -> [ImageStep] {
        [.resize(max(resize ?? size, size)), .centerCrop(size)]
    }
}

extension [ImageStep] {
    /// The side of every result, which is square; nil where the result's size depends on the image's.
    public var outputSide: Int? {
        reduce(nil) { side, step in
            // A square stays one.
            if case .resize = step, side == nil { return nil }
            return step.side
        }
    }

    /// Whether an image is cut without having been scaled, so that of a large one little is seen.
    public var cutsUnscaled: Bool {
        if case .centerCrop = first { true } else { false }
    }

    /// Holds the steps against the size that a network wants.
    ///
    /// - Parameter imageSize: side of the network's images, in pixels.
    /// - Throws: `ImageStepError` for a side out of range, or steps that give another size.
    func check(imageSize: Int) throws {
        for step in self where !ImageStep.sides.contains(step.side) { throw ImageStepError.side(step) }
        guard outputSide == imageSize else { throw ImageStepError.result(self, imageSize: imageSize) }
    }
}

extension ImageStep: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    /// Reads one name with its side.
    ///
    /// - Throws: `ImageStepError.unknown` for anything else.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Key.self)
        guard let key = fields.allKeys.first, fields.allKeys.count == 1,
            let side = try? fields.decode(Int.self, forKey: key)
        else { throw ImageStepError.unknown(fields.allKeys.map(\.stringValue).sorted()) }
        switch key.stringValue {
        case "resize": self = .resize(side)
        case "stretch": self = .stretch(side)
        case "center-crop": self = .centerCrop(side)
        default: throw ImageStepError.unknown([key.stringValue])
        }
    }

    /// Writes the name with the side.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(side, forKey: Key(stringValue: name))
    }
}

/// Steps that no image can be prepared by.
public enum ImageStepError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Names that are not one step's, or whose value is no whole number.
    case unknown([String])
    /// A side out of range.
    case side(ImageStep)
    /// Steps after which images are not of the network's size, in pixels.
    case result([ImageStep], imageSize: Int)

    /// What is wrong, with the values.
    public var description: String {
        switch self {
        case .unknown(let names):
            let found = names.isEmpty ? "nothing" : names.map { "`\($0)`" }.joined(separator: ", ")
            return
                "a step of its preparation of images is one of `resize`, `stretch` and `center-crop` with a number of "
                + "pixels, not \(found)"
        case .side(let step):
            return "the step \(step.name): \(step.side) of its preparation of images is not from "
                + "\(ImageStep.sides.lowerBound) to \(ImageStep.sides.upperBound) pixels"
        case .result(let steps, let imageSize):
            let words = steps.map { "\($0.name): \($0.side)" }.joined(separator: ", ")
            return "its preparation of images (\(words.isEmpty ? "no step" : words)) does not give images of "
                + "\(imageSize) x \(imageSize) pixels, which the network takes"
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
        let imageSize = try fields.decode(Int.self, forKey: .imageSize)
        let steps =
            try fields.decodeIfPresent([ImageStep].self, forKey: .steps)
            ?? ImageStep.middle(of: imageSize, resizedTo: fields.decodeIfPresent(Int.self, forKey: .resize))
        try steps.check(imageSize: imageSize)
        return steps
    }
}
