/// Height and width of images, in pixels.
///
/// In YAML and JSON a square is one number, anything else `[height, width]`. On the command line they are `64` and
/// `256x128`, the height first, as shapes and the literature on re-identification have it.
public struct ImageSize: Sendable, Hashable {
    /// The height in pixels.
    public var height: Int
    /// The width in pixels.
    public var width: Int

    /// Creates a size. Nothing is checked; whoever takes a size says what it accepts.
    public init(height: Int, width: Int) {
        self.height = height
        self.width = width
    }

    /// Creates the size of a square.
    public init(_ side: Int) { self.init(height: side, width: side) }

    /// The side of a square; nil for anything else.
    public var side: Int? { height == width ? height : nil }

    /// The longer side.
    public var longer: Int { max(height, width) }

    /// The shorter side.
    public var shorter: Int { min(height, width) }

    /// Width by height; 1 for sides that are not positive.
    public var aspect: Double { shorter > 0 ? Double(width) / Double(height) : 1 }

    /// Height times width, `Int.max` where that is too much for an integer.
    public var pixels: Int {
        let (product, isTooMuch) = height.multipliedReportingOverflow(by: width)
        return isTooMuch ? .max : product
    }

    /// The size with the shorter side scaled to `side`, and the longer one as the aspect has it, rounded down, but at
    /// most `limit` and at least `side`. Sides that are not positive have no aspect; they give a square.
    public func scaled(shorter side: Int, limit: Int) -> ImageSize {
        let (product, isTooMuch) = side.multipliedReportingOverflow(by: longer)
        let long = max(side, min(limit, isTooMuch ? limit : shorter > 0 ? product / shorter : side))
        return width < height ? ImageSize(height: long, width: side) : ImageSize(height: side, width: long)
    }
}

extension ImageSize {
    /// The size with the longer side scaled to `side`, and the shorter one as the aspect has it, rounded to the nearest whole
    /// number (halves up), at least 1. Sides that are not positive have no aspect; they give a square.
    public func scaled(longer side: Int) -> ImageSize {
        guard shorter > 0 else { return ImageSize(side) }
        let short = max(1, Int(Double(shorter) * Double(side) / Double(longer) + 0.5))
        return height > width ? ImageSize(height: side, width: short) : ImageSize(height: short, width: side)
    }
}

extension ImageSize {
    /// The size with the shorter side scaled to `side`, or with the longer one scaled to `longest` where it would exceed that;
    /// sides are rounded to the nearest whole number (halves up) and at least 1, as Detectron2 has them. Sides that are not
    /// positive have no aspect; they give a square.
    public func scaled(shorter side: Int, longest: Int) -> ImageSize {
        guard shorter > 0 else { return ImageSize(side) }
        let scale = Double(side) / Double(shorter)
        var (high, wide) =
            height < width
            ? (Double(side), scale * Double(width)) : (scale * Double(height), Double(side))
        if max(high, wide) > Double(longest) {
            let less = Double(longest) / max(high, wide)
            (high, wide) = (high * less, wide * less)
        }
        return ImageSize(height: max(1, Int(high + 0.5)), width: max(1, Int(wide + 0.5)))
    }
}

extension ImageSize: ExpressibleByIntegerLiteral {
    /// Creates the size of a square.
    public init(integerLiteral side: Int) { self.init(side) }
}

extension ImageSize: CustomStringConvertible {
    /// The size for people, such as `256 x 128`.
    public var description: String { "\(height) x \(width)" }
}

extension ImageSize {
    /// Reads `64` or `256x128`, the height first; nil for anything else.
    public init?(_ text: String) {
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        switch (sides.count, sides.first ?? nil, sides.last ?? nil) {
        case (1, let side?, _): self.init(side)
        case (2, let height?, let width?): self.init(height: height, width: width)
        default: return nil
        }
    }
}

extension ImageSize: Codable {
    /// Reads a whole number, for a square, or `[height, width]`.
    ///
    /// - Throws: `DecodingError` for anything else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let side = try? container.decode(Int.self) {
            self.init(side)
        } else {
            guard let sides = try? container.decode([Int].self), sides.count == 2 else {
                throw DecodingError.dataCorruptedError(
                    in: container, debugDescription: "must be a whole number or [height, width], in pixels")
            }
            self.init(height: sides[0], width: sides[1])
        }
    }

    /// Writes a square as its side, anything else as `[height, width]`.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let side { try container.encode(side) } else { try container.encode([height, width]) }
    }
}

/// The treatment of the orientation that the EXIF of an image's file may state: cameras store a picture as the sensor
/// saw it, and state beside it how they were held.
public enum ImageOrientation: String, Sendable, Codable, CaseIterable {
    /// The image is turned and mirrored as its EXIF says, and so is as a person sees it. Damaged EXIF says nothing.
    case exif
    /// The image stays as it is stored, as torchvision reads it. Networks whose files do not state an orientation
    /// learned so.
    case ignore
}
