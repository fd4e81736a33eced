import CPixels
import Foundation

/// Buffers of one size that batches borrow, so that steady loading allocates nothing.
final class BufferPool: @unchecked Sendable {
    private let lock = NSLock()
    private let bytes: Int
    private let limit: Int
    private var free: [UnsafeMutablePointer<Float>] = []
    private var borrowed = 0

    /// - Parameters:
    ///   - count: the values of a buffer.
    ///   - limit: how many free buffers are kept.
    /// - Throws: `BatchLoaderError` when the size does not fit an integer.
    init(count: Int, limit: Int) throws {
        let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
        guard !overflow else { throw BatchLoaderError.outOfMemory(bytes: .max) }
        self.bytes = bytes
        self.limit = limit
    }

    deinit {
        for buffer in free { px_release(buffer) }
    }

    /// The buffers that are lent out, for tests.
    var borrowedCount: Int { lock.withLock { borrowed } }

    func take(_ count: Int) throws -> [UnsafeMutablePointer<Float>] {
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
            taken.append(raw.bindMemory(to: Float.self, capacity: bytes / MemoryLayout<Float>.stride))
        }
        return taken
    }

    func giveBack(_ buffers: [UnsafeMutablePointer<Float>]) {
        lock.lock()
        defer { lock.unlock() }
        borrowed -= buffers.count
        for buffer in buffers {
            if free.count < limit { free.append(buffer) } else { px_release(buffer) }
        }
    }
}
