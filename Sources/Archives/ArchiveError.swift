/// Why an archive cannot be opened, read or added to. Whatever it is, the entries that were there stay.
public enum ArchiveError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The file, or its folder, cannot be opened or made.
    case cannotOpen(path: String, reason: String)
    /// The file is of another kind.
    case notADatabase(path: String)
    /// The file is an SQLite database, but of another program.
    case otherProgram(path: String)
    /// The archive was written by a later version of this program.
    case newerVersion(path: String, found: Int, known: Int)
    /// The file was cut off or overwritten, or its tables were changed.
    case damaged(path: String, reason: String)
    /// The scores in the archive mean something else than those asked for.
    case otherContext(path: String, stored: String, wanted: String)
    /// Another process holds the file.
    case locked(path: String)
    /// There is no room for what was to be added.
    case diskFull(path: String)
    /// The file may be read only.
    case readOnly(path: String)
    /// The file is no longer where it was opened.
    case moved(path: String)
    /// The architecture is there with another score.
    case conflict(path: String, architecture: String, stored: Double, new: Double)
    /// A value that the archive cannot hold.
    case badValue(path: String, architecture: String, key: String, value: String)
    /// Anything else that SQLite reports.
    case failed(path: String, reason: String)

    /// The problem, the file and the remedy as one message.
    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason):
            return "cannot open the archive \(path): \(reason); check the path and its permissions"
        case .notADatabase(let path):
            return "\(path) is not an archive, nor any SQLite database; it was left as it is; "
                + "move it away, or choose another folder with --run"
        case .otherProgram(let path):
            return "\(path) is an SQLite database of another program; it was left as it is; "
                + "move it away, or choose another folder with --run"
        case .newerVersion(let path, let found, let known):
            return "the archive \(path) has version \(found), and this program knows versions up to \(known); "
                + "use the newer program that wrote it, or choose another folder with --run"
        case .damaged(let path, let reason):
            return "the archive \(path) is damaged: \(reason); it was left as it is; put a copy in its place, "
                + "get out what is left with `sqlite3 \(path) .recover`, or move it away to start a new one"
        case .otherContext(let path, let stored, let wanted):
            return "the scores in the archive \(path) mean something else:\n"
                + ContextDifference.lines(stored: stored, wanted: wanted).map { "  \($0)\n" }.joined()
                + "restore the settings to go on with it, or choose another folder with --run"
        case .locked(let path):
            return "the archive \(path) is locked: another search is running on this folder, or a database tool has "
                + "it open in the midst of a transaction; wait for it, stop it, or choose another folder with --run"
        case .diskFull(let path):
            return "there is no room to add to the archive \(path); what it holds is safe; "
                + "make room on its disk, and the same command goes on"
        case .readOnly(let path):
            return "the archive \(path) is write-protected; give yourself the permission to write to it and its folder"
        case .moved(let path):
            return "the archive \(path) was moved or deleted while it was open; put it back, or start the command again"
        case .conflict(let path, let architecture, let stored, let new):
            return "the archive \(path) has the architecture \(architecture) with the score \(stored), and not \(new); "
                + "an evaluation must give the same score whenever it is repeated: "
                + "keep what it depends on fixed, or choose another folder with --run"
        case .badValue(let path, let architecture, let key, let value):
            return "the archive \(path) cannot hold the architecture \(architecture): its \(key) is \(value); "
                + "leave it out, or find out why its evaluation gives that"
        case .failed(let path, let reason):
            return "cannot use the archive \(path): \(reason); start the command again to go on with what it holds"
        }
    }
}

/// Two contexts side by side, for an error message.
enum ContextDifference {
    /// The most lines that are shown; the rest are counted.
    static let maximumLines = 20

    /// The lines that only one of the two texts has.
    static func lines(stored: String, wanted: String) -> [String] {
        let (old, new) = (split(stored), split(wanted))
        var lines = only(in: old, not: new).map { "stored: \($0)" } + only(in: new, not: old).map { "wanted: \($0)" }
        if lines.isEmpty { lines = ["the same lines in another order, or other blank lines"] }
        let rest = lines.count - maximumLines
        return rest > 0 ? lines.prefix(maximumLines) + ["and \(rest) more lines"] : lines
    }

    private static func split(_ text: String) -> [Substring] {
        text.split(whereSeparator: \.isNewline)
    }

    private static func only(in lines: [Substring], not others: [Substring]) -> [Substring] {
        let others = Set(others)
        return lines.filter { !others.contains($0) }
    }
}
