import Datasets
import Torch

/// How an image goes from its bytes to the device, together with the others that go the same way.
struct ImagePacking: Hashable {
    private let channels: Int
    /// The size that is packed, in pixels. Parts to be resized are packed into a common larger size.
    private let height: Int
    private let width: Int
    /// The size to which the packed part is resized.
    private let resized: Size?
    private let isCropped: Bool

    private struct Size: Hashable {
        let height, width: Int
    }

    /// - Parameter first: the image's first step; a crop or a resize is done on the way.
    init(_ image: Image, first: AppliedTransform?) {
        channels = image.channels
        var part = Self.part(of: image, first)
        switch first {
        case .resizedCrop(_, let outHeight, let outWidth), .resize(let outHeight, let outWidth):
            resized = Size(height: outHeight, width: outWidth)
            // Powers of two keep the groups few; no side is more than doubled by the padding.
            (part.height, part.width) = (Self.rounded(part.height), Self.rounded(part.width))
            isCropped = false
        case .crop:
            (resized, isCropped) = (nil, true)
        default:
            (resized, isCropped) = (nil, false)
        }
        (height, width) = (part.height, part.width)
    }

    /// Whether loading does the first step.
    var doesFirstStep: Bool { resized != nil || isCropped }

    /// The elements that one image needs on the way.
    var elementCount: Int {
        let packed = channels * height * width
        guard let resized else { return packed }
        return packed + resized.height * height + resized.width * width + channels * height * resized.width
    }

    /// The images, their first step done where this does it: [N, C, H, W] on `device`.
    func load(_ images: [Image], first: [AppliedTransform?], on device: Device) throws -> Tensor {
        let parts = zip(images, first).map(Self.part)
        // The largest part decides, so that a group of equal parts has no padding.
        let size =
            resized == nil
            ? Size(height: height, width: width)
            : Size(height: parts.map(\.height).max() ?? 0, width: parts.map(\.width).max() ?? 0)
        let bytes = try Tensor.zeros([images.count, size.height, size.width, channels], dtype: .uint8)
        try bytes.withUnsafeMutableBytes { memory in
            let stride = size.height * size.width * channels
            for (slot, (image, part)) in zip(images, parts).enumerated() {
                let field = UnsafeMutableRawBufferPointer(rebasing: memory[(slot * stride)...])
                Self.copy(part, of: image, to: field, size)
            }
        }
        // Planes are made of the bytes, which are a quarter of the floats.
        let planes = try bytes.to(device).permuted([0, 3, 1, 2]).contiguous().to(.float32) * Double(Float(1) / 255)
        guard let resized else { return planes }
        return try planes.resized(
            parts.map { .init(top: 0, left: 0, height: $0.height, width: $0.width) }, resized.height, resized.width)
    }

    /// The part of the image that is packed. A crop's may reach outside, where it is 0.
    private static func part(of image: Image, _ first: AppliedTransform?) -> AppliedTransform.Box {
        switch first {
        case .crop(let box), .resizedCrop(let box, _, _): box
        default: .init(top: 0, left: 0, height: image.height, width: image.width)
        }
    }

    private static func rounded(_ side: Int) -> Int {
        var rounded = 1
        while rounded < side { rounded *= 2 }
        return rounded
    }

    /// Copies what of `part` lies within the image to the top left of a field of `size`.
    private static func copy(
        _ part: AppliedTransform.Box, of image: Image, to memory: UnsafeMutableRawBufferPointer, _ size: Size
    ) {
        let rows = max(0, -part.top)..<max(0, -part.top, min(part.height, image.height - part.top))
        let columns = max(0, -part.left)..<max(0, -part.left, min(part.width, image.width - part.left))
        guard !columns.isEmpty else { return }
        image.pixels.withUnsafeBytes { pixels in
            for row in rows {
                let from = ((part.top + row) * image.width + part.left + columns.lowerBound) * image.channels
                let to = (row * size.width + columns.lowerBound) * image.channels
                let line = UnsafeRawBufferPointer(rebasing: pixels[from..<from + columns.count * image.channels])
                UnsafeMutableRawBufferPointer(rebasing: memory[to...]).copyMemory(from: line)
            }
        }
    }
}
