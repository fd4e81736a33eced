import ArgumentParser
import Support

/// The option `--size`: a number of pixels such as `64`, or height and width such as `128x64`.
extension ImageSize: ExpressibleByArgument {
    /// The range of sides in pixels where networks are trained.
    static let trainedSides = 8...1024

    /// Parses a size as `ImageSize.init(_:)` does.
    public init?(argument: String) { self.init(argument) }

    /// The size as `--size` takes it.
    public var defaultValueDescription: String { side.map(String.init) ?? "\(height)x\(width)" }

    /// Checks that both sides are in range.
    ///
    /// - Throws: `ValidationError` for a side out of range.
    func validate(_ sides: ClosedRange<Int> = trainedSides) throws {
        guard sides.contains(height), sides.contains(width) else {
            throw ValidationError(
                "--size must be in \(sides.lowerBound)...\(sides.upperBound), is \(defaultValueDescription)")
        }
    }
}
