/// Tensors with values that are infinite or no numbers, which no network can work with.
public enum CheckpointError: Error, Sendable, Equatable, CustomStringConvertible {
    /// They are in the file at this path, under these keys.
    case read(path: String, notFinite: [String])
    /// They were to be written to this path, under these keys; nothing was.
    case write(path: String, notFinite: [String])

    /// Which tensors of which file, how that comes, and what to do.
    public var description: String {
        switch self {
        case .read(let path, let keys):
            return
                "\(path) has infinite values or values that are no numbers in \(Self.listed(keys)): the training that "
                + "wrote it diverged, or the file is damaged; take one that was written before"
        case .write(let path, let keys):
            return "\(path) was not written: there are infinite values or values that are no numbers in "
                + "\(Self.listed(keys)). The training diverged; lower its learning rate"
        }
    }

    private static func listed(_ keys: [String]) -> String {
        let more = keys.count > 8 ? ", and \(keys.count - 8) more" : ""
        return keys.prefix(8).map { "`\($0)`" }.joined(separator: ", ") + more
    }
}
