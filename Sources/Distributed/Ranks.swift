import Foundation
import NN
import Support
import Synchronization
import Torch

/// The joined processes of a world, which train one network together: each computes the gradients of its share of a batch, and
/// all make the same update.
public final class Ranks: @unchecked Sendable {
    /// The place of this process.
    public let world: World
    /// The store of keys in which the processes meet.
    public let store: KeyValueStore
    /// The group of all processes.
    public let group: ProcessGroup
    /// The seconds that a process waits for the others.
    public let timeout: Double
    /// The number of compared values and of sections that rank 0 did alone.
    private var (compared, sections) = (0, 0)
    /// The number of pieces of work that rank 0 has called to.
    var calls = 0
    /// The number of threads of this process where rank 0 has those of all while it works alone; nil before it leads.
    var ownThreads: Int?

    /// Whether this process is the first, which writes the files.
    public var isFirst: Bool { world.rank == 0 }
    /// The number of this process.
    public var rank: Int { world.rank }
    /// The number of processes.
    public var size: Int { world.size }

    /// The ten minutes that processes wait for each other where nothing else is said.
    public static let defaultTimeout = 600.0

    /// The processes of this program, once joined. A command joins them before it does anything else; nil for a single one.
    public static var current: Ranks? { shared.withLock { $0 } }
    private static let shared = Mutex<Ranks?>(nil)

    /// Makes ranks those of this program, or takes them away.
    public static func setCurrent(_ ranks: Ranks?) { shared.withLock { $0 = ranks } }

    /// Joins the processes of a world; waits until all are there.
    ///
    /// - Parameters:
    ///   - world: the world.
    ///   - timeout: the seconds that a process waits for the others.
    /// - Throws: `RanksError` that names who did not come; `TorchError` where libtorch has no groups of processes.
    public init(_ world: World, timeout: Double = Ranks.defaultTimeout) throws {
        self.world = world
        self.timeout = timeout
        let place = "\(world.address):\(world.port)"
        do {
            store = try KeyValueStore(
                host: world.address, port: world.port, serves: world.rank == 0 && !world.launcherServes,
                world: world.size, timeout: timeout, prefix: "supernet/\(world.restart)")
        } catch let error as TorchError where error.kind != .notImplemented && error.kind != .notLoaded {
            throw RanksError.noStore(place, rank: world.rank, reason: error.message)
        }
        try store.set(Self.arrival(world.rank), ProcessInfo.processInfo.hostName)
        let missing = try Self.missing(store, world.size, timeout: timeout)
        guard missing.isEmpty else { throw RanksError.absent(missing, of: world.size, place: place, seconds: timeout) }
        group = try ProcessGroup(
            store, address: world.localAddress ?? "", rank: world.rank, size: world.size, timeout: timeout)
    }

    private static func arrival(_ rank: Int) -> String { "here/\(rank)" }

    /// The ranks that have not come after some seconds.
    private static func missing(_ store: KeyValueStore, _ size: Int, timeout: Double) throws -> [Int] {
        let deadline = Date().addingTimeInterval(timeout)
        var missing = Array(0..<size)
        while true {
            missing = try missing.filter { try !store.contains(arrival($0)) }
            if missing.isEmpty || Date() >= deadline { return missing }
            usleep(20_000)
        }
    }

    // MARK: What must be equal

    /// Holds a value of this process to that of rank 0, such as the digest of a configuration.
    ///
    /// - Parameters:
    ///   - name: what the value is, for the message.
    ///   - value: the value.
    /// - Throws: `RanksError.unequal`.
    public func compare(_ name: String, _ value: String) throws {
        defer { compared += 1 }
        try perform("compare \(name)") {
            try store.set("equal/\(compared)/\(rank)", value)
            // All read all, so that all end with the same words.
            for other in 0..<size {
                let theirs = try store.text("equal/\(compared)/\(other)", timeout: timeout)
                let first = try store.text("equal/\(compared)/0", timeout: timeout)
                guard theirs == first else {
                    try waitForReaders("unequal/\(compared)")
                    throw RanksError.unequal(name, rank: other, value: theirs, first: first)
                }
            }
        }
    }

