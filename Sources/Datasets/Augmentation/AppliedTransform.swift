import Foundation

/// One step of an augmentation with all its random choices made.
///
/// A list of these is what `Augmentation.sample` draws and what an executor applies, in order, to an image whose values
/// are in 0...1. `TransformExecutor` is the executor on the CPU; any other must give the same result. Names and
/// meanings follow torchvision's functional transforms on float tensors, where not stated otherwise.
///
/// `saturation`, `hue` and `grayscale` leave a one-channel image as it is.
public enum AppliedTransform: Sendable, Hashable {
    /// A part of an image in pixels from its top left.
    public struct Box: Sendable, Hashable {
        /// The first row and the first column, and the numbers of rows and columns.
        public var top, left, height, width: Int

        /// A box of `height` x `width` pixels. Whether it must lie within the image is up to the transform.
        public init(top: Int, left: Int, height: Int, width: Int) {
            (self.top, self.left, self.height, self.width) = (top, left, height, width)
        }
    }

    /// What stands in an erased box.
    public enum ErasingFill: Sendable, Hashable {
        /// One value, or one for each channel. On a one-channel image several values stand for their average.
        case values([Double])
        /// Standard normal deviates: those of `SeededGenerator(seed: seed)`, channel by channel, row by row.
        case noise(seed: UInt64)
    }

    /// Crops the box, which lies within the image, and resizes it to `height` x `width` (bilinear, antialiased).
    case resizedCrop(Box, height: Int, width: Int)
    /// Crops the box. It may reach outside the image, where it is 0.
    case crop(Box)
    /// Resizes the whole image to `height` x `width` (bilinear, antialiased).
    case resize(height: Int, width: Int)
    /// Mirrors left and right.
    case horizontalFlip
    /// Mirrors top and bottom.
    case verticalFlip
    /// Multiplies by a factor, then clamps to 0...1.
    case brightness(Double)
    /// Blends the image, weighing the factor, with the mean of its luma; clamps to 0...1.
    case contrast(Double)
    /// Blends the image, weighing the factor, with its luma; clamps to 0...1.
    case saturation(Double)
    /// Turns the hue by this part of the circle, in HSV.
    case hue(Double)
    /// Replaces each channel by the luma (0.2989, 0.587, 0.114).
    case grayscale
    /// Blurs with a Gaussian of `kernelSize` taps (odd), reflecting at the borders. `sigma` is in pixels. Where the
    /// image is smaller than the kernel it is reflected as often as needed.
    case gaussianBlur(kernelSize: Int, sigma: Double)
    /// Rotates, shears or moves the image; its size stays.
    case affine(AffineMap)
    /// Blends the image, weighing the factor, with a 3x3 smoothing of it; clamps to 0...1. The border stays, and so
    /// does an image with a side below 3.
    case sharpness(Double)
    /// Keeps the highest `bits` (0...8) of each value, seen as 8 bits.
    case posterize(bits: Int)
    /// Inverts the values from `threshold` up.
    case solarize(threshold: Double)
    /// Stretches each channel to 0...1; a constant channel stays.
    case autocontrast
    /// Equalises each channel's histogram over 8-bit values.
    case equalize
    /// Replaces each value v by 1 - v.
    case invert
    /// Overwrites the box, which lies within the image.
    case erase(Box, fill: ErasingFill)
    /// Subtracts `mean` and divides by `std`, each one value or one for each channel. On a one-channel image several values
    /// stand for their average.
    case normalize(mean: [Double], std: [Double])

    /// The height and width of an image of `height` x `width` after this step.
    public func outputSize(height: Int, width: Int) -> (height: Int, width: Int) {
        switch self {
        case .resizedCrop(_, let height, let width), .resize(let height, let width): (height, width)
        case .crop(let box): (box.height, box.width)
        default: (height, width)
        }
    }
}

extension AppliedTransform {
    /// The largest side of an output, in pixels.
    static let sideLimit = 16_384

    /// Why this step cannot be applied to an image of that shape; nil when it can.
    func problem(channels: Int, height: Int, width: Int) -> String? {
        switch self {
        case .resizedCrop(let box, let outHeight, let outWidth):
            return Self.problem(box, within: height, width) ?? Self.problem(height: outHeight, width: outWidth)
        case .crop(let box):
            let limit = 1 << 24
            guard abs(box.top.clamped(to: limit)) < limit, abs(box.left.clamped(to: limit)) < limit else {
                return "crop \(box.words) begins too far outside the image"
            }
            return Self.problem(height: box.height, width: box.width)
        case .resize(let outHeight, let outWidth):
            return Self.problem(height: outHeight, width: outWidth)
        case .horizontalFlip, .verticalFlip, .grayscale, .autocontrast, .equalize, .invert:
            return nil
        case .brightness(let value), .contrast(let value), .saturation(let value), .hue(let value),
            .sharpness(let value), .solarize(let value):
            return Float(value).isFinite ? nil : "\(self) needs a finite value"
        case .gaussianBlur(let kernelSize, let sigma):
            guard kernelSize > 0, kernelSize % 2 == 1, kernelSize <= Self.sideLimit else {
                return "the blur's kernel size (=\(kernelSize)) must be odd and in 1...\(Self.sideLimit)"
            }
            return sigma > 0 && sigma.isFinite ? nil : "the blur's sigma (=\(sigma)) must be positive"
        case .affine(let map):
            return map.isFinite ? nil : "the affine map \(map) has a value that is not finite"
        case .posterize(let bits):
            return (0...8).contains(bits) ? nil : "posterize bits (=\(bits)) must be in 0...8"
        case .erase(let box, let fill):
            if case .values(let values) = fill, let problem = Self.problem(values, "erase", channels: channels) {
                return problem
            }
            return Self.problem(box, within: height, width)
        case .normalize(let mean, let std):
            if let zero = std.first(where: { !($0 > 0) }) { return "normalize std (=\(zero)) must be positive" }
            return Self.problem(mean, "normalize mean", channels: channels)
                ?? Self.problem(std, "normalize std", channels: channels)
        }
    }

