import CPixels
import Foundation
import Support

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
    /// H, in pixels, after augmentation and padding.
    public private(set) var height: Int
    /// W, in pixels, after augmentation and padding.
    public private(set) var width: Int
    /// Whether its images may be of several sizes, padded to one.
    let isPadded: Bool
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

    /// Empty as long as the images of a padded batch wait for its size.
    private var buffers: [UnsafeMutablePointer<Float>] = []
    private var pool: BufferPool<Float>?
    /// One buffer for each view of a data set of label maps; empty for any other.
    private var mapBuffers: [UnsafeMutablePointer<UInt8>] = []
    private var mapPool: BufferPool<UInt8>?
    /// What is known of each sample of each view, [views, N]. In memory of its own, so that threads may write different
    /// places at once.
    private let slots: UnsafeMutableBufferPointer<Slot>
    /// The samples of each view that there is room for, those that are skipped among them.
    private let room: Int

    /// What a sample of a view is, beside its pixels.
    private struct Slot {
        var frame = SampleFrame(stored: 0, seen: 0)
        var boxes: [AnnotatedBox] = []
        var storedBoxes: [AnnotatedBox] = []
        /// The pixels and classes of a padded batch's image, until its size is known.
        var values: [Float] = []
        var classes: [UInt8] = []
    }

    /// The sides of padded batches are multiples of this, which all strides of networks divide.
    public static let paddingMultiple = 32

    /// The number of buffers.
    public let views: Int
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
        return samples(view).map(\.boxes)
    }

    /// The objects in each image as the data set has them, [N], in pixels of the image as it is stored.
    ///
    /// - Precondition: `annotationKind` is `.boxes`.
    public var storedBoxes: [[AnnotatedBox]] {
        precondition(annotationKind == .boxes, "a batch with annotations of kind \(annotationKind) has no boxes")
        return samples(0).map(\.storedBoxes)
    }

    /// The sizes of each image of one view, [N].
    ///
    /// - Precondition: `view` is in 0..<views.
    public func frames(view: Int) -> [SampleFrame] { samples(view).map(\.frame) }

    private func samples(_ view: Int) -> Slice<UnsafeMutableBufferPointer<Slot>> {
        precondition((0..<views).contains(view), "view \(view) of \(views)")
        return slots[view * room..<view * room + count]
    }

    /// Makes room for a batch. One whose images are padded gets its memory when all are there.
    init(
        number: Int, indices: [Int], labels: [Int64], annotationKind: AnnotationKind, geometry: BatchGeometry,
        pool: BufferPool<Float>?, mapPool: BufferPool<UInt8>?
    ) throws {
        self.number = number
        self.indices = indices
        self.labels = labels
        self.annotationKind = annotationKind
        count = indices.count
        room = indices.count
        (channels, height, width, layout) = (geometry.channels, geometry.height, geometry.width, geometry.layout)
        (views, isPadded) = (geometry.views, pool == nil)
        // Values before the rest, which is far smaller: what no memory holds is found out first.
        let values = try pool?.take(geometry.views) ?? []
        do {
            slots = try Self.makeSlots(geometry.views, indices.count)
        } catch {
            pool?.giveBack(values)
            throw error
        }
        // From here on the batch is whole, and gives back what it took if there is no memory for label maps.
        (buffers, self.pool) = (values, pool)
        mapBuffers = try mapPool?.take(geometry.views) ?? []
        self.mapPool = mapPool
    }

    private static func makeSlots(_ views: Int, _ count: Int) throws -> UnsafeMutableBufferPointer<Slot> {
        let (capacity, isTooMany) = views.multipliedReportingOverflow(by: count)
        let (bytes, isTooMuch) = capacity.multipliedReportingOverflow(by: MemoryLayout<Slot>.stride)
        guard !isTooMany, !isTooMuch, let raw = px_allocate(max(bytes, 1)) else {
            throw BatchLoaderError.outOfMemory(bytes: isTooMany || isTooMuch ? .max : bytes)
        }
        let slots = UnsafeMutableBufferPointer(
            start: raw.bindMemory(to: Slot.self, capacity: capacity), count: capacity)
        slots.initialize(repeating: Slot())
        return slots
    }

    deinit {
        pool?.giveBack(buffers)
        mapPool?.giveBack(mapBuffers)
        slots.deinitialize()
        px_release(slots.baseAddress)
    }

    /// Writes one sample of one view while the batch is made.
    ///
    /// - Parameters:
    ///   - slot: the place of the sample.
    ///   - view: the view.
    ///   - frame: the sizes of the image.
    ///   - body: writes the values of the image in the batch's layout, all of them.
    func write(
        _ slot: Int, view: Int, _ frame: SampleFrame, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows {
        slots[view * room + slot].frame = frame
        guard isPadded else {
            return try body(
                UnsafeMutableBufferPointer(start: buffers[view] + slot * valuesPerSample, count: valuesPerSample))
        }
        var values = [Float](repeating: 0, count: channels * frame.seen.pixels)
        try values.withUnsafeMutableBufferPointer { try body($0) }
        slots[view * room + slot].values = values
    }

    /// Brings the images of a padded batch to one size, once all are there.
    ///
    /// - Parameter multiple: what the sides become multiples of.
    /// - Throws: `BatchLoaderError` where there is no memory for it.
    func pad(toMultiplesOf multiple: Int) throws {
        guard isPadded, buffers.isEmpty else { return }
        func up(_ side: Int) -> Int { max(1, (side + multiple - 1) / multiple) * multiple }
        height = up(slots.map(\.frame.seen.height).max() ?? 1)
        width = up(slots.map(\.frame.seen.width).max() ?? 1)
        let pool = try BufferPool<Float>(count: room * valuesPerSample, limit: 0)
        buffers = try pool.take(views)
        self.pool = pool
        if annotationKind == .map {
            let mapPool = try BufferPool<UInt8>(count: room * height * width, limit: 0)
            mapBuffers = try mapPool.take(views)
            self.mapPool = mapPool
        }
        for view in 0..<views {
            buffers[view].update(repeating: 0, count: room * valuesPerSample)
            if annotationKind == .map {
                mapBuffers[view].update(repeating: LabelMap.ignored, count: room * height * width)
            }
            for slot in 0..<room { place(slot, view: view) }
        }
    }

    /// Copies the rows of an image to its place in a padded batch.
    private func place(_ slot: Int, view: Int) {
        let place = view * room + slot
        let seen = slots[place].frame.seen
        func copy<Value>(
            _ values: [Value], to start: UnsafeMutablePointer<Value>, planes: Int, of size: Int
        ) {
            values.withUnsafeBufferPointer { values in
                guard let from = values.baseAddress else { return }
                for row in 0..<planes * seen.height {
                    let (plane, line) = (row / seen.height, row % seen.height)
                    (start + (plane * height + line) * width * size)
                        .update(from: from + row * seen.width * size, count: seen.width * size)
                }
            }
        }
        let start = buffers[view] + slot * valuesPerSample
        switch layout {
        case .nchw: copy(slots[place].values, to: start, planes: channels, of: 1)
        case .nhwc: copy(slots[place].values, to: start, planes: 1, of: channels)
        }
        if annotationKind == .map {
            copy(slots[place].classes, to: mapBuffers[view] + slot * height * width, planes: 1, of: 1)
        }
        (slots[place].values, slots[place].classes) = ([], [])
    }

    /// Writes the annotation of one sample of one view, which has the form of the batch's and the size of the image.
    ///
    /// - Parameters:
    ///   - slot: the place of the sample.
    ///   - view: the view.
    ///   - stored: the annotation as the data set has it.
    ///   - annotation: what the transforms made of it.
    func annotate(_ slot: Int, view: Int, stored: Annotation, _ annotation: Annotation) {
        if case .boxes(let boxes) = stored { slots[view * room + slot].storedBoxes = boxes }
        switch annotation {
        case .number: break
        case .map(let map) where isPadded: slots[view * room + slot].classes = map.classes
        case .map(let map):
            map.classes.withUnsafeBufferPointer { classes in
                guard let from = classes.baseAddress else { return }
                (mapBuffers[view] + slot * height * width).update(from: from, count: height * width)
            }
        case .boxes(let boxes): slots[view * room + slot].boxes = boxes
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
        if let first = slots.baseAddress { for view in 0..<views { close(first + view * room, 1) } }
        labels = kept.map { labels[$0] }
        indices = kept.map { indices[$0] }
        count = kept.count
        skipped = bad.map(\.reason)
    }
}

/// The sizes of an image in a batch, in pixels.
public struct SampleFrame: Sendable, Hashable {
    /// The size of the image as it is stored, turned as its EXIF says.
    public var stored: ImageSize
    /// The size of what the transforms made of it, without the padding of its batch.
    public var seen: ImageSize

    /// The sizes of an image.
    public init(stored: ImageSize, seen: ImageSize) { (self.stored, self.seen) = (stored, seen) }
}

/// The shape of a loader's batches. Those of padded batches are not known beforehand: height and width are 0.
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