    /// Waits for a while until all have seen what is wrong, where this process serves the store: with its end, nobody can read it.
    private func waitForReaders(_ key: String) throws {
        var seen = try store.add(key, 1)
        let deadline = Date().addingTimeInterval(min(timeout, 10))
        while rank == 0, seen < size, Date() < deadline {
            usleep(10_000)
            seen = try store.add(key, 0)
        }
    }

    // MARK: A step

    /// Begins a step: says where this process is, and agrees with the others whether there is something to learn.
    ///
    /// - Parameters:
    ///   - step: the number of the step.
    ///   - images: the number of images that this process can learn from; 0 for none.
    /// - Returns: whether all learn: where one could not read an image, its mean would count for more than others'.
    /// - Throws: `RanksError`.
    public func begin(step: Int, images: Int) throws -> Bool {
        try perform("step \(step)") {
            try store.set(Self.place(rank), "\(step)")
            let least = try Tensor([Int64(step), Int64(-step), Int64(images), Int64(-images)])
            try group.reduce([least], .minimum)
            let found = try least.array(Int64.self)
            guard found[0] == -found[1] else {
                throw RanksError.apart("one process is at step \(found[0]), another at step \(-found[1])")
            }
            return found[2] == -found[3] && found[2] > 0
        }
    }

    private static func place(_ rank: Int) -> String { "at/\(rank)" }

    /// Replaces the gradients of parameters by their means over the processes, in the order of keys. Which parameters have a
    /// gradient must be the same everywhere, as it is where all take the same paths.
    ///
    /// - Parameters:
    ///   - parameters: the parameters by key; those without a gradient are passed over.
    ///   - step: the number of the step, for messages.
    /// - Throws: `RanksError.apart` if other processes have other gradients, before any is exchanged.
    public func averageGradients(_ parameters: [(key: String, tensor: Tensor)], step: Int) throws {
        let own = parameters.compactMap { parameter in parameter.tensor.gradient.map { (parameter.key, $0) } }
            .sorted { $0.0 < $1.0 }
        try perform("the gradients of step \(step)") {
            var digest = TextDigest()
            for (key, gradient) in own { digest.add("\(key) \(gradient.shape)") }
            let extremes = try Tensor([digest.value, -digest.value])
            try group.reduce([extremes], .minimum)
            let found = try extremes.array(Int64.self)
            guard found[0] == -found[1] else {
                throw RanksError.apart("processes have gradients of different parameters in step \(step)")
            }
            try sum(own.map(\.1))
            let share = 1 / Double(size)
            try withoutGradients { for (_, gradient) in own { try gradient.multiplyInPlace(share) } }
        }
    }

    /// The bytes below which tensors travel together.
    private static let smallTensor = 1 << 16

    /// Adds up tensors of float32 over the processes: large ones as they are, small ones together, all under way at once.
    func sum(_ tensors: [Tensor]) throws {
        try withoutGradients {
            let large = tensors.filter { 4 * $0.elementCount >= Self.smallTensor }
            let small = tensors.filter { 4 * $0.elementCount < Self.smallTensor }
            guard !small.isEmpty else { return try group.reduce(large) }
            let rows = try small.map { try $0.reshaped([-1]) }
            let packed = try Tensor.concatenated(rows)
            try group.reduce(large + [packed])
            var start = 0
            for tensor in small {
                let piece = try packed.slice(start..<start + tensor.elementCount)
                try tensor.copyInPlace(from: piece.reshaped(tensor.shape))
                start += tensor.elementCount
            }
        }
    }

    /// Adds up small tensors of numbers over the processes, such as sums of losses.
    public func addUp(_ tensors: [Tensor]) throws { try perform("adding up") { try group.reduce(tensors) } }

    /// The rows of this process's part of an order, of which each process has as many.
    ///
    /// - Parameters:
    ///   - order: a permutation of the rows of all processes, the same on all.
    ///   - rows: the rows of this process.
    /// - Returns: as many rows: those at the places of `order` that belong to this rank.
    public func rows(_ order: [Int], of rows: Tensor) throws -> Tensor {
        let count = order.count / size
        // To each process those of its rows that are here, as it wants them.
        let wanted = (0..<size).map { other in
            order[other * count..<(other + 1) * count].filter { $0 / count == rank }.map { $0 - rank * count }
        }
        let own = Array(order[rank * count..<(rank + 1) * count])
        let received = (0..<size).map { other in own.count { $0 / count == other } }
        let sent = try rows.indexed(by: Tensor(wanted.flatMap(\.self)))
        let came = try perform("exchanging images") {
            try group.exchanged(sent, sent: wanted.map(\.count), received: received)
        }
        // They came process by process.
        var next = received.indices.map { received[..<$0].reduce(0, +) }
        let places = own.map { place -> Int in
            defer { next[place / count] += 1 }
            return next[place / count]
        }
        return try came.indexed(by: Tensor(places))
    }

