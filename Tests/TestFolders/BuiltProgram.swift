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
    ///   - environment: variables that it has beside those of this process.
    ///   - sign: when the program is to be killed, asked again and again while it runs; nil to let it end.
    /// - Throws: what starting it throws.
    public func run(
        _ arguments: [String], in folder: String, environment: [String: String] = [:],
        killedOnce sign: (() -> Bool)? = nil
    ) throws -> Outcome {
        let running = try start(arguments, in: folder, environment: environment)
        if let sign {
            while running.isRunning, !sign() { usleep(2_000) }
            running.signal(SIGKILL)
        }
        return try running.outcome()
    }

    /// Starts the program with one thread, and does not wait for its end.
    ///
    /// - Parameters:
    ///   - arguments: its arguments.
    ///   - folder: its working directory.
    ///   - environment: variables that it has beside those of this process.
    /// - Throws: what starting it throws.
    public func start(
        _ arguments: [String], in folder: String, environment: [String: String] = [:]
    ) throws -> Running {
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging(["OMP_NUM_THREADS": "1"]) { $1 }
            .merging(environment) { $1 }
        // Files, which never fill up as a pipe does that is not read.
        let streams = try TemporaryFolder()
        let handles = try ["output.txt", "errors.txt"].map { name in
            try FileHandle(forWritingTo: URL(filePath: streams.write("", to: name)))
        }
        (process.standardOutput, process.standardError) = (handles[0], handles[1])
        try process.run()
        return Running(process, streams)
    }

    /// A program that was started.
    public final class Running {
        private let process: Process
        private let streams: TemporaryFolder

        fileprivate init(_ process: Process, _ streams: TemporaryFolder) {
            (self.process, self.streams) = (process, streams)
        }

        deinit { if process.isRunning { signal(SIGKILL) } }

        /// Whether it has not ended.
        public var isRunning: Bool { process.isRunning }

        /// What it has written to standard error so far.
        public func errors() throws -> String { try streams.text("errors.txt") }

        /// Sends it a signal.
        public func signal(_ number: Int32) { kill(process.processIdentifier, number) }

        /// Waits for its end, and says how it went.
        public func outcome() throws -> Outcome {
            process.waitUntilExit()
            return Outcome(
                status: process.terminationStatus, output: try streams.text("output.txt"), errors: try errors())
        }
    }
}
