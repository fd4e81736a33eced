import ArgumentParser
import Distributed
import Foundation
import Glibc
import Results
import Torch
import Workflows

/// The options of a search by several processes.
struct WorkerOptions: ParsableArguments {
    @Option(
        name: .long,
        help: """
            Score paths by this many processes of one thread each. The result does not depend on their number, and any of \
            them may end.
            """
    ) var workers: Int?
    @Option(
        name: .long, help: "The port at which processes of other machines may join, with --workers; any if not given.")
    var port: Int?
    @Option(name: .long, help: .hidden) var processes = 1
    @Option(name: .long, help: "HOST:PORT of a search to score paths for; the study's folder must be shared.")
    var join: String?

    /// The seconds that a worker waits for its search to begin.
    private static let patience = 600.0

    func validate() throws {
        if let workers, !(1...1024).contains(workers) {
            throw ValidationError("--workers must be in 1...1024, is \(workers)")
        }
        if let port, !(1...65_535).contains(port) { throw ValidationError("--port must be in 1...65535, is \(port)") }
        guard port == nil || workers != nil else { throw ValidationError("--port needs --workers") }
        guard join == nil || port == nil else {
            throw ValidationError("--join is for workers, and --port for their search")
        }
        if let join, Self.place(join) == nil { throw ValidationError("--join must be HOST:PORT, is `\(join)`") }
    }

    /// A host and port.
    static func place(_ text: String) -> (host: String, port: Int)? {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (1...65_535).contains(port), colon > text.startIndex
        else { return nil }
        return (String(text[..<colon]), port)
    }

    /// Runs a search, alone or with workers.
    func run(_ search: ArchitectureSearch) throws -> SearchResult {
        guard let workers else { return try search() }
        try Runtime.setThreadCount(1)
        let store = try KeyValueStore(
            host: "127.0.0.1", port: port ?? 0, serves: true, world: workers, timeout: Self.patience, prefix: "search")
        if port != nil { Console.say("workers join by --join \(ProcessInfo.processInfo.hostName):\(store.port)") }
        let children = try start(workers - 1, at: "127.0.0.1:\(store.port)")
        defer { Self.end(children) }
        return try search(sharing: SharedPathWork(store, processes: workers))
    }

    /// Scores paths for a search that is served elsewhere.
    func serve(_ search: ArchitectureSearch) throws {
        guard let place = join.flatMap(Self.place) else { return }
        ChildProcess.endWithParent()
        if let workers, workers > 1 {
            Self.wait(for: try start(workers, at: "\(place.host):\(place.port)"))
            return
        }
        try Runtime.setThreadCount(1)
        let store: KeyValueStore
        do {
            store = try KeyValueStore(
                host: place.host, port: place.port, serves: false, world: 1, timeout: Self.patience, prefix: "search")
        } catch let error as TorchError where error.kind != .notImplemented {
            throw RanksError.noStore("\(place.host):\(place.port)", rank: 1, reason: error.message)
        }
        try search.serve(SharedPathWork(store, processes: processes), timeout: Self.patience)
    }

    /// The same command as workers of one thread.
    private func start(_ count: Int, at place: String) throws -> [pid_t] {
        let arguments = ChildProcess.arguments(
            Array(CommandLine.arguments.dropFirst()),
            without: ["--workers", "--port", "--join", "--threads", "--processes"]
        ).filter { $0 != "--fresh" }
        return try (0..<count).map { _ in
            try ChildProcess.start(
                arguments + ["--join", place, "--processes", "\(workers ?? 1)"], threads: 1, isSilent: true)
        }
    }

    private static func wait(for children: [pid_t]) {
        for child in children {
            var status: Int32 = 0
            waitpid(child, &status, 0)
        }
    }

    /// Lets workers finish, and ends those that do not.
    private static func end(_ children: [pid_t]) {
        var left = Set(children)
        let deadline = Date().addingTimeInterval(5)
        while !left.isEmpty {
            for child in left {
                var status: Int32 = 0
                if waitpid(child, &status, WNOHANG) != 0 { left.remove(child) }
            }
            if Date() > deadline { for child in left { kill(child, SIGKILL) } }
            usleep(10_000)
        }
    }
}