    private static func problem(_ box: Box, within height: Int, _ width: Int) -> String? {
        guard box.top >= 0, box.left >= 0, box.height > 0, box.width > 0, box.height <= height, box.width <= width,
            box.top <= height - box.height, box.left <= width - box.width
        else { return "the box \(box.words) does not lie within the image of \(width)x\(height) pixels" }
        return nil
    }

    private static func problem(height: Int, width: Int) -> String? {
        let sides = 1...sideLimit
        guard sides.contains(height), sides.contains(width) else {
            return "the size \(width)x\(height) is outside 1...\(sideLimit)"
        }
        return nil
    }

    private static func problem(_ values: [Double], _ what: String, channels: Int) -> String? {
        guard values.count == 1 || values.count == channels || (channels == 1 && !values.isEmpty) else {
            return "\(what) has \(values.count) values for an image of \(channels) channels; give 1 or \(channels)"
        }
        return values.allSatisfy { Float($0).isFinite } ? nil : "\(what) \(values) has a value that is not finite"
    }
}

extension AppliedTransform {
    /// One value for each channel of an image from values that `problem` let pass: several values on a one-channel
    /// image stand for their average.
    static func perChannel(_ values: [Double], channels: Int) -> [Float] {
        if values.count == channels { return values.map(Float.init) }
        let average = values.reduce(0, +) / Double(values.count)
        return [Float](repeating: Float(average), count: channels)
    }
}

extension AppliedTransform.Box {
    /// The box as messages name it.
    var words: String { "(top \(top), left \(left), height \(height), width \(width))" }
}

extension Int {
    /// The nearest value in -limit...limit.
    fileprivate func clamped(to limit: Int) -> Int { Swift.min(Swift.max(self, -limit), limit) }
}

/// Where each pixel of an affinely transformed image comes from.
///
/// The output at (x, y) shows the input at (`xx` x + `xy` y + `x0`, `yx` x + `yy` y + `y0`). Both are in pixels from
/// the image's centre, x to the right and y down. This is the *inverse* of the map that moves the image.
public struct AffineMap: Sendable, Hashable, Codable {
    /// The interpolation between pixels.
    public enum Interpolation: String, Sendable, Codable, CaseIterable {
        /// The value of the nearest pixel.
        case nearest
        /// The values of the four nearest pixels, weighed by how near they are.
        case bilinear
    }

    /// The coefficients of the input's x: of the output's x and y, and what is added.
    public var xx, xy, x0: Double
    /// The coefficients of the input's y: of the output's x and y, and what is added.
    public var yx, yy, y0: Double
    /// The interpolation between the input's pixels.
    public var interpolation: Interpolation
    /// What lies outside the image, in 0...1.
    public var fill: Double

    /// The map with these coefficients, taken as they are.
    public init(
        xx: Double, xy: Double, x0: Double, yx: Double, yy: Double, y0: Double,
        interpolation: Interpolation = .nearest, fill: Double = 0
    ) {
        (self.xx, self.xy, self.x0) = (xx, xy, x0)
        (self.yx, self.yy, self.y0) = (yx, yy, y0)
        self.interpolation = interpolation
        self.fill = fill
    }

    /// Shears by `shear`, rotates clockwise by `angle` and scales about `center`, then moves by `translation`:
    /// torchvision's `affine`.
    ///
    /// - Parameters:
    ///   - angle: in degrees.
    ///   - translation: in pixels, to the right and down.
    ///   - scale: not 0.
    ///   - shear: in degrees along x and y, less than 90.
    ///   - center: in pixels from the image's centre.
    ///   - interpolation: how to read between pixels.
    ///   - fill: what lies outside the image, in 0...1.
    public init(
        angle: Double = 0, translation: (x: Double, y: Double) = (0, 0), scale: Double = 1,
        shear: (x: Double, y: Double) = (0, 0), center: (x: Double, y: Double) = (0, 0),
        interpolation: Interpolation = .nearest, fill: Double = 0
    ) {
        let radians = Double.pi / 180
        let (rotation, shearX, shearY) = (angle * radians, shear.x * radians, shear.y * radians)
        // The forward map is T C R Sy Sx C^-1; these are R Sy Sx.
        let a = cos(rotation - shearY) / cos(shearY)
        let b = -cos(rotation - shearY) * tan(shearX) / cos(shearY) - sin(rotation)
        let c = sin(rotation - shearY) / cos(shearY)
        let d = -sin(rotation - shearY) * tan(shearX) / cos(shearY) + cos(rotation)
        // Its determinant is 1 before scaling, so the inverse needs no division but by the scale.
        let (xx, xy, yx, yy) = (d / scale, -b / scale, -c / scale, a / scale)
        let (moveX, moveY) = (center.x + translation.x, center.y + translation.y)
        self.init(
            xx: xx, xy: xy, x0: center.x - xx * moveX - xy * moveY,
            yx: yx, yy: yy, y0: center.y - yx * moveX - yy * moveY,
            interpolation: interpolation, fill: fill)
    }

    /// Whether every coefficient and the fill are finite as single-precision numbers.
    var isFinite: Bool {
        [xx, xy, x0, yx, yy, y0, fill].allSatisfy { Float($0).isFinite }
    }
}
