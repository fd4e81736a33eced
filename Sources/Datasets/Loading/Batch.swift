/// Augmented images with their labels.
///
/// The values lie in memory that the batch owns and that goes back to its loader with the last reference to the batch:
/// whoever reads them through a pointer keeps the batch.
public final class Batch: @unchecked Sendable {
    // Written by the threads that make the batch, each in its own places, and by the loader's lock handed over to the
    // consumer; nothing changes afterwards.

    /// The position of the batch in its epoch.
    public let number: Int
    /// How many samples it has: at most the batch size; 0 when every image of it was bad and is skipped.
    public private(set) var count: Int
    /// C: 1 for grey images, 3 for colour.
    public let channels: Int
    /// H, in pixels, after augmentation.
    public let height: Int
    /// W, in pixels, after augmentation.
    public let width: Int
    /// The order of the dimensions in `shape` and in memory.
    public let layout: PixelLayout
    /// The class of each sample, [N].
    public private(set) var labels: [Int64]
    /// The position of each sample in the data set, [N].
    public private(set) var indices: [Int]
    /// The images left out because they could not be read: where each comes from, and why.
    public private(set) var skipped: [String] = []

    private let buffers: [UnsafeMutablePointer<Float>]
    private let pool: BufferPool

    /// The number of buffers.
    public var views: Int { buffers.count }
    /// [N, C, H, W] or [N, H, W, C], after the layout.
    public var shape: [Int] {
        switch layout {
        case .nchw: [count, channels, height, width]
        case .nhwc: [count, height, width, channels]
        }
    }
    /// Whether a network can learn from it: batch norm has no statistics of a single image.
    public var isLearnable: Bool { count > 1 }
    /// The values of one image.
    public var valuesPerSample: Int { channels * height * width }

    /// The values of one view, in `shape`; 64-byte aligned, valid as long as the batch lives.
    ///
    /// - Precondition: `view` is in 0..<views.
    public func values(view: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: buffers[view], count: count * valuesPerSample)
    }

    init(number: Int, indices: [Int], labels: [Int64], geometry: BatchGeometry, pool: BufferPool) throws {
        self.number = number
        self.indices = indices
        self.labels = labels
        self.count = indices.count
        (channels, height, width, layout) = (geometry.channels, geometry.height, geometry.width, geometry.layout)
        self.pool = pool
        buffers = try pool.take(geometry.views)
    }

    deinit { pool.giveBack(buffers) }

    /// Where one sample of one view is written while the batch is made.
    func slot(_ slot: Int, view: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: buffers[view] + slot * valuesPerSample, count: valuesPerSample)
    }

    /// Closes the gaps that bad images leave. `bad` is in ascending order.
    func remove(_ bad: [(slot: Int, reason: String)]) {
        let gone = Set(bad.map(\.slot))
        let kept = (0..<count).filter { !gone.contains($0) }
        for buffer in buffers {
            for (to, from) in kept.enumerated() where to != from {
                (buffer + to * valuesPerSample).update(from: buffer + from * valuesPerSample, count: valuesPerSample)
            }
        }
        labels = kept.map { labels[$0] }
        indices = kept.map { indices[$0] }
        count = kept.count
        skipped = bad.map(\.reason)
    }
}

/// The shape of a loader's batches.
struct BatchGeometry: Sendable {
    let views: Int
    let channels: Int
    let height: Int
    let width: Int
    let layout: PixelLayout
}
