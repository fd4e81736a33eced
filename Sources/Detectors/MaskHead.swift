import Architectures
import Datasets
import NN
import Support
import Torch

/// The head that says which pixels of a box are its object's (He et al., "Mask R-CNN", ICCV 2017). Keys: `mask_fcn1`, …,
/// `deconv` and `predictor`.
struct MaskHead {
    private let convolutions: [HeadConvolution]
    private let deconvolution: (weight: Tensor, bias: Tensor)
    private let predictor: Conv2d
    private let options: DetectorOptions
    private let pooling: RegionPooling

    init(_ scope: Scope, width: Int, classes: Int, _ options: DetectorOptions) throws {
        convolutions = try (0..<options.maskConvolutions).map { number in
            try HeadConvolution(
                scope / "mask_fcn\(number + 1)", width, width, kernel: 3, isNormed: options.isNormed, relu: true,
                initializer: .kaimingNormal(fan: .output, slope: 0))
        }
        let place = scope / "deconv"
        deconvolution = (
            try place.parameter("weight", [width, width, 2, 2], .kaimingNormal(fan: .output, slope: 0)),
            try place.parameter("bias", [width], .zeros)
        )
        predictor = try Conv2d(
            scope / "predictor", width, classes + (options.regions.backgroundFirst ? 1 : 0), kernel: 1,
            initializer: .normal(mean: 0, deviation: 0.001), biasInitializer: .zeros)
        self.options = options
        pooling = RegionPooling(size: FoundObject.maskSide / 2, options: options.regions)
    }

    /// The logits of boxes with known classes, [boxes, 28, 28].
    private func logits(_ maps: [Tensor], _ boxes: [[Box]], labels: [Int], _ mode: Mode) throws -> Tensor {
        var x = try pooling(maps, boxes)
        for convolution in convolutions { x = try convolution(x, mode) }
        x = try x.transposedConvolved(deconvolution.weight, bias: deconvolution.bias, stride: 2).relu()
        let all = try predictor(x).to(.float32)
        let side = FoundObject.maskSide
        let channels = all.shape[1]
        let rows = labels.enumerated().map { Int64($0 * channels + $1 + (options.regions.backgroundFirst ? 1 : 0)) }
        return try all.reshaped([-1, side, side]).indexed(by: Tensor(rows, shape: [rows.count]).to(all.device))
    }

    /// The mean binary cross-entropy over the pixels of the boxes that are of objects; 0 where there is none.
    ///
    /// - Parameters:
    ///   - regions: the proposals of each image that are of objects.
    ///   - labels: the classes of each image's objects.
    ///   - masks: the masks of each image's objects, in pixels of the image as the network sees it.
    ///   - sizes: the sizes of the images.
    func loss(
        _ maps: [Tensor], _ regions: [[RegionTarget]], labels: [[Int]], masks: [[Mask]], _ sizes: [ImageSize],
        _ mode: Mode
    ) throws -> Tensor {
        var (own, targets): ([Int], [Float]) = ([], [])
        for (image, regions) in regions.enumerated() {
            var cached: [Int: RunLengths] = [:]
            for region in regions {
                guard let object = region.object else { continue }
                own.append(labels[image][object])
                targets += try target(masks[image][object], in: region.box, sizes[image], &cached, object)
            }
        }
        let side = FoundObject.maskSide
        let boxes = regions.map { $0.filter { $0.object != nil }.map(\.box) }
        guard !own.isEmpty else {
            // Every tensor of the head still has a gradient, of zero.
            let one = try logits(maps, [[Box(0, 0, 1, 1)]] + regions.dropFirst().map { _ in [] }, labels: [0], mode)
            return try one.sum() * 0
        }
        let found = try logits(maps, boxes, labels: own, mode)
        let target = try Tensor(targets, shape: [own.count, side, side]).to(found.device)
        return try found.binaryCrossEntropySum(target) * (1 / Double(own.count * side * side))
    }

    /// What the pixels of a box are to learn, row by row.
    private func target(
        _ mask: Mask, in box: Box, _ size: ImageSize, _ cached: inout [Int: RunLengths], _ object: Int
    ) throws -> [Float] {
        let side = FoundObject.maskSide
        if case .polygons(let polygons) = mask, !options.fractionalMasks {
            let scale = SIMD2(
                Double(side) / Double(max(box.boxWidth, 0.1)), Double(side) / Double(max(box.boxHeight, 0.1)))
            let corner = SIMD2(Double(box[0]), Double(box[1]))
            let moved = polygons.map { $0.map { ($0 - corner) * scale } }
            return RunLengths(polygons: moved, height: side, width: side).pixels.map { Float($0) }
        }
        let runs = cached[object] ?? mask.runLengths(height: size.height, width: size.width)
        cached[object] = runs
        let bitmap = try Tensor(runs.pixels.map { Float($0) }, shape: [1, 1, runs.height, runs.width])
        let place = try Tensor([0, box[0], box[1], box[2], box[3]], shape: [1, 5])
        let values = try bitmap.roiAligned(
            place, scale: 1, size: (side, side), aligned: !options.fractionalMasks
        ).array(Float.self)
        return options.fractionalMasks ? values : values.map { $0 >= 0.5 ? 1 : 0 }
    }

    /// The findings with their masks.
    func masked(_ findings: [[FoundObject]], _ maps: [Tensor], _ mode: Mode) throws -> [[FoundObject]] {
        let all = findings.flatMap(\.self)
        guard !all.isEmpty else { return findings }
        let values = try logits(maps, findings.map { $0.map(\.box) }, labels: all.map(\.label), mode)
            .sigmoid().array(Float.self)
        let count = FoundObject.maskSide * FoundObject.maskSide
        var place = 0
        return findings.map { own in
            own.map { found in
                var found = found
                found.mask = Array(values[place * count..<(place + 1) * count])
                place += 1
                return found
            }
        }
    }
}
