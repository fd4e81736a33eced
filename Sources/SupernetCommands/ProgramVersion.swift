import Experiments
import Foundation
import Torch

/// Which program this is.
public enum ProgramVersion {
    /// By semantic versioning; CHANGELOG.md says what came with it.
    public static let number = "0.9.0"

    /// The version, with the commit of the checkout that the program lies in and the libtorch that it found.
    static var text: String {
        let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "."
        let folder = URL(fileURLWithPath: program).deletingLastPathComponent().path
        let commit = GitCommit.current(from: folder).map { "commit \($0.prefix(10))" } ?? "outside a checkout"
        let torch = (try? Runtime.version()).map { "libtorch \($0)" } ?? "no libtorch found"
        return "supernet \(number) (\(commit), \(torch))"
    }
}
