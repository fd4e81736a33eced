import Foundation

/// This very test program in a process of its own, so that a test can kill it.
public enum ChildTest {
    /// Starts the program with one suite.
    ///
    /// - Parameters:
    ///   - suite: the suite's name.
    ///   - environment: added to this process's, by which the suite knows that it is meant.
    public static func start(_ suite: String, environment: [String: String]) throws -> Process {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        // The arguments of this run, but for which tests are wanted.
        var arguments = Array(CommandLine.arguments.dropFirst())
        while let place = arguments.firstIndex(of: "--filter") {
            arguments.removeSubrange(place...min(place + 1, arguments.count - 1))
        }
        child.arguments = arguments + ["--filter", suite]
        child.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
            // As many threads as there are cores, whatever the other tests use.
            .filter { $0.key != "OMP_NUM_THREADS" }
        child.standardOutput = FileHandle.nullDevice
        child.standardError = FileHandle.nullDevice
        try child.run()
        return child
    }
}
