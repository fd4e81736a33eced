import Support

extension Augmentation {
    /// The image as a network sees it but for normalisation, which is left out; random choices are those of the first
    /// image of a loader whose seed is 0.
    ///
    /// - Parameter image: the image.
    /// - Throws: `AugmentationError` when a step does not fit the image.
    public func seen(_ image: Image) throws -> Image {
        let steps = sample(width: image.width, height: image.height, seed: 0, epoch: 0, index: 0, view: 0).filter {
            if case .normalize = $0 { false } else { true }
        }
        let size = steps.reduce((height: image.height, width: image.width)) {
            $1.outputSize(height: $0.height, width: $0.width)
        }
        var values = [Float](repeating: 0, count: size.height * size.width * image.channels)
        try values.withUnsafeMutableBufferPointer {
            try TransformExecutor().apply(steps, to: image, into: $0, layout: .nhwc)
        }
        return Image(
            width: size.width, height: size.height, channels: image.channels,
            pixels: values.map { UInt8(min(max($0 * 255 + 0.5, 0), 255)) })
    }
}
