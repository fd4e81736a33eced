import Datasets
import Dispatch
import Support
import Synchronization
import Torch

/// Runs independent jobs in parallel, each with one thread of libtorch, so that results do not depend on the number of
/// workers.
enum WorkerPool {
    /// Runs jobs in their order, as many at a time as there are workers.
    ///
    /// - Parameters:
    ///   - jobs: the jobs.
    ///   - workers: the number of threads.
    ///   - work: a closure that does one job. It should call `isStopped` from time to time, and return nil once that is
    ///     true.
    ///   - finished: a closure that takes each result on the calling thread, in the order in which jobs finish.
    ///   - waiting: a closure that is called on the calling thread about once a second.
    /// - Throws: the first error of a job or of `finished`, after all workers have stopped.
    static func run<Job: Sendable, Outcome: Sendable>(
        _ jobs: [Job], workers: Int,
        work: @escaping @Sendable (Job, _ isStopped: @Sendable () -> Bool) throws -> Outcome?,
        finished: (Job, Outcome) throws -> Void, waiting: () -> Void
    ) throws {
        let threads = try Runtime.threadCount()
        try Runtime.setThreadCount(1)
        defer { try? Runtime.setThreadCount(threads) }
        let shared = Shared<Job, Outcome>(jobs)
        let pool = try (0..<max(1, min(workers, jobs.count))).map { _ in
            try WorkerThread { shared.attempt(work) }
        }
        var open = jobs.count
        while open > 0, shared.failure == nil {
            shared.wait()
            for (job, outcome) in shared.takeOutcomes() {
                open -= 1
                do { try finished(job, outcome) } catch { shared.fail(error) }
            }
            waiting()
        }
        for thread in pool { thread.join() }
        // What others had finished when one failed is not lost.
        for (job, outcome) in shared.takeOutcomes() { try finished(job, outcome) }
        if let failure = shared.failure { throw failure }
    }

    /// The pending jobs, and the results that have not been taken yet.
    private final class Shared<Job: Sendable, Outcome: Sendable>: Sendable {
        private struct State {
            var pending: ArraySlice<Job>
            var outcomes: [(Job, Outcome)] = []
            var failure: (any Error)?
        }

        private let state: Mutex<State>
        private let news = DispatchSemaphore(value: 0)

        init(_ jobs: [Job]) { state = Mutex(State(pending: jobs[...])) }

        var failure: (any Error)? { state.withLock(\.failure) }

        func fail(_ error: any Error) {
            state.withLock { if $0.failure == nil { $0.failure = error } }
            news.signal()
        }

        func wait() { _ = news.wait(timeout: .now() + 1) }

        func takeOutcomes() -> [(Job, Outcome)] {
            state.withLock { state in
                defer { state.outcomes = [] }
                return state.outcomes
            }
        }

        func attempt(_ work: (Job, @Sendable () -> Bool) throws -> Outcome?) {
            do {
                try Runtime.setThreadCount(1)
                while let job = state.withLock({ $0.failure == nil ? $0.pending.popFirst() : nil }) {
                    guard let outcome = try work(job, { self.failure != nil }) else { return }
                    state.withLock { $0.outcomes.append((job, outcome)) }
                    news.signal()
                }
            } catch { fail(error) }
        }
    }
}
