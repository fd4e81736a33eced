import Foundation

/// Decoded images, kept up to a number of bytes. Nothing is ever evicted: every epoch reads every image once, in
/// random order, so that whichever set is kept serves equally well, and replacing only costs.
final class DecodedImageCache: @unchecked Sendable {
    private let lock = NSLock()
    private var images: [Image?]
    private var room: Int

    init(count: Int, limit: Int) {
        images = limit > 0 ? Array(repeating: nil, count: count) : []
        room = limit
    }

    func image(at index: Int) -> Image? {
        lock.lock()
        defer { lock.unlock() }
        return index < images.count ? images[index] : nil
    }

    func keep(_ image: Image, at index: Int) {
        lock.lock()
        defer { lock.unlock() }
        guard index < images.count, images[index] == nil, image.pixels.count <= room else { return }
        images[index] = image
        room -= image.pixels.count
    }
}
