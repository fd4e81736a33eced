import CPixels
import Support

/// The layout of a batch of images in memory.
public enum PixelLayout: String, Sendable, Codable, CaseIterable {
    /// One plane for each channel: [N, C, H, W].
    case nchw
    /// Channels last: [N, H, W, C].
    case nhwc
}

/// Applies sampled transforms to images, on the CPU.
///
/// Keeps its scratch memory from image to image, so use one executor for many images and not from two threads at once.
/// Results do not depend on the processor: every instruction set gives the same bits.
public final class TransformExecutor {
    private let workspace: OpaquePointer
    /// The image as it stands, and where the next step that cannot work in place writes.
    private var front = Planes()
    private var back = Planes()
    private var channels = 0
    private var height = 0
    private var width = 0

    /// An executor that has not seen an image yet.
    ///
    /// - Throws: `AugmentationError` when memory is out.
    public init() throws {
        guard let workspace = px_workspace_create() else { throw Self.outOfMemory }
        self.workspace = workspace
    }

    deinit {
        px_workspace_destroy(workspace)
        front.release()
        back.release()
    }

    /// Applies `transforms` in order and writes the result.
    ///
    /// - Parameters:
    ///   - transforms: sampled steps, each of which works on the result of the one before.
    ///   - image: its bytes become 0...1 first.
    ///   - output: exactly channels x height x width values of the result.
    ///   - layout: [C, H, W] or [H, W, C].
    /// - Throws: `AugmentationError` when a step does not fit the image, or the result the output.
    public func apply(
        _ transforms: [AppliedTransform], to image: Image,
        into output: UnsafeMutableBufferPointer<Float>, layout: PixelLayout = .nchw
    ) throws {
        guard image.width > 0, image.height > 0, image.width <= Self.sourceLimit, image.height <= Self.sourceLimit
        else {
            throw AugmentationError(
                "an image of \(image.width)x\(image.height) pixels: each side must be in 1...\(Self.sourceLimit)")
        }
        (channels, height, width) = (image.channels, image.height, image.width)
        // A normalisation at the end is done while writing.
        var steps = transforms[...]
        var (mean, std): ([Double], [Double]) = ([0], [1])
        if case .normalize(let lastMean, let lastStd)? = steps.last {
            steps.removeLast()
            (mean, std) = (lastMean, lastStd)
        }
        try image.pixels.withUnsafeBufferPointer { pixels in
            guard let bytes = pixels.baseAddress else { throw AugmentationError("an image without pixels") }
            steps = try load(bytes, steps)
        }
        for step in steps {
            if let problem = step.problem(channels: channels, height: height, width: width) {
                throw AugmentationError(problem)
            }
            try perform(step)
        }
        let last = AppliedTransform.normalize(mean: mean, std: std)
        if let problem = last.problem(channels: channels, height: height, width: width) {
            throw AugmentationError(problem)
        }
        guard let target = output.baseAddress, output.count == channels * plane else {
            throw AugmentationError(
                "the result is \(width)x\(height)x\(channels) = \(channels * plane) values; the output has room for "
                    + "\(output.count)")
        }
        write(mean: mean, std: std, to: target, layout: layout)
    }

    // MARK: -

    /// The largest side of an image that is read.
    private static let sourceLimit = 1 << 24

    private static var outOfMemory: AugmentationError { AugmentationError("out of memory") }

    private var plane: Int { height * width }
    private var count: Int { channels * plane }

    /// Turns the bytes into planes; a crop or resize that comes first is done on the way. Returns the steps left.
    private func load(
        _ bytes: UnsafePointer<UInt8>, _ steps: ArraySlice<AppliedTransform>
    ) throws -> ArraySlice<AppliedTransform> {
        let whole = AppliedTransform.Box(top: 0, left: 0, height: height, width: width)
        if let first = steps.first, first.problem(channels: channels, height: height, width: width) == nil {
            switch first {
            case .resizedCrop(let box, let outHeight, let outWidth):
                try resize(bytes, box, outHeight, outWidth)
                return steps.dropFirst()
            case .resize(let outHeight, let outWidth):
                try resize(bytes, whole, outHeight, outWidth)
                return steps.dropFirst()
            case .crop(let box):
                try crop(bytes, box)
                return steps.dropFirst()
            default: break
            }
        }
        try crop(bytes, whole)
        return steps
    }

    private func resize(
        _ bytes: UnsafePointer<UInt8>, _ box: AppliedTransform.Box, _ outHeight: Int, _ outWidth: Int
    ) throws {
        let out = try front.room(for: channels * outHeight * outWidth)
        let status = px_resize_u8(
            workspace, bytes, Int32(channels), Int32(height), Int32(width), Int32(box.top), Int32(box.left),
            Int32(box.height), Int32(box.width), Int32(outHeight), Int32(outWidth), 1, out)
        guard status == 0 else { throw Self.outOfMemory }
        (height, width) = (outHeight, outWidth)
    }

    private func crop(_ bytes: UnsafePointer<UInt8>, _ box: AppliedTransform.Box) throws {
        let out = try front.room(for: channels * box.height * box.width)
        px_crop_u8(
            bytes, Int32(channels), Int32(height), Int32(width), Int32(box.top), Int32(box.left), Int32(box.height),
            Int32(box.width), out)
        (height, width) = (box.height, box.width)
    }

