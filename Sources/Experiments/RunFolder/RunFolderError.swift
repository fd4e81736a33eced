/// A run's folder that cannot be opened.
public enum RunFolderError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another process writes this run.
    case locked(path: String, pid: Int32?)
    /// The folder holds a run that was started with other settings.
    case different(path: String, [ConfigurationDifference])
    /// The folder holds something that is not a run.
    case notARun(path: String, found: [String])
    /// The stored configuration or record cannot be read, or means nothing to this version.
    case unreadable(path: String, reason: String)

    /// What was wrong, where, and what to do, in words.
    public var description: String {
        switch self {
        case .locked(let path, let pid):
            let who = pid.map { "process \($0)" } ?? "another process"
            return
                "the run \(path) is being written by \(who); wait for it, stop it, or choose another folder with --run"
        case .different(let path, let differences):
            return "the run \(path) was started with other settings:\n"
                + differences.map { "  \($0)\n" }.joined()
                + "restore them to go on with it, choose another folder with --run, or start over with --fresh"
        case .notARun(let path, let found):
            let names = found.prefix(3).joined(separator: ", ") + (found.count > 3 ? ", …" : "")
            return "the folder \(path) is not a run, and not empty (it holds \(names)); choose another with --run"
        case .unreadable(let path, let reason):
            return "the run \(path) cannot be resumed: \(reason)\n"
                + "choose another folder with --run, or start over with --fresh"
        }
    }
}