    // MARK: States

    /// Gives all processes the tensors of rank 0.
    ///
    /// - Parameter state: the tensors by key; what other ranks give counts for nothing.
    /// - Returns: on rank 0 what it gave, on others tensors of their own with the same values.
    public func shared(_ state: [(key: String, tensor: Tensor)]) throws -> [(key: String, tensor: Tensor)] {
        struct Entry: Codable {
            var (key, shape, type): (String, [Int], Int)
        }
        sections += 1
        let place = "state/\(sections)"
        return try perform("sharing the state") {
            if isFirst {
                let list = state.map { Entry(key: $0.key, shape: $0.tensor.shape, type: Int($0.tensor.dtype.rawValue)) }
                try store.set(place, Array(JSONEncoder().encode(list)))
                // Through the host's memory, as it does not matter here on which device each process has its own.
                let plain = try withoutGradients { try state.map { try $0.tensor.detached().to(.cpu).contiguous() } }
                try group.broadcast(plain)
                return state
            }
            let list = try JSONDecoder().decode([Entry].self, from: Data(store.value(place, timeout: timeout)))
            let made = try list.map { entry in
                guard let type = DType(rawValue: Int32(entry.type)) else {
                    throw RanksError.apart("rank 0 has a tensor `\(entry.key)` of a type that is not known here")
                }
                return (key: entry.key, tensor: try Tensor.zeros(entry.shape, dtype: type))
            }
            try group.broadcast(made.map(\.tensor))
            return made
        }
    }

    /// Gives all processes some whole numbers of rank 0.
    ///
    /// - Parameter numbers: on rank 0 the numbers, on others any of the same count.
    public func shared(_ numbers: [Int]) throws -> [Int] {
        let tensor = try Tensor(numbers.map(Int64.init))
        try perform("sharing numbers") { try group.broadcast([tensor]) }
        return try tensor.array(Int64.self).map(Int.init)
    }

    /// Gives all processes a text of rank 0.
    public func shared(_ text: String) throws -> String {
        sections += 1
        let place = "text/\(sections)"
        return try perform("sharing a text") {
            if isFirst { try store.set(place, text) }
            return try store.text(place, timeout: timeout)
        }
    }

    // MARK: Alone

    /// Lets rank 0 do something while the others wait for it, however long it takes: with the threads of all processes of its
    /// machine, as these sleep.
    ///
    /// - Parameter body: what rank 0 does; not called on other ranks.
    /// - Returns: on rank 0 what `body` gives; nil elsewhere.
    /// - Throws: what `body` throws; on other ranks `RanksError.lost` if rank 0 ends.
    public func alone<Value>(_ body: () throws -> Value) throws -> Value? {
        sections += 1
        let place = "done/\(sections)"
        if isFirst {
            let threads = try Runtime.threadCount()
            try Runtime.setThreadCount(min(threads * world.localSize, Runtime.mostThreads))
            defer { try? Runtime.setThreadCount(threads) }
            let value = try body()
            try perform("telling the others") { try store.set(place, "") }
            return value
        }
        try perform("rank 0") {
            // A look now and then: a wait would end by a time, and this has none. Whoever serves the store is rank 0 or the
            // launcher, which ends this process when rank 0 has ended.
            while try !store.contains(place) { usleep(50_000) }
        }
        return nil
    }

    /// Ends what the processes do together. The others may end; rank 0, which serves the store, ends after them.
    public func finish() throws {
        try perform("the end") {
            try store.set("end/\(rank)", "")
            if isFirst { for other in 1..<size { _ = try store.value("end/\(other)", timeout: timeout) } }
            try group.leave()
        }
    }

    // MARK: Failures

