/// The batches of one epoch, in order. For one consumer at a time.
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

    /// The next batch; nil after the last.
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
