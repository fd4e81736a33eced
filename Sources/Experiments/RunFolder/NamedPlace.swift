import Foundation
import Support

/// A file or a folder that a key of a configuration names. A run goes on by whatever path it is named: by another that
/// leads there, or by where it was moved to.
public struct NamedPlace: Codable, Equatable, Sendable {
    /// By what it was named then.
    public var text: String
    /// Where it lay when a run last began, from the root and without links.
    public var path: String
    /// Equal for equal content; nil where only the place is known.
    public var digest: String?

    /// - Parameters:
    ///   - path: as it was named, from the working directory or from the root.
    ///   - digest: of its content; nil where that is not looked at.
    public init(_ path: String, digest: String? = nil) {
        let absolute =
            path.hasPrefix("/") ? path : FilePath.join(FileManager.default.currentDirectoryPath, path)
        text = path
        self.path = FilePath.real(path) ?? FilePath.trim(absolute)
        self.digest = digest
    }

    /// Whether this is what a run began with.
    ///
    /// - Parameters:
    ///   - stored: what the run's record has; nil for a run of before places were recorded.
    ///   - text: the path in the run's configuration.
    func isSame(as stored: NamedPlace?, named text: String) -> Bool {
        guard let stored else {
            // All there is to compare is how the path ends: a study's phases name each other by where the study lay then.
            let (old, new) = (text.split(separator: "/").suffix(2), path.split(separator: "/").suffix(2))
            return FilePath.real(text) == path || (!old.isEmpty && old == new.suffix(old.count))
        }
        if let old = stored.digest, let digest { return old == digest }
        return stored.path == path || FilePath.real(stored.path) == path
    }
}
