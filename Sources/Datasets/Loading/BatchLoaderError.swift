/// Why batches cannot be made.
public enum BatchLoaderError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Options that make no sense, each with its value.
    case options([String])
    /// The data set has no samples.
    case noSamples
    /// None of the first samples could be read, so the images' shape is not known.
    case noReadableSample([String])
    /// A sample does not have the shape of the others.
    case shape(source: String, found: [Int], expected: [Int])
    /// The augmentation does not fit a sample.
    case augmentation(source: String, AugmentationError)
    /// A batch of this many bytes finds no memory.
    case outOfMemory(bytes: Int)
    /// The operating system starts no thread; the number is its `errno`.
    case threads(errno: Int32)

    /// What was wrong, where, and what to do, in words.
    public var description: String {
        switch self {
        case .options(let problems):
            "batch loader: " + problems.joined(separator: "; ")
        case .noSamples:
            "batch loader: the data set has no samples"
        case .noReadableSample(let problems):
            "batch loader: none of the first \(problems.count) samples can be read:\n  "
                + problems.joined(separator: "\n  ")
        case .shape(let source, let found, let expected):
            "\(source): after augmentation the image is \(Self.words(found)) (channels x height x width), the others "
                + "are \(Self.words(expected)); end the augmentation with a crop, or convert the channels"
        case .augmentation(let source, let error):
            "\(source): \(error)"
        case .outOfMemory(let bytes):
            "batch loader: no memory for a batch of \(bytes) bytes; lower the batch size, the views or the prefetching"
        case .threads(let errno):
            "batch loader: cannot start a thread (errno \(errno)); use fewer threads, or 0"
        }
    }

    private static func words(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "x") }
}
