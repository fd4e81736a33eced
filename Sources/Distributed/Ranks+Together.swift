import Foundation
import Torch

/// A program of which rank 0 does most alone, and calls the others to what they do together.
extension Ranks {
    /// Gives rank 0 the threads of all processes of its machine while it works alone, from now until ``dismiss()``. The other
    /// ranks follow it.
    ///
    /// - Throws: `TorchError`.
    public func lead() throws {
        guard isFirst, ownThreads == nil else { return }
        let own = try Runtime.threadCount()
        ownThreads = own
        try Runtime.setThreadCount(threads(whole: own))
    }

    /// Calls the other ranks to a piece of work, and does rank 0's part of it, with the threads of one process.
    ///
    /// - Parameters:
    ///   - work: what the others do, as the closure that they gave to ``follow(_:)`` reads it; not empty.
    ///   - body: what rank 0 does.
    /// - Throws: what `body` throws; `RanksError.lost` if another process ends.
    public func together<Value>(_ work: String, _ body: () throws -> Value) throws -> Value {
        calls += 1
        try perform("calling the others") { try store.set(Self.call(calls), work) }
        guard let ownThreads else { return try body() }
        try Runtime.setThreadCount(ownThreads)
        defer { try? Runtime.setThreadCount(threads(whole: ownThreads)) }
        return try body()
    }

    /// Takes part in what rank 0 calls to, until it dismisses this process; on ranks other than the first.
    ///
    /// - Parameter body: does what it is given in words.
    /// - Throws: what `body` throws; `RanksError.lost` if rank 0 ends.
    public func follow(_ body: (_ work: String) throws -> Void) throws {
        while true {
            calls += 1
            let place = Self.call(calls)
            let work = try perform("rank 0") {
                // As long as rank 0 works alone. Whoever serves the store is rank 0 or the launcher, which ends this process when
                // rank 0 has ended.
                while try !store.contains(place) { usleep(20_000) }
                return try store.text(place, timeout: timeout)
            }
            guard !work.isEmpty else { return try finish() }
            try body(work)
        }
    }

    /// Lets the other ranks end. Rank 0, which serves the store, ends after them; what is left is its own, with the threads of
    /// all processes of its machine.
    ///
    /// - Throws: `RanksError.lost` if one of them has ended before.
    public func dismiss() throws {
        try lead()
        calls += 1
        try perform("dismissing the others") { try store.set(Self.call(calls), "") }
        try finish()
    }

    private static func call(_ number: Int) -> String { "call/\(number)" }

    private func threads(whole own: Int) -> Int { min(own * world.localSize, Runtime.mostThreads) }
}
