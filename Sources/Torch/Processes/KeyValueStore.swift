import CTorch
import Dispatch
import Synchronization

/// A store of keys that several processes share (c10d's `TCPStore`): one of them serves it, all of them read and write.
///
/// An error of kind `.other` means that whoever serves the store is gone, or that a time ran out. No operation waits for longer
/// than its time: where a machine has gone without a word, a socket would.
public final class KeyValueStore: @unchecked Sendable {
    private let handle: ct_store
    /// The seconds that an operation waits for whoever serves the store.
    private let timeout: Double
    /// Where operations run, one after another, so that a caller can give one up.
    private let queue = DispatchQueue(label: "supernet.store")
    /// Whether an operation was given up. It may still hold the store, which is of no use then.
    private let isLost = Atomic(false)
    /// The port at which the store is served.
    public let port: Int

    /// Joins a store, or serves it.
    ///
    /// - Parameters:
    ///   - host: the name or address of the machine that serves it.
    ///   - port: the port; 0 for any free one, where this process serves.
    ///   - serves: whether this process serves the store.
    ///   - world: the number of processes that will join.
    ///   - timeout: the seconds that joining and reading wait at most.
    ///   - prefix: what is put before each key, so that several runs may share a server.
    /// - Throws: `TorchError` if the port is taken, the host is unknown, or nobody serves there in time; of kind
    ///   `.notImplemented` where libtorch has no such stores.
    public init(
        host: String, port: Int, serves: Bool, world: Int, timeout: Double, prefix: String
    ) throws {
        guard (0...65_535).contains(port) else {
            throw TorchError(.invalidArgument, operation: "KeyValueStore", message: "port \(port) is not in 0...65535")
        }
        var made: ct_store?
        try check(
            Runtime.api().store_open(
                host, Int32(port), serves, Int32(clamping: world), Self.milliseconds(timeout), prefix, &made),
            "the store at \(host):\(port)")
        guard let made else { throw TorchError(.other, operation: "KeyValueStore", message: "was not made") }
        (handle, self.timeout) = (made, timeout)
        self.port = Int(ct_loaded().pointee.store_port(made))
    }

    // An operation that was given up still has the handle.
    deinit { if !isLost.load(ordering: .relaxed) { ct_loaded().pointee.store_release(handle) } }

    /// Runs an operation, and gives it up after its time.
    ///
    /// - Parameters:
    ///   - what: the operation, for messages.
    ///   - wait: the seconds that it may wait for a value, beside those for whoever serves the store.
    ///   - body: the operation.
    private func bounded<Value: Sendable>(
        _ what: String, wait: Double = 0, _ body: @escaping @Sendable (ct_store) throws -> Value
    ) throws -> Value {
        let lost = TorchError(
            .other, operation: what, message: "timed out: whoever serves the store does not answer")
        guard !isLost.load(ordering: .relaxed) else { throw lost }
        let (handle, slot, isDone) = (Handle(value: handle), Slot<Value>(), DispatchSemaphore(value: 0))
        queue.async {
            slot.put(Result { try body(handle.value) })
            isDone.signal()
        }
        guard isDone.wait(timeout: .now() + timeout + wait) == .success, let result = slot.result else {
            isLost.store(true, ordering: .relaxed)
            throw lost
        }
        return try result.get()
    }

    private struct Handle: @unchecked Sendable { let value: ct_store }

    /// What an operation came to.
    private final class Slot<Value: Sendable>: Sendable {
        private let outcome = Mutex<Result<Value, any Error>?>(nil)

        func put(_ result: sending Result<Value, any Error>) { outcome.withLock { $0 = result } }
        var result: Result<Value, any Error>? { outcome.withLock { $0 } }
    }

    /// Whether libtorch has stores and groups of processes.
    public static var isAvailable: Bool { !backends.isEmpty }

    /// The engines of groups of processes, such as `Gloo, NCCL`; empty where libtorch has none.
    public static var backends: String { (try? Runtime.api().process_backends().map { String(cString: $0) }) ?? "" }

    static func milliseconds(_ seconds: Double) -> Int64 { Int64(max(seconds * 1000, 1)) }

