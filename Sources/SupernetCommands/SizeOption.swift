import ArgumentParser
import Support

/// `--size`: `64`, or height and width as `128x64`.
extension ImageSize: ExpressibleByArgument {
    /// What `--size` takes, in pixels, where networks are trained.
    static let trainedSides = 8...1024

    /// Reads what `ImageSize.init(_:)` reads.
    public init?(argument: String) { self.init(argument) }

    /// As `--size` takes it.
    public var defaultValueDescription: String { side.map(String.init) ?? "\(height)x\(width)" }

    /// - Throws: `ValidationError` for a side out of range.
    func validate(_ sides: ClosedRange<Int> = trainedSides) throws {
        guard sides.contains(height), sides.contains(width) else {
            throw ValidationError(
                "--size must be in \(sides.lowerBound)...\(sides.upperBound), is \(defaultValueDescription)")
        }
    }
}
