import Architectures
import Foundation
import Support

/// A rectangle as x0, y0, x1 and y1 in pixels of the image as the network sees it.
public typealias Box = SIMD4<Float>

extension SIMD4<Float> {
    var boxWidth: Float { self[2] - self[0] }
    var boxHeight: Float { self[3] - self[1] }
    var boxArea: Float { boxWidth * boxHeight }

    /// The intersection over the union; 0 where nothing is shared.
    func overlap(_ other: Box) -> Float {
        let width = Swift.max(Swift.min(self[2], other[2]) - Swift.max(self[0], other[0]), 0)
        let height = Swift.max(Swift.min(self[3], other[3]) - Swift.max(self[1], other[1]), 0)
        let shared = width * height
        return shared > 0 ? shared / (boxArea + other.boxArea - shared) : 0
    }

    /// The part within an image.
    func clipped(_ size: ImageSize) -> Box {
        let (width, height) = (Float(size.width), Float(size.height))
        return Box(
            Swift.min(Swift.max(self[0], 0), width), Swift.min(Swift.max(self[1], 0), height),
            Swift.min(Swift.max(self[2], 0), width), Swift.min(Swift.max(self[3], 0), height))
    }
}

/// The differences between two boxes as a network learns them: of the centres, in sides of the first box, and the logarithms
/// of the ratios of the sides, each times a weight (Girshick et al., "Rich feature hierarchies for accurate object
/// detection and semantic segmentation", CVPR 2014).
public struct BoxCoder: Sendable, Hashable {
    /// The weights of x, y, width and height.
    public var weights: SIMD4<Float>
    /// The largest logarithm of a ratio of sides that is decoded.
    public static let largest = Float(DetectorDescription.largestLogarithm)

    /// A coder with these weights.
    public init(weights: SIMD4<Float>) { self.weights = weights }

    /// How a box differs from an anchor, which must have an area.
    public func encoded(_ box: Box, from anchor: Box) -> SIMD4<Float> {
        let (width, height) = (anchor.boxWidth, anchor.boxHeight)
        let x = anchor[0] + 0.5 * width, y = anchor[1] + 0.5 * height
        let boxX = box[0] + 0.5 * box.boxWidth, boxY = box[1] + 0.5 * box.boxHeight
        return weights
            * SIMD4(
                (boxX - x) / width, (boxY - y) / height, logf(box.boxWidth / width), logf(box.boxHeight / height))
    }

    /// The box that differs so from an anchor.
    public func decoded(_ deltas: SIMD4<Float>, on anchor: Box) -> Box {
        let (width, height) = (anchor.boxWidth, anchor.boxHeight)
        let x = anchor[0] + 0.5 * width, y = anchor[1] + 0.5 * height
        let d = deltas / weights
        let centre = (d[0] * width + x, d[1] * height + y)
        let half = (
            0.5 * (expf(min(d[2], Self.largest)) * width), 0.5 * (expf(min(d[3], Self.largest)) * height)
        )
        return Box(centre.0 - half.0, centre.1 - half.1, centre.0 + half.0, centre.1 + half.1)
    }
}