    /// Sets the value of a key.
    public func set(_ key: String, _ value: [UInt8]) throws {
        let what = "set `\(key)`"
        try bounded(what) { try check(ct_loaded().pointee.store_set($0, key, value, value.count), what) }
    }

    /// Sets the value of a key to a text.
    public func set(_ key: String, _ text: String) throws { try set(key, Array(text.utf8)) }

    /// The value of a key, for which it waits.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - timeout: the seconds to wait.
    public func value(_ key: String, timeout: Double) throws -> [UInt8] {
        let what = "get `\(key)`"
        return try bounded(what, wait: timeout) { store in
            var (memory, count): (UnsafeMutableRawPointer?, Int) = (nil, 0)
            try check(ct_loaded().pointee.store_get(store, key, Self.milliseconds(timeout), &memory, &count), what)
            return Self.taken(memory, count)
        }
    }

    /// The value of a key as a text, for which it waits.
    ///
    /// - Parameters:
    ///   - key: the key.
    ///   - timeout: the seconds to wait.
    public func text(_ key: String, timeout: Double) throws -> String {
        String(decoding: try value(key, timeout: timeout), as: UTF8.self)
    }

    /// Adds to the number of a key, which is 0 at first, and gives the sum.
    @discardableResult
    public func add(_ key: String, _ amount: Int) throws -> Int {
        let what = "add to `\(key)`"
        return try bounded(what) { store in
            var sum: Int64 = 0
            try check(ct_loaded().pointee.store_add(store, key, Int64(amount), &sum), what)
            return Int(sum)
        }
    }

    /// Whether a key is there.
    public func contains(_ key: String) throws -> Bool {
        let what = "look for `\(key)`"
        return try bounded(what) { store in
            var found = false
            try check(ct_loaded().pointee.store_has(store, key, &found), what)
            return found
        }
    }

    /// Removes a key; gives whether it was there.
    @discardableResult
    public func remove(_ key: String) throws -> Bool {
        let what = "remove `\(key)`"
        return try bounded(what) { store in
            var removed = false
            try check(ct_loaded().pointee.store_remove(store, key, &removed), what)
            return removed
        }
    }

    /// Puts a value at the end of a queue.
    public func push(_ queue: String, _ value: [UInt8]) throws {
        let what = "push to `\(queue)`"
        try bounded(what) { try check(ct_loaded().pointee.store_push($0, queue, value, value.count), what) }
    }

    /// Takes the first value of a queue; nil if it is empty.
    public func pop(_ queue: String) throws -> [UInt8]? {
        let what = "pop from `\(queue)`"
        return try bounded(what) { store in
            var (memory, count): (UnsafeMutableRawPointer?, Int) = (nil, 0)
            try check(ct_loaded().pointee.store_pop(store, queue, 0, &memory, &count), what)
            return memory == nil ? nil : Self.taken(memory, count)
        }
    }

    /// Takes the first value of a queue, for which it waits.
    ///
    /// - Parameters:
    ///   - queue: the queue.
    ///   - timeout: the seconds to wait.
    public func pop(_ queue: String, timeout: Double) throws -> [UInt8] {
        let what = "pop from `\(queue)`"
        return try bounded(what, wait: timeout) { store in
            var (memory, count): (UnsafeMutableRawPointer?, Int) = (nil, 0)
            try check(ct_loaded().pointee.store_pop(store, queue, Self.milliseconds(timeout), &memory, &count), what)
            return Self.taken(memory, count)
        }
    }

    private static func taken(_ memory: UnsafeMutableRawPointer?, _ count: Int) -> [UInt8] {
        defer { ct_loaded().pointee.free(memory) }
        return Array(UnsafeRawBufferPointer(start: memory, count: memory == nil ? 0 : count))
    }

    /// Joins a group of processes that meet in this store.
    func join(_ name: String, address: String, rank: Int, size: Int, timeout: Double) throws {
        try check(
            ct_loaded().pointee.group_join(
                handle, name, address, Int32(clamping: rank), Int32(clamping: size), Self.milliseconds(timeout)),
            "join the group `\(name)` as rank \(rank) of \(size)")
    }
}
