import Foundation
import Support

/// The batches of one epoch, in order, for one consumer at a time.
///
/// Letting go of it stops its threads and waits for them.
public final class BatchIterator {
    private let plan: EpochPlan
    private var nextNumber: Int
    /// Nil when batches are made in the caller's thread.
    private let pipeline: BatchPipeline?
    private let executor: TransformExecutor?
    private var failure: (any Error)?

    init(plan: EpochPlan, from first: Int) throws {
        self.plan = plan
        nextNumber = first
        if plan.source.options.threads > 0 && first < plan.batchCount {
            pipeline = BatchPipeline(plan: plan, from: first)
            executor = nil
            try pipeline?.start()
        } else {
            pipeline = nil
            executor = try TransformExecutor()
        }
    }

    deinit { pipeline?.stop() }

    /// Makes or waits for the next batch; nil after the last.
    ///
    /// - Throws: the first error of the batch, in the order of its samples: the data set's for an image that cannot be
    ///   read (unless those are skipped), or a `BatchLoaderError`. Threads have then ended, and every further call
    ///   throws the same.
    public func next() throws -> Batch? {
        if let failure { throw failure }
        guard nextNumber < plan.batchCount else { return nil }
        do {
            let batch = try pipeline.map { try $0.take() } ?? makeHere()
            nextNumber += 1
            if nextNumber == plan.batchCount { pipeline?.stop() }
            return batch
        } catch {
            failure = error
            pipeline?.stop()
            throw error
        }
    }

    /// Makes the next batch in the caller's thread.
    private func makeHere() throws -> Batch {
        guard let executor else { preconditionFailure("an iterator without a pipeline has an executor") }
        let batch = try plan.emptyBatch(nextNumber)
        var bad: [BadSample] = []
        for slot in 0..<batch.count {
            do {
                try plan.source.fill(slot, of: batch, epoch: plan.epoch, with: executor)
            } catch {
                bad.append(BadSample(slot: slot, error: error))
                if plan.source.options.onBadImage == .stop { break }
            }
        }
        return try plan.finish(batch, bad: bad)
    }
}

/// The threads that make batches ahead of their consumer.
///
/// Threads take a few slots of a batch at a time, in order; a new batch is begun only when fewer than `prefetch`
/// batches are begun and not yet taken. That bounds the memory, and a batch in front is never starved by one behind.
final class BatchPipeline: @unchecked Sendable {
    private let plan: EpochPlan
    private let prefetch: Int
    /// Slots that a thread takes at once: few enough to share a batch, many enough to keep the lock cold.
    private let stride: Int

    // All below is guarded by the condition.
    private let condition = NSCondition()
    private var isStopped = false
    /// The batch that slots are handed out of next, and its next slot.
    private var openNumber: Int
    private var openSlot = 0
    /// The batch that the consumer takes next.
    private var takenNumber: Int
    private var making: [Int: BatchInMaking] = [:]

    /// Touched only by the iterator, which starts and stops the threads.
    private var threads: [WorkerThread] = []

    private struct BatchInMaking {
        /// Nil when there was no memory for it; the error is then in `bad`.
        let batch: Batch?
        var slotsLeft: Int
        var bad: [BadSample] = []
    }

    private struct Work {
        let batch: Batch
        let slots: Range<Int>
    }

    init(plan: EpochPlan, from first: Int) {
        self.plan = plan
        let options = plan.source.options
        prefetch = options.prefetch
        stride = max(1, min(16, options.batchSize / (4 * max(1, options.threads))))
        openNumber = first
        takenNumber = first
    }

    /// Starts the threads. Fewer than asked for will do.
    ///
    /// - Throws: `BatchLoaderError` when none can be started.
    func start() throws {
        for number in 0..<plan.source.options.threads {
            do {
                threads.append(try WorkerThread { self.work() })
            } catch {
                if number == 0 { throw BatchLoaderError.threads(errno: error.status) }
                break
            }
        }
    }

    /// Ends the threads, after the sample that each is at, and drops what they have made.
    func stop() {
        condition.withLock {
            isStopped = true
            condition.broadcast()
        }
        for thread in threads { thread.join() }
        threads = []
        condition.withLock { making = [:] }
    }

    /// Waits for the consumer's next batch.
    func take() throws -> Batch {
        let done: BatchInMaking = condition.withLock {
            while true {
                if let next = making[takenNumber], next.slotsLeft == 0 {
                    making[takenNumber] = nil
                    takenNumber += 1
                    condition.broadcast()
                    return next
                }
                condition.wait()
            }
        }
        guard let batch = done.batch else {
            throw done.bad.first?.error ?? BatchLoaderError.outOfMemory(bytes: 0)
        }
        return try plan.finish(batch, bad: done.bad)
    }

    // MARK: - Threads

    private func work() {
        let executor = Result { try TransformExecutor() }
        while let work = nextWork() {
            var bad: [BadSample] = []
            for slot in work.slots {
                do {
                    try plan.source.fill(slot, of: work.batch, epoch: plan.epoch, with: executor.get())
                } catch {
                    bad.append(BadSample(slot: slot, error: error))
                }
            }
            finish(work, bad: bad)
        }
    }

    /// Waits for slots to fill; nil when there is nothing more to do.
    private func nextWork() -> Work? {
        condition.withLock {
            while true {
                if isStopped || openNumber >= plan.batchCount { return nil }
                if openNumber < takenNumber + prefetch, let work = takeSlots() { return work }
                if isStopped || openNumber >= plan.batchCount { return nil }
                if openNumber >= takenNumber + prefetch { condition.wait() }
            }
        }
    }

    /// The next slots of the open batch, which is begun if need be; nil when there is no memory for it.
    private func takeSlots() -> Work? {
        if making[openNumber] == nil {
            do {
                let batch = try plan.emptyBatch(openNumber)
                making[openNumber] = BatchInMaking(batch: batch, slotsLeft: batch.count)
            } catch {
                making[openNumber] = BatchInMaking(
                    batch: nil, slotsLeft: 0, bad: [BadSample(slot: 0, error: error)])
                openNumber += 1
                condition.broadcast()
                return nil
            }
        }
        guard let batch = making[openNumber]?.batch else { return nil }
        let slots = openSlot..<min(openSlot + stride, batch.count)
        openSlot = slots.upperBound
        if openSlot == batch.count {
            openNumber += 1
            openSlot = 0
        }
        return Work(batch: batch, slots: slots)
    }

    /// Notes that slots are filled, and wakes the consumer when they are the last of their batch.
    private func finish(_ work: Work, bad: [BadSample]) {
        condition.withLock {
            guard var batch = making[work.batch.number] else { return }
            batch.slotsLeft -= work.slots.count
            batch.bad += bad
            making[work.batch.number] = batch
            if batch.slotsLeft == 0 { condition.broadcast() }
        }
    }
}
