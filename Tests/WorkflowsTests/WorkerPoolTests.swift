import Foundation
import Synchronization
import Testing

@testable import Workflows

@Suite struct WorkerPoolTests {
    private struct Refusal: Error {}

    @Test(arguments: [1, 2, 7]) func everyJobIsDoneOnceAndHandedOverHere(workers: Int) throws {
        var taken: [Int: Int] = [:]
        let here = pthread_self()
        try WorkerPool.run(Array(0..<25), workers: workers) { job, _ in
            job * job
        } finished: { job, square in
            #expect(pthread_equal(here, pthread_self()) != 0)
            #expect(taken.updateValue(square, forKey: job) == nil)
        } waiting: {
        }
        #expect(taken == Dictionary(uniqueKeysWithValues: (0..<25).map { ($0, $0 * $0) }))
    }

    @Test func nothingToDoIsDone() throws {
        try WorkerPool.run([Int](), workers: 3) { job, _ in
            job
        } finished: { _, _ in
        } waiting: {
        }
    }

    @Test func aFailureStopsTheOthersAndLosesNothing() throws {
        let begun = Mutex(0)
        var taken: [Int] = []
        #expect(throws: Refusal.self) {
            try WorkerPool.run(Array(0..<1000), workers: 2) { job, isStopped in
                begun.withLock { $0 += 1 }
                if job == 3 { throw Refusal() }
                // The other worker notices, however long its own job is.
                let deadline = Date().addingTimeInterval(20)
                while job == 4, !isStopped(), Date() < deadline { usleep(1000) }
                return isStopped() && job == 4 ? nil : job
            } finished: { job, _ in
                taken.append(job)
            } waiting: {
            }
        }
        #expect(taken.sorted().starts(with: [0, 1, 2]))
        #expect(begun.withLock { $0 } < 1000)
    }

    @Test func aResultThatCannotBeKeptStopsTheWorkers() {
        let begun = Mutex(0)
        #expect(throws: Refusal.self) {
            try WorkerPool.run(Array(0..<1000), workers: 2) { job, _ in
                begun.withLock { $0 += 1 }
                usleep(500)
                return job
            } finished: { _, _ in
                throw Refusal()
            } waiting: {
            }
        }
        #expect(begun.withLock { $0 } < 1000)
    }
}