    /// Does one step on the planes. Its parameters have been checked.
    private func perform(_ step: AppliedTransform) throws {
        let image = try front.room(for: count)
        let isColor = channels == 3
        switch step {
        case .resizedCrop(let box, let outHeight, let outWidth):
            try resize(box, outHeight, outWidth)
        case .resize(let outHeight, let outWidth):
            try resize(.init(top: 0, left: 0, height: height, width: width), outHeight, outWidth)
        case .crop(let box):
            let out = try back.room(for: channels * box.height * box.width)
            px_crop_f32(
                image, Int32(channels), Int32(height), Int32(width), Int32(box.top), Int32(box.left),
                Int32(box.height), Int32(box.width), out)
            (height, width) = (box.height, box.width)
            swap(&front, &back)
        case .horizontalFlip: px_flip_horizontal(image, Int32(channels), Int32(height), Int32(width))
        case .verticalFlip: px_flip_vertical(image, Int32(channels), Int32(height), Int32(width))
        case .brightness(let factor): px_brightness(image, count, Float(factor))
        case .contrast(let factor): px_contrast(image, Int32(channels), plane, Float(factor))
        case .saturation(let factor): if isColor { px_saturation(image, plane, Float(factor)) }
        case .hue(let shift): if isColor { px_hue(image, plane, Float(shift)) }
        case .grayscale: if isColor { px_grayscale(image, plane) }
        case .gaussianBlur(let kernelSize, let sigma):
            let out = try back.room(for: count)
            let status = px_gaussian_blur(
                workspace, image, Int32(channels), Int32(height), Int32(width), Int32(kernelSize), sigma, out)
            guard status == 0 else { throw Self.outOfMemory }
            swap(&front, &back)
        case .affine(let map):
            let out = try back.room(for: count)
            let matrix = [map.xx, map.xy, map.x0, map.yx, map.yy, map.y0].map(Float.init)
            px_affine(
                image, Int32(channels), Int32(height), Int32(width), matrix,
                map.interpolation == .bilinear ? 1 : 0, Float(map.fill), out)
            swap(&front, &back)
        case .sharpness(let factor):
            let out = try back.room(for: count)
            px_sharpness(image, Int32(channels), Int32(height), Int32(width), Float(factor), out)
            swap(&front, &back)
        case .posterize(let bits): px_posterize(image, count, Int32(bits))
        case .solarize(let threshold): px_solarize(image, count, Float(threshold))
        case .autocontrast: px_autocontrast(image, Int32(channels), plane)
        case .equalize: px_equalize(image, Int32(channels), plane)
        case .invert: px_invert(image, count)
        case .erase(let box, let fill): erase(image, box, fill)
        case .normalize(let mean, let std):
            px_normalize_planar(image, Int32(channels), plane, perChannel(mean), perChannel(std), image)
        }
    }

    private func resize(_ box: AppliedTransform.Box, _ outHeight: Int, _ outWidth: Int) throws {
        let image = try front.room(for: count)
        let out = try back.room(for: channels * outHeight * outWidth)
        let status = px_resize_f32(
            workspace, image, Int32(channels), Int32(height), Int32(width), Int32(box.top), Int32(box.left),
            Int32(box.height), Int32(box.width), Int32(outHeight), Int32(outWidth), 1, out)
        guard status == 0 else { throw Self.outOfMemory }
        (height, width) = (outHeight, outWidth)
        swap(&front, &back)
    }

    private func erase(
        _ image: UnsafeMutablePointer<Float>, _ box: AppliedTransform.Box, _ fill: AppliedTransform.ErasingFill
    ) {
        switch fill {
        case .values(let values):
            for (channel, value) in perChannel(values).enumerated() {
                px_fill_box(
                    image + channel * plane, Int32(width), Int32(box.top), Int32(box.left), Int32(box.height),
                    Int32(box.width), value)
            }
        case .noise(let seed):
            var generator = SeededGenerator(seed: seed)
            for channel in 0..<channels {
                for y in box.top..<(box.top + box.height) {
                    for x in box.left..<(box.left + box.width) {
                        image[channel * plane + y * width + x] = Float(generator.normal())
                    }
                }
            }
        }
    }

    private func perChannel(_ values: [Double]) -> [Float] {
        AppliedTransform.perChannel(values, channels: channels)
    }

    private func write(
        mean: [Double], std: [Double], to output: UnsafeMutablePointer<Float>, layout: PixelLayout
    ) {
        guard let image = front.memory else { return }
        let (mean, std) = (perChannel(mean), perChannel(std))
        switch layout {
        case .nchw: px_normalize_planar(image, Int32(channels), plane, mean, std, output)
        case .nhwc: px_normalize_interleaved(image, Int32(channels), plane, mean, std, output)
        }
    }

    /// Memory for one image; its contents are lost when it grows.
    private struct Planes {
        private(set) var memory: UnsafeMutablePointer<Float>?
        private var capacity = 0

        /// The memory, with room for at least `count` values.
        mutating func room(for count: Int) throws -> UnsafeMutablePointer<Float> {
            if let memory, capacity >= count { return memory }
            release()
            guard let raw = px_allocate(count * MemoryLayout<Float>.stride) else { throw outOfMemory }
            let fresh = raw.bindMemory(to: Float.self, capacity: count)
            memory = fresh
            capacity = count
            return fresh
        }

        mutating func release() {
            px_release(memory)
            memory = nil
            capacity = 0
        }
    }
}
