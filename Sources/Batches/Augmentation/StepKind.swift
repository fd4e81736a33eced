import Datasets
import Torch

/// What steps must share to be done together: the operation, and the parameters that cannot differ within a tensor.
enum StepKind: Hashable {
    case resize(height: Int, width: Int)
    case crop(height: Int, width: Int)
    case horizontalFlip, verticalFlip
    case brightness, contrast, saturation, hue, grayscale
    case gaussianBlur, sharpness
    case affine(AffineMap.Interpolation, isFilled: Bool)
    case posterize, solarize, autocontrast, equalize, invert
    case eraseWithValues, eraseWithNoise
    case normalize

    init(_ step: AppliedTransform) {
        switch step {
        case .resizedCrop(_, let height, let width), .resize(let height, let width):
            self = .resize(height: height, width: width)
        case .crop(let box): self = .crop(height: box.height, width: box.width)
        case .horizontalFlip: self = .horizontalFlip
        case .verticalFlip: self = .verticalFlip
        case .brightness: self = .brightness
        case .contrast: self = .contrast
        case .saturation: self = .saturation
        case .hue: self = .hue
        case .grayscale: self = .grayscale
        case .gaussianBlur: self = .gaussianBlur
        case .affine(let map): self = .affine(map.interpolation, isFilled: Float(map.fill) != 0)
        case .sharpness: self = .sharpness
        case .posterize: self = .posterize
        case .solarize: self = .solarize
        case .autocontrast: self = .autocontrast
        case .equalize: self = .equalize
        case .invert: self = .invert
        case .erase(_, .values): self = .eraseWithValues
        case .erase(_, .noise): self = .eraseWithNoise
        case .normalize: self = .normalize
        }
    }

    /// The elements that one image of that shape needs in this step.
    func elementCount(channels: Int, height: Int, width: Int) -> Int {
        let image = channels * height * width
        switch self {
        case .resize(let outHeight, let outWidth):
            return image + outHeight * height + outWidth * width + channels * height * outWidth
        case .gaussianBlur: return image + height * height + width * width
        default: return image
        }
    }

    /// Does the steps, each of this kind and fit for its image, on `images` [N, C, H, W]; N is `steps.count`.
    func perform(_ steps: [AppliedTransform], on images: Tensor) throws -> Tensor {
        let (channels, height, width) = (images.size(1), images.size(2), images.size(3))
        switch self {
        case .resize(let outHeight, let outWidth):
            let whole = AppliedTransform.Box(top: 0, left: 0, height: height, width: width)
            return try images.resized(steps.map { $0.box ?? whole }, outHeight, outWidth)
        case .crop: return try images.cropped(steps.compactMap(\.box))
        case .horizontalFlip: return try images.flipped([3])
        case .verticalFlip: return try images.flipped([2])
        case .brightness: return try images.brightened(steps.compactMap(\.amount))
        case .contrast: return try images.contrasted(steps.compactMap(\.amount))
        case .saturation: return try images.saturated(steps.compactMap(\.amount))
        case .hue: return try images.hueTurned(steps.compactMap(\.amount))
        case .grayscale: return try images.luma().expanded([-1, 3, -1, -1]).contiguous()
        case .gaussianBlur: return try images.blurred(steps.compactMap(\.blur))
        case .affine: return try images.warped(steps.compactMap(\.map))
        case .sharpness: return try images.sharpened(steps.compactMap(\.amount))
        case .posterize: return try images.posterized(steps.compactMap(\.amount))
        case .solarize: return try images.solarized(steps.compactMap(\.amount))
        case .autocontrast: return try images.autocontrasted()
        case .equalize: return try images.equalized()
        case .invert: return try 1 - images
        case .eraseWithValues:
            return try images.erased(steps.compactMap(\.box), values: steps.map { $0.fillValues(channels: channels) })
        case .eraseWithNoise: return try images.erased(steps.compactMap(\.box), seeds: steps.compactMap(\.noiseSeed))
        case .normalize:
            let moments = steps.compactMap { $0.moments(channels: channels) }
            return try images.normalized(mean: moments.map(\.mean), std: moments.map(\.std))
        }
    }
}

/// The parameters of a step, by what they are. Nil for steps that have none of the sort.
extension AppliedTransform {
    fileprivate var box: Box? {
        switch self {
        case .resizedCrop(let box, _, _), .crop(let box), .erase(let box, _): box
        default: nil
        }
    }

    /// A factor, a part of the circle, a threshold or a number of bits.
    fileprivate var amount: Float? {
        switch self {
        case .brightness(let value), .contrast(let value), .saturation(let value), .hue(let value),
            .sharpness(let value), .solarize(let value):
            Float(value)
        case .posterize(let bits): Float(bits)
        default: nil
        }
    }

    fileprivate var blur: (kernelSize: Int, sigma: Double)? {
        if case .gaussianBlur(let kernelSize, let sigma) = self { (kernelSize, sigma) } else { nil }
    }

    fileprivate var map: AffineMap? { if case .affine(let map) = self { map } else { nil } }

    fileprivate var noiseSeed: UInt64? { if case .erase(_, .noise(let seed)) = self { seed } else { nil } }

    fileprivate func fillValues(channels: Int) -> [Float] {
        guard case .erase(_, .values(let values)) = self else { return [Float](repeating: 0, count: channels) }
        return Self.perChannel(values, channels: channels)
    }

    fileprivate func moments(channels: Int) -> (mean: [Float], std: [Float])? {
        guard case .normalize(let mean, let std) = self else { return nil }
        return (Self.perChannel(mean, channels: channels), Self.perChannel(std, channels: channels))
    }
}