    /// Does something that needs the others, and says in words who is missing if it fails.
    ///
    /// - Parameters:
    ///   - what: what is done, for the message.
    ///   - body: what is done.
    /// - Throws: `RanksError.lost` where the others are missing; what else `body` throws.
    public func perform<Value>(_ what: String, _ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as TorchError where Self.isOfOthers(error) {
            throw RanksError.lost(what, reason: reason(error.message))
        }
    }

    /// Whether an error is one of the connection to other processes, which only its text tells.
    private static func isOfOthers(_ error: TorchError) -> Bool {
        guard error.kind == .other || error.kind == .invalidArgument else { return false }
        return ["gloo", "onnection", "imed out", "timeout", "socket", "monitoredBarrier"].contains {
            error.message.contains($0)
        }
    }

    /// The seconds in which those who are still there answer, once one is missed.
    private static let answerTime = 2.0

    /// Calls the roll: who is still there has missed the others, too, and answers; whoever does not is named.
    private func reason(_ message: String) -> String {
        func answer(_ rank: Int) -> String { "answer/\(rank)" }
        var silent = Array(0..<size)
        do {
            try store.set(answer(rank), "")
            let deadline = Date().addingTimeInterval(Self.answerTime)
            while silent.count > 1, Date() < deadline {
                silent = try silent.filter { try !store.contains(answer($0)) }
                usleep(20_000)
            }
        } catch {
            return "rank 0, which served the store of all, has ended or cannot be reached"
        }
        silent.removeAll { $0 == rank }
        let places = silent.map { other in
            let text =
                (try? store.contains(Self.place(other))) == true
                ? try? store.text(Self.place(other), timeout: timeout) : nil
            return "rank \(other)" + (text.map { ", last at step \($0)," } ?? "")
        }
        let who = silent.isEmpty ? "one of the others" : places.joined(separator: " and ")
        let timedOut = ["timed out", "timeout"].contains { message.lowercased().contains($0) }
        return timedOut
            ? "\(who) did not come within \(Int(timeout.rounded())) s" : "\(who) has ended or cannot be reached"
    }
}

/// Why processes cannot go on together.
public enum RanksError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The store of keys is not there.
    case noStore(String, rank: Int, reason: String)
    /// Ranks that never came.
    case absent([Int], of: Int, place: String, seconds: Double)
    /// A value that must be the same is not.
    case unequal(String, rank: Int, value: String, first: String)
    /// The processes are not at the same place.
    case apart(String)
    /// Another process ended, hangs or cannot be reached.
    case lost(String, reason: String)

    /// The exit status of a process that ends because another one has, which is no fault of its own.
    public static let lostStatus: Int32 = 75

    /// What was wrong, where, and what to do.
    public var description: String {
        switch self {
        case .noStore(let place, let rank, let reason):
            reason.contains("EADDRINUSE") || reason.contains("already in use")
                ? "the port of \(place), where the processes are to meet, is taken: choose another MASTER_PORT"
                : "rank \(rank) does not find the others at \(place) (MASTER_ADDR, MASTER_PORT): "
                    + (rank == 0
                        ? "the address must be one of this machine" : "rank 0 must run there, and be reachable") + " ("
                    + (reason.split(separator: ". ").first.map(String.init) ?? reason) + ")"
        case .absent(let ranks, let size, let place, let seconds):
            "rank\(ranks.count == 1 ? "" : "s") \(ranks.map(String.init).joined(separator: ", ")) of \(size) did not come to "
                + "\(place) within \(Int(seconds.rounded())) s: start all, with the same MASTER_ADDR and MASTER_PORT"
        case .unequal(let name, let rank, let value, let first):
            "rank \(rank) has another \(name) than rank 0: \(value), not \(first); all must run the same program with the same "
                + "settings and data"
        case .apart(let problem):
            "the processes are not at the same place: \(problem); all must run the same program with the same settings"
        case .lost(let what, let reason):
            "\(reason) (\(what)); what is finished is kept, and the same command goes on from the last checkpoint"
        }
    }
}

/// A number that stands for a list of texts (FNV-1a), the same in every process.
private struct TextDigest {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ text: String) {
        for byte in text.utf8 { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }
        state = (state ^ 0xff) &* 0x100_0000_01b3
    }

    /// Below 2^62, so that its negative is a number, too.
    var value: Int64 { Int64(state >> 2) }
}
