import Foundation

/// A program of this package, which is built beside the tests.
public struct BuiltProgram: Sendable {
    /// Its path.
    public let path: String

    /// Finds a program by the name of its target.
    public init(_ name: String) {
        path =
            URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: name).path
    }

    /// What a run of a program left.
    public struct Outcome {
        /// The exit status.
        public let status: Int32
        /// What it wrote to standard output.
        public let output: String
        /// What it wrote to standard error.
        public let errors: String
    }

    /// Runs the program with one thread, and waits for its end.
    ///
    /// - Parameters:
    ///   - arguments: its arguments.
    ///   - folder: its working directory.
    ///   - sign: when the program is to be killed, asked again and again while it runs; nil to let it end.
    /// - Throws: what starting it throws.
    public func run(_ arguments: [String], in folder: String, killedOnce sign: (() -> Bool)? = nil) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging(["OMP_NUM_THREADS": "1"]) { $1 }
        // Files, which never fill up as a pipe does that is not read.
        let streams = try TemporaryFolder()
        let handles = try ["output.txt", "errors.txt"].map { name in
            try FileHandle(forWritingTo: URL(filePath: streams.write("", to: name)))
        }
        (process.standardOutput, process.standardError) = (handles[0], handles[1])
        try process.run()
        if let sign {
            while process.isRunning, !sign() { usleep(2_000) }
            kill(process.processIdentifier, SIGKILL)
        }
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try streams.text("output.txt"),
            errors: try streams.text("errors.txt"))
    }
}
