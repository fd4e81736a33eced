import Support

/// The random choices by which the images of a batch, and their labels, are mixed with one another.
///
/// Sample i is mixed with sample `permutation[i]`. Its label counts `lambda`, the other's 1 - `lambda`.
public struct MixParameters: Sendable, Hashable {
    /// The way in which two images become one.
    public enum Kind: Sendable, Hashable {
        /// The image becomes lambda * own + (1 - lambda) * other. Zhang et al., "mixup", 2018.
        case mixup
        /// The box comes from the other image, the rest from the own. The box may be empty. Yun et al., "CutMix", 2019.
        case cutmix(AppliedTransform.Box)
    }

    /// Whether whole images are blended or a box is pasted, and which box.
    public let kind: Kind
    /// The own image's weight, in 0...1. For cutmix, the part of the area that stays after the box was cut at the
    /// borders.
    public let lambda: Double
    /// The sample that each is mixed with, one index for each of the batch.
    public let permutation: [Int]

    /// Draws lambda from Beta(alpha, alpha) and a random pairing of `count` samples.
    ///
    /// - Throws: `AugmentationError` when `alpha` is not positive or `count` is negative.
    public static func mixup(
        alpha: Double, count: Int, using generator: inout SeededGenerator
    ) throws -> MixParameters {
        try check(alpha: alpha, count: count)
        let lambda = generator.beta(alpha, alpha)
        return MixParameters(kind: .mixup, lambda: lambda, permutation: generator.permutation(count))
    }

    /// Draws a box of 1 - lambda of the area, lambda from Beta(alpha, alpha), around a uniform centre, and a random
    /// pairing of `count` samples.
    ///
    /// - Throws: `AugmentationError` when `alpha` is not positive, `width` or `height` is outside 1...16384, or `count`
    ///   is negative.
    public static func cutmix(
        alpha: Double, count: Int, width: Int, height: Int, using generator: inout SeededGenerator
    ) throws -> MixParameters {
        try check(alpha: alpha, count: count)
        let sides = 1...AppliedTransform.sideLimit
        guard sides.contains(width), sides.contains(height) else {
            throw AugmentationError("cutmix: the size \(width)x\(height) is outside \(sides)")
        }
        let half = 0.5 * (1 - generator.beta(alpha, alpha)).squareRoot()
        let (halfWidth, halfHeight) = (Int(half * Double(width)), Int(half * Double(height)))
        let (x, y) = (generator.below(width), generator.below(height))
        let (left, right) = (max(0, x - halfWidth), min(width, x + halfWidth))
        let (top, bottom) = (max(0, y - halfHeight), min(height, y + halfHeight))
        let box = AppliedTransform.Box(top: top, left: left, height: bottom - top, width: right - left)
        let lambda = 1 - Double(box.width * box.height) / Double(width * height)
        return MixParameters(kind: .cutmix(box), lambda: lambda, permutation: generator.permutation(count))
    }

    /// Throws what is wrong with parameters that both kinds have.
    private static func check(alpha: Double, count: Int) throws {
        var problems: [String] = []
        if !(alpha > 0 && alpha.isFinite) { problems.append("mixing: alpha (=\(alpha)) must be positive") }
        if count < 0 { problems.append("mixing: count (=\(count)) must not be negative") }
        guard problems.isEmpty else { throw AugmentationError(problems: problems) }
    }
}
