import Experiments
import Foundation
import Torch

/// The version of the program.
public enum ProgramVersion {
    /// The version number, by semantic versioning; CHANGELOG.md lists its changes.
    public static let number = "0.9.0"

    /// The version with the commit of the program's checkout and the version of libtorch.
    static var text: String {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "."
        let folder = URL(fileURLWithPath: program).deletingLastPathComponent().path
        let commit = GitCommit.current(from: folder).map { "commit \($0.prefix(10))" } ?? "outside a checkout"
        let torch = (try? Runtime.version()).map { "libtorch \($0)" } ?? "no libtorch found"
        return "supernet \(number) (\(commit), \(torch))"
    }
}
