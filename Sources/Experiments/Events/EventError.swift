/// An event file, or an event for it, that is not right.
public enum EventError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The image's bytes do not begin a PNG file.
    case notPNG(tag: String)
    case emptyTag
    case negativeStep(Int)
    /// No record ends at the position that a checkpoint stored.
    case badPosition(path: String, position: Int, end: Int)
    /// A whole record fails its checksum.
    case damaged(path: String, offset: Int)
    /// The file is something else.
    case notEvents(path: String)

    /// What was wrong, where, and what to do, in words.
    public var description: String {
        switch self {
        case .notPNG(let tag): "the image `\(tag)` is not PNG"
        case .emptyTag: "a scalar or image needs a tag"
        case .negativeStep(let step): "the step of an event cannot be negative (=\(step))"
        case .badPosition(let path, let position, let end):
            "\(path) cannot be resumed at byte \(position): no record ends there (the last ends at \(end)); "
                + "the file is not the one that the checkpoint was written with"
        case .damaged(let path, let offset):
            "\(path) is damaged: the record at byte \(offset) fails its checksum; move the file away"
        case .notEvents(let path): "\(path) is not a TensorBoard event file"
        }
    }
}
