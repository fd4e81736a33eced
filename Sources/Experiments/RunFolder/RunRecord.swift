import Foundation
import Support

/// The origin of a run as `run.json` tells it: the seed, and every start with its command, code and versions.
public struct RunRecord: Codable, Equatable, Sendable {
    /// A start of the run: the first, or one that resumed it.
    public struct Start: Codable, Equatable, Sendable {
        /// The time of the start, in ISO 8601 and UTC.
        public var time: String
        /// The command line of the start.
        public var command: [String]
        /// The commit of the checkout the process was started in, if it was in one.
        public var gitCommit: String?
        /// Versions by name, such as `supernet` and `libtorch`.
        public var versions: [String: String]
    }

    /// The layout of this file.
    public var format = 1
    /// The seed that the run's random numbers derive from; the same at every start.
    public var seed: UInt64
    /// Every start of the run, the first one first.
    public var starts: [Start]

    /// The places of the files and folders that the configuration names, by its keys; nil in records of before.
    public var places: [String: NamedPlace]?

    init(seed: UInt64) {
        self.seed = seed
        starts = []
    }

    static func read(_ path: String) throws -> RunRecord {
        try JSONDecoder().decode(RunRecord.self, from: Data(try InputFile.readAll(path)))
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(try encoder.encode(self) + Data("\n".utf8), to: path)
    }
}

/// The spelling of the times of starts.
enum Timestamp {
    /// ISO 8601 in UTC, to the second: `2025-03-01T12:30:00Z`.
    static func text(_ date: Date) -> String {
        date.formatted(.iso8601)
    }
}

/// A file or a folder that a key of a configuration names. A run goes on by whatever path it is named: by another that
/// leads there, or by where it was moved to.
public struct NamedPlace: Codable, Equatable, Sendable {
    /// The path as the configuration named it.
    public var text: String
    /// The path from the root and without links, as it was when a run last began.
    public var path: String
    /// The digest of the content, equal for equal content; nil where only the place is known.
    public var digest: String?

    /// Creates the record of a place.
    ///
    /// - Parameters:
    ///   - path: the path as it was named, from the working directory or from the root.
    ///   - digest: the digest of its content; nil where that is not looked at.
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
    ///   - stored: the place in the run's record; nil for a run of before places were recorded.
    ///   - text: the path in the run's configuration.
    func isSame(as stored: NamedPlace?, named text: String) -> Bool {
        guard let stored else {
            // All there is to compare is how the path ends: a study's phases name each other by where the study lay
            // then.
            let (old, new) = (text.split(separator: "/").suffix(2), path.split(separator: "/").suffix(2))
            return FilePath.real(text) == path || (!old.isEmpty && old == new.suffix(old.count))
        }
        if let old = stored.digest, let digest { return old == digest }
        return stored.path == path || FilePath.real(stored.path) == path
    }
}

/// Commands of this program as a shell takes them, so that what a page says it was made by, and what a message says
/// comes next, can be given as it stands.
public enum CommandText {
    /// The command that this program was started with.
    public static var own: String { text(CommandLine.arguments) }

    /// A command with its arguments; where the program lies is left out.
    ///
    /// - Parameter arguments: the program first.
    public static func text(_ arguments: [String]) -> String {
        (["supernet"] + arguments.dropFirst().map(quoted)).joined(separator: " ")
    }

    /// A command to go on with.
    ///
    /// - Parameter words: a verb and its arguments.
    public static func command(_ words: String...) -> String { text(["supernet"] + words) }

    /// A command of a verb that reads data: `arguments`, then `--data` and the source, then `more`.
    public static func next(_ arguments: [String], data source: String, _ more: [String] = []) -> String {
        text(["supernet"] + arguments + ["--data", path(source)] + more)
    }

    /// An argument in single quotes where a shell would take it apart or read something into it.
    public static func quoted(_ argument: String) -> String {
        let isPlain = argument.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_./=:,+@%".contains($0)) }
        guard argument.isEmpty || !isPlain else { return argument }
        return "'" + argument.replacingOccurrences(of: "'", with: #"'\''"#) + "'"
    }

    /// A path as an argument: one that begins with a dash is named from the folder that it is in, as it would be an
    /// option.
    public static func path(_ path: String) -> String { path.hasPrefix("-") ? "./" + path : path }
}

/// Reads which commit a git checkout is at, from its files: no git is needed, and none is run.
public enum GitCommit {
    /// The commit that the checkout around `folder` is at; nil outside a checkout, or before its first commit.
    public static func current(from folder: String) -> String? {
        guard let absolute = realpath(folder, nil) else { return nil }
        defer { free(absolute) }
        var folder = String(cString: absolute)
        while true {
            if let git = gitFolder(FilePath.join(folder, ".git")) { return commit(in: git) }
            if folder == "/" { return nil }
            folder = FilePath.folder(of: folder)
        }
    }

    /// The folder behind a `.git`, which in a linked worktree or a submodule is a file that names it.
    private static func gitFolder(_ path: String) -> String? {
        if FilePath.exists(FilePath.join(path, "HEAD")) { return path }
        guard let text = text(path), text.hasPrefix("gitdir: ") else { return nil }
        return resolve(String(text.dropFirst("gitdir: ".count)), from: FilePath.folder(of: path))
    }

    private static func commit(in git: String) -> String? {
        guard let head = text(FilePath.join(git, "HEAD")) else { return nil }
        guard head.hasPrefix("ref: ") else { return hash(head) }
        let reference = String(head.dropFirst("ref: ".count))
        // A worktree has a HEAD of its own and shares the branches with the main checkout.
        let common = text(FilePath.join(git, "commondir")).map { resolve($0, from: git) } ?? git
        for folder in [git, common] {
            if let loose = text(FilePath.join(folder, reference)) { return hash(loose) }
        }
        let packed = text(FilePath.join(common, "packed-refs")) ?? ""
        for line in packed.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[1] == reference { return hash(String(words[0])) }
        }
        return nil
    }

    private static func resolve(_ path: String, from folder: String) -> String {
        path.hasPrefix("/") ? path : FilePath.join(folder, path)
    }

    private static func hash(_ text: String) -> String? {
        [40, 64].contains(text.utf8.count) && text.allSatisfy { $0.isASCII && $0.isHexDigit } ? text : nil
    }

    private static func text(_ path: String) -> String? {
        guard let bytes = try? InputFile.readAll(path) else { return nil }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
