import Foundation
import Support

/// What a detector's head is, as data: from it a head is built without the images that it learned from.
public struct DetectorDescription: Codable, Sendable, Hashable {
    /// The number of classes, without the background.
    public var classes: Int
    /// Whether it finds the pixels of objects as well.
    public var hasMasks: Bool
    /// The settings.
    public var options: DetectorOptions

    /// Describes a detector.
    public init(classes: Int, hasMasks: Bool, options: DetectorOptions = DetectorOptions()) {
        (self.classes, self.hasMasks, self.options) = (classes, hasMasks, options)
    }

    /// The pixels along a side of one position of each map that the head takes, the finest first.
    public static let strides = [4, 8, 16, 32]
    /// The names of these maps.
    public static let maps = ["C2", "C3", "C4", "C5"]
    /// The positions along a side of what is pooled from a box for its class.
    public static let boxSide = 7
    /// The largest logarithm of a ratio of sides that boxes are decoded with.
    public static let largestLogarithm = log(1000.0 / 16)
    /// The height and width of masks.
    public static let maskSide = 28

    /// What is out of range, in words; empty where nothing is. A description may come from a file that somebody edited.
    public var problems: [String] {
        var problems: [String] = []
        func check(_ value: Int, _ name: String, _ range: ClosedRange<Int>) {
            if !range.contains(value) { problems.append("\(name) (=\(value)) must be in \(range)") }
        }
        func check(_ values: [Double], _ name: String, _ range: ClosedRange<Double>) {
            for value in values where !range.contains(value) {
                problems.append("\(name) (=\(value)) must be in \(range)")
            }
        }
        let (proposals, regions) = (options.proposals, options.regions)
        check(classes, "classes", 1...65_535)
        check(options.width, "width", 1...4096)
        check(options.maskConvolutions, "maskConvolutions", 0...32)
        check(proposals.sizes.count, "sizes of anchors, their number", 5...5)
        check(proposals.ratios.count, "ratios of anchors, their number", 1...32)
        check(proposals.before.count, "before, its numbers", 2...2)
        check(proposals.after.count, "after, its numbers", 2...2)
        for count in proposals.before + proposals.after { check(count, "proposals", 1...100_000) }
        check(proposals.samples, "samples of anchors", 1...100_000)
        check(regions.samples, "samples of regions", 1...100_000)
        check(regions.convolutions, "convolutions", 0...32)
        check(regions.hidden, "hidden", 0...32)
        check(regions.hiddenWidth, "hiddenWidth", 1...16_384)
        check(regions.binSamples, "binSamples", 0...16)
        check(regions.findings, "findings", 1...10_000)
        check(proposals.sizes + proposals.ratios, "sizes and ratios of anchors", 1e-3...1e5)
        check(
            [
                proposals.high, proposals.low, proposals.share, proposals.overlap, regions.overlap, regions.share,
                regions.leastScore, regions.findingOverlap,
            ], "shares and overlaps", 0...1)
        check([proposals.beta, regions.beta, proposals.leastSide, regions.leastSide], "beta and least sides", 0...1e6)
        return problems
    }
}

extension DetectorDescription {
    /// The cost of the head for one image: the pyramid and the proposals at all levels, the box head on as many proposals as are
    /// kept for evaluation, and the mask head on as many findings. What is done without convolutions and matrix products is
    /// not counted.
    ///
    /// - Parameters:
    ///   - channels: the channels of the four maps of the backbone, the finest first.
    ///   - imageSize: the size of the images, in pixels, as multiples of 32.
    public func cost(channels: [Int], imageSize: ImageSize) -> Cost {
        var cost = Cost()
        let width = options.width
        func layer(
            _ inputs: Int, _ outputs: Int, kernel: Int, positions: Int, isNormed: Bool, relu: Bool, once: Bool = true
        ) {
            let weights = inputs * outputs * kernel * kernel
            let values = outputs * positions
            cost += Cost(
                parameters: once ? weights + (isNormed ? 2 * outputs : outputs) : 0, multiplyAdds: weights * positions,
                paperOperations: weights * positions + (isNormed ? 2 : 1) * values + (relu ? values : 0))
        }
        func positions(_ stride: Int) -> Int {
            ((imageSize.height + stride - 1) / stride) * ((imageSize.width + stride - 1) / stride)
        }
        for (inputs, stride) in zip(channels, Self.strides) {
            layer(inputs, width, kernel: 1, positions: positions(stride), isNormed: options.isNormed, relu: false)
            layer(width, width, kernel: 3, positions: positions(stride), isNormed: options.isNormed, relu: false)
        }
        let ratios = options.proposals.ratios.count
        for (level, stride) in (Self.strides + [64]).enumerated() {
            // One network for all levels.
            for (outputs, kernel, relu) in [(width, 3, true), (ratios, 1, false), (4 * ratios, 1, false)] {
                layer(
                    width, outputs, kernel: kernel, positions: positions(stride), isNormed: false, relu: relu,
                    once: level == 0)
            }
        }
        let regions = options.regions
        let side = Self.boxSide
        func regional(_ count: Int, _ inputs: Int, _ outputs: Int, kernel: Int, side: Int, isNormed: Bool, relu: Bool) {
            layer(inputs, outputs, kernel: kernel, positions: count * side * side, isNormed: isNormed, relu: relu)
        }
        let kept = options.proposals.after[1]
        for _ in 0..<regions.convolutions {
            regional(kept, width, width, kernel: 3, side: side, isNormed: options.isNormed, relu: true)
        }
        var inputs = width * side * side
        for _ in 0..<regions.hidden {
            regional(kept, inputs, regions.hiddenWidth, kernel: 1, side: 1, isNormed: false, relu: true)
            inputs = regions.hiddenWidth
        }
        regional(kept, inputs, classes + 1, kernel: 1, side: 1, isNormed: false, relu: false)
        let boxes = classes + (regions.backgroundFirst ? 1 : 0)
        regional(kept, inputs, 4 * boxes, kernel: 1, side: 1, isNormed: false, relu: false)
        guard hasMasks else { return cost }
        let small = Self.maskSide / 2
        for _ in 0..<options.maskConvolutions {
            regional(regions.findings, width, width, kernel: 3, side: small, isNormed: options.isNormed, relu: true)
        }
        // Each position becomes four, through a matrix of its own.
        let upsampled = width * width * 4
        let count = regions.findings * small * small
        cost += Cost(
            parameters: upsampled + width, multiplyAdds: upsampled * count,
            paperOperations: upsampled * count + 2 * width * 4 * count)
        regional(
            regions.findings, width, boxes, kernel: 1, side: Self.maskSide, isNormed: false, relu: false)
        return cost
    }
}
