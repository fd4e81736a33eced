/// Anchors: boxes of one size a level and several shapes, around every position of a feature pyramid (Ren et al., "Faster
/// R-CNN", NIPS 2015; Lin et al., "Feature Pyramid Networks for Object Detection", CVPR 2017).
public struct AnchorGrid: Sendable, Hashable {
    /// The square root of the area at each level, in pixels.
    public var sizes: [Double]
    /// Heights over widths.
    public var ratios: [Double]
    /// Whether the sides of anchors are rounded to whole pixels.
    public var roundsSides: Bool

    /// Anchors of these shapes; as published, not rounded.
    public init(sizes: [Double] = [32, 64, 128, 256, 512], ratios: [Double] = [0.5, 1, 2], roundsSides: Bool = false) {
        (self.sizes, self.ratios, self.roundsSides) = (sizes, ratios, roundsSides)
    }

    /// The anchors around the first position of a level, each as x0, y0, x1 and y1 in pixels.
    public func cell(_ level: Int) -> [SIMD4<Float>] {
        ratios.map { ratio in
            let width = Float((sizes[level] * sizes[level] / ratio).squareRoot())
            let height = Float(ratio) * width
            let box = SIMD4(-width / 2, -height / 2, width / 2, height / 2)
            return roundsSides ? box.rounded(.toNearestOrEven) : box
        }
    }

    /// All anchors of a level, row by row, at each position in the order of the ratios, each as x0, y0, x1 and y1 in pixels.
    ///
    /// - Parameters:
    ///   - level: the level.
    ///   - map: the height and width of its map, in positions.
    ///   - stride: the pixels from position to position, down and across.
    public func boxes(_ level: Int, map: (height: Int, width: Int), stride: (Double, Double)) -> [SIMD4<Float>] {
        let cell = cell(level)
        var boxes: [SIMD4<Float>] = []
        boxes.reserveCapacity(map.height * map.width * cell.count)
        for row in 0..<map.height {
            for column in 0..<map.width {
                let (x, y) = (Float(Double(column) * stride.1), Float(Double(row) * stride.0))
                for box in cell { boxes.append(box + SIMD4(x, y, x, y)) }
            }
        }
        return boxes
    }
}
