import CPixels
import Foundation

/// Augmented images with what is known of each: a number, a label map or a set of boxes.
///
/// The values lie in memory that the batch owns and that goes back to its loader with the last reference to the batch:
/// whoever reads them through a pointer keeps the batch.
public final class Batch: @unchecked Sendable {
    // Written by the threads that make the batch, each in its own places, and by the loader's lock handed over to the
    // consumer; nothing changes afterwards.

    /// The position of the batch in its epoch.
    public let number: Int
    /// The number of samples: at most the batch size; 0 when every image of it was bad and is skipped.
    public private(set) var count: Int
    /// C: 1 for grey images, 3 for colour.
    public let channels: Int
    /// H, in pixels, after augmentation.
    public let height: Int
    /// W, in pixels, after augmentation.
    public let width: Int
    /// The order of the dimensions in `shape` and in memory.
    public let layout: PixelLayout
    /// The form of the data set's annotations: which of `labels`, `maps(view:)` and `boxes(view:)` tell what the images
    /// show.
    public let annotationKind: AnnotationKind
    /// The class or other number of each sample, [N].
    public private(set) var labels: [Int64]
    /// The position of each sample in the data set, [N].
    public private(set) var indices: [Int]
    /// The images left out because they could not be read: where each comes from, and why.
    public private(set) var skipped: [String] = []

    private let buffers: [UnsafeMutablePointer<Float>]
    private let pool: BufferPool<Float>
    /// One buffer for each view of a data set of label maps; empty for any other.
    private let mapBuffers: [UnsafeMutablePointer<UInt8>]
    private let mapPool: BufferPool<UInt8>?
    /// The boxes of each sample of each view, [views, N], of a data set of boxes; empty for any other. In memory of its
    /// own, so that threads may write different places at once.
    private let boxSlots: UnsafeMutableBufferPointer<[AnnotatedBox]>
    /// The samples of each view that there is room for, those that are skipped among them.
    private let room: Int

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
    /// The number of values of one image.
    public var valuesPerSample: Int { channels * height * width }

    /// The values of one view, in `shape`; 64-byte aligned, valid as long as the batch lives.
    ///
    /// - Precondition: `view` is in 0..<views.
    public func values(view: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: buffers[view], count: count * valuesPerSample)
    }

    /// The label maps of one view, [N, H, W], each pixel's class or `LabelMap.ignored`; 64-byte aligned, valid as long as
    /// the batch lives.
    ///
    /// - Precondition: `annotationKind` is `.map`, and `view` is in 0..<views.
    public func maps(view: Int) -> UnsafeMutableBufferPointer<UInt8> {
        precondition(annotationKind == .map, "a batch with annotations of kind \(annotationKind) has no label maps")
        return UnsafeMutableBufferPointer(start: mapBuffers[view], count: count * height * width)
    }

    /// The objects in each image of one view, [N], in pixels of the augmented image.
    ///
    /// - Precondition: `annotationKind` is `.boxes`, and `view` is in 0..<views.
    public func boxes(view: Int) -> [[AnnotatedBox]] {
        precondition(annotationKind == .boxes, "a batch with annotations of kind \(annotationKind) has no boxes")
        precondition((0..<views).contains(view), "view \(view) of \(views)")
        return Array(boxSlots[view * room..<view * room + count])
    }

    init(
        number: Int, indices: [Int], labels: [Int64], annotationKind: AnnotationKind, geometry: BatchGeometry,
        pool: BufferPool<Float>, mapPool: BufferPool<UInt8>?
    ) throws {
        self.number = number
        self.indices = indices
        self.labels = labels
        self.annotationKind = annotationKind
        count = indices.count
        room = indices.count
        (channels, height, width, layout) = (geometry.channels, geometry.height, geometry.width, geometry.layout)
        self.pool = pool
        self.mapPool = mapPool
        let taken = try pool.take(geometry.views)
        do {
            mapBuffers = try mapPool?.take(geometry.views) ?? []
        } catch {
            pool.giveBack(taken)
            throw error
        }
        buffers = taken
        boxSlots = .allocate(capacity: annotationKind == .boxes ? geometry.views * indices.count : 0)
        boxSlots.initialize(repeating: [])
    }

    deinit {
        pool.giveBack(buffers)
        mapPool?.giveBack(mapBuffers)
        boxSlots.deinitialize()
        boxSlots.deallocate()
    }

    /// Where one sample of one view is written while the batch is made.
    func slot(_ slot: Int, view: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: buffers[view] + slot * valuesPerSample, count: valuesPerSample)
    }

    /// Writes the annotation of one sample of one view, which has the batch's form and size.
    func annotate(_ slot: Int, view: Int, _ annotation: Annotation) {
        switch annotation {
        case .number: break
        case .map(let map):
            map.classes.withUnsafeBufferPointer { classes in
                guard let from = classes.baseAddress else { return }
                (mapBuffers[view] + slot * height * width).update(from: from, count: height * width)
            }
        case .boxes(let boxes): boxSlots[view * room + slot] = boxes
        }
    }

    /// Closes the gaps that bad images leave. `bad` is in ascending order.
    func remove(_ bad: [(slot: Int, reason: String)]) {
        let gone = Set(bad.map(\.slot))
        let kept = (0..<count).filter { !gone.contains($0) }
        func close<Value>(_ buffer: UnsafeMutablePointer<Value>, _ size: Int) {
            for (to, from) in kept.enumerated() where to != from {
                (buffer + to * size).update(from: buffer + from * size, count: size)
            }
        }
        for buffer in buffers { close(buffer, valuesPerSample) }
        for buffer in mapBuffers { close(buffer, height * width) }
        if annotationKind == .boxes, let first = boxSlots.baseAddress {
            for view in 0..<views { close(first + view * room, 1) }
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

/// Buffers of one size that batches borrow, so that steady loading allocates nothing.
final class BufferPool<Value: BitwiseCopyable>: @unchecked Sendable {
    private let lock = NSLock()
    private let bytes: Int
    private let limit: Int
    private var free: [UnsafeMutablePointer<Value>] = []
    private var borrowed = 0

    /// - Parameters:
    ///   - count: the values of a buffer.
    ///   - limit: how many free buffers are kept.
    /// - Throws: `BatchLoaderError` when the size does not fit an integer.
    init(count: Int, limit: Int) throws {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
        guard !overflow else { throw BatchLoaderError.outOfMemory(bytes: .max) }
        self.bytes = bytes
        self.limit = limit
    }

    deinit {
        for buffer in free { px_release(buffer) }
    }

    /// The number of buffers that are lent out, for tests.
    var borrowedCount: Int { lock.withLock { borrowed } }

    func take(_ count: Int) throws -> [UnsafeMutablePointer<Value>] {
        lock.lock()
        var taken = Array(free.suffix(count))
        free.removeLast(taken.count)
        borrowed += count
        lock.unlock()
        while taken.count < count {
            guard let raw = px_allocate(bytes) else {
                let (total, overflow) = bytes.multipliedReportingOverflow(by: count)
                for buffer in taken { px_release(buffer) }
                lock.withLock { borrowed -= count }
                throw BatchLoaderError.outOfMemory(bytes: overflow ? .max : total)
            }
            taken.append(raw.bindMemory(to: Value.self, capacity: bytes / MemoryLayout<Value>.stride))
        }
        return taken
    }

    func giveBack(_ buffers: [UnsafeMutablePointer<Value>]) {
        lock.lock()
        defer { lock.unlock() }
        borrowed -= buffers.count
        for buffer in buffers {
            if free.count < limit { free.append(buffer) } else { px_release(buffer) }
        }
    }
}
