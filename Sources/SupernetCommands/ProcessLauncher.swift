import Distributed
import Foundation
import Glibc
import Synchronization
import Torch

/// Starts this program several times on this machine, as the ranks of one world, and looks after them: signals are passed on,
/// all end when one fails, and all are started again when one was ended by a signal or has lost another, from the last
/// checkpoint.
struct ProcessLauncher {
    /// The number of processes.
    let count: Int
    /// The number of threads of each.
    let threads: Int
    /// How often all are started again.
    let restarts: Int
    /// The arguments of the program, without its name.
    let arguments: [String]

    /// The seconds that processes have to end after a signal.
    private static let grace = 10.0

    /// Runs the processes until all have ended.
    ///
    /// - Returns: the exit status of the whole.
    /// - Throws: `TorchError` where libtorch has no groups of processes, or no port is free; `POSIXError` where no
    ///   process can be started.
    func callAsFunction() throws -> Int32 {
        Self.hearSignals()
        // Served here, at a port that is surely free, the store outlives any rank.
        let store = try KeyValueStore(
            host: "127.0.0.1", port: 0, serves: true, world: count, timeout: Ranks.defaultTimeout, prefix: "launcher")
        for restart in 0...restarts {
            let (status, words) = try attempt(restart, port: store.port)
            let signal = Self.received
            guard signal == 0 else { return 128 + signal }
            guard let words else { return status }
            let isLast = restart == restarts
            Console.say(
                isLast
                    ? "\(words); the processes were started \(restarts + 1) times, and are not started again"
                    : "\(words): starting all \(count) again from the last checkpoint (\(restart + 1) of \(restarts))")
            if isLast { return status }
        }
        return 1
    }

    /// Starts all, and waits for their end.
    ///
    /// - Returns: the exit status, and in words why it is worth another attempt; nil where it is not.
    private func attempt(_ restart: Int, port: Int) throws -> (status: Int32, words: String?) {
        var running: [pid_t: Int] = [:]
        for rank in 0..<count {
            do {
                let world = World(
                    rank: rank, size: count, localRank: rank, localSize: count, address: "127.0.0.1", port: port,
                    restart: restart, launcherServes: true)
                running[try start(world)] = rank
            } catch {
                Self.end(running.keys, SIGKILL)
                throw error
            }
        }
        var first: (rank: Int, end: End)?
        var (passedOn, deadline): (Int32, Date?) = (0, nil)
        while !running.isEmpty {
            var status: Int32 = 0
            let ended = waitpid(-1, &status, WNOHANG)
            if ended > 0, let rank = running.removeValue(forKey: ended) {
                let end = End(status)
                // Who lost another one ended after it, though it may be seen before.
                if end != .exited(0), first == nil || first?.end == .exited(RanksError.lostStatus) {
                    first = (rank, end)
                }
                if end != .exited(0), deadline == nil { deadline = Date().addingTimeInterval(Self.grace) }
                continue
            }
            if Self.received != passedOn {
                passedOn = Self.received
                Self.end(running.keys, passedOn)
                deadline = Date().addingTimeInterval(Self.grace)
            }
            if let first, first.end != .exited(RanksError.lostStatus), first.end.isFault {
                Self.end(running.keys, SIGTERM)
            }
            if let deadline, Date() > deadline { Self.end(running.keys, SIGKILL) }
            usleep(20_000)
        }
        guard let first else { return (0, nil) }
        switch first.end {
        case .exited(RanksError.lostStatus): return (first.end.status, "the processes have lost one another")
        case .exited: return (first.end.status, nil)
        case .signalled(let number): return (first.end.status, "rank \(first.rank) was ended by signal \(number)")
        }
    }

    private enum End: Equatable {
        case exited(Int32)
        case signalled(Int32)

        init(_ status: Int32) {
            let number = status & 0x7f
            self = number == 0 ? .exited(status >> 8 & 0xff) : .signalled(number)
        }

        /// Whether it is an error that another attempt would make again.
        var isFault: Bool { if case .exited = self { true } else { false } }
        var status: Int32 {
            switch self {
            case .exited(let status): status
            case .signalled(let number): 128 + number
            }
        }
    }

    private func start(_ world: World) throws -> pid_t {
        let own = world.restart > 0 ? arguments.filter { $0 != "--fresh" } : arguments
        // Results are rank 0's.
        return try ChildProcess.start(
            own, threads: threads, isSilent: world.rank > 0, environment: world.environment)
    }

    private static func end(_ processes: some Sequence<pid_t>, _ signal: Int32) {
        for process in processes { kill(process, signal) }
    }

    // MARK: Signals

    private static let signal = Atomic<Int32>(0)
    private static var received: Int32 { signal.load(ordering: .relaxed) }

    /// Notes what the processes are to hear, in place of ending by it.
    private static func hearSignals() {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            guard !Interruption.isIgnored(number) else { continue }
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { ProcessLauncher.signal.store($0, ordering: .relaxed) }
            sigaction(number, &action, nil)
        }
    }
}
