import Foundation
import Support

extension Transform {
    /// Draws the random choices for an image of `width` x `height` pixels.
    func sample(width: Int, height: Int, using generator: inout SeededGenerator) -> [AppliedTransform] {
        switch self {
        case .randomResizedCrop(let size, let scale, let ratio):
            let box = Self.randomBox(
                width: width, height: height, scale: scale, ratio: ratio, using: &generator)
            return [.resizedCrop(box, height: size.height, width: size.width)]
        case .randomCrop(let size, let padding):
            let top = Self.offset(side: height, size: size.height, padding: padding, using: &generator)
            let left = Self.offset(side: width, size: size.width, padding: padding, using: &generator)
            return [.crop(.init(top: top, left: left, height: size.height, width: size.width))]
        case .resize(let size):
            let scaled = ImageSize(height: height, width: width).scaled(
                shorter: size, limit: AppliedTransform.sideLimit)
            return [.resize(height: scaled.height, width: scaled.width)]
        case .stretch(let size):
            return [.resize(height: size.height, width: size.width)]
        case .resizeWithin(let shorter, let longest):
            // A lone size is no choice, and draws nothing.
            let side = shorter.count > 1 ? shorter[generator.below(shorter.count)] : shorter[0]
            let scaled = ImageSize(height: height, width: width).scaled(shorter: side, longest: longest)
            return [.resize(height: scaled.height, width: scaled.width)]
        case .randomScaleByLongerSide(let base):
            let least = max(1, base / 2)
            let scaled = ImageSize(height: height, width: width)
                .scaled(longer: least + generator.below(2 * base - least + 1))
            return [.resize(height: scaled.height, width: scaled.width)]
        case .pad(let size):
            guard height < size.height || width < size.width else { return [] }
            return [.crop(.init(top: 0, left: 0, height: max(height, size.height), width: max(width, size.width)))]
        case .centerCrop(let size):
            let top = Self.middle(side: height, size: size.height)
            let left = Self.middle(side: width, size: size.width)
            return [.crop(.init(top: top, left: left, height: size.height, width: size.width))]
        case .horizontalFlip(let p):
            return generator.chance(p) ? [.horizontalFlip] : []
        case .verticalFlip(let p):
            return generator.chance(p) ? [.verticalFlip] : []
        case .colorJitter(let brightness, let contrast, let saturation, let hue, let p):
            return Self.jitter(brightness, contrast, saturation, hue, p: p, using: &generator)
        case .grayscale(let p):
            return generator.chance(p) ? [.grayscale] : []
        case .gaussianBlur(let sigma, let kernelSize, let p):
            guard generator.chance(p) else { return [] }
            let tenth = max(3, min(width, height) / 10 | 1)
            return [
                .gaussianBlur(
                    kernelSize: kernelSize ?? tenth,
                    sigma: generator.uniform(sigma.lowerBound, sigma.upperBound))
            ]
        case .randomErasing(let p, let scale, let ratio, let value):
            guard generator.chance(p),
                let box = Self.erasedBox(
                    width: width, height: height, scale: scale, ratio: ratio, using: &generator)
            else { return [] }
            switch value {
            case .constant(let values): return [.erase(box, fill: .values(values))]
            case .noise: return [.erase(box, fill: .noise(seed: generator.next()))]
            }
        case .randAugment(let count, let magnitude):
            return (0..<count).compactMap { _ in
                let operation = RandomOperation.allCases[generator.below(RandomOperation.allCases.count)]
                return operation.sample(.randAugment, bin: magnitude, width: width, height: height, using: &generator)
            }
        case .trivialAugment:
            let operation = RandomOperation.allCases[generator.below(RandomOperation.allCases.count)]
            let bin = generator.below(RandomOperation.bins)
            return [operation.sample(.trivialAugmentWide, bin: bin, width: width, height: height, using: &generator)]
                .compactMap { $0 }
        case .normalize(let mean, let std):
            return [.normalize(mean: mean, std: std)]
        }
    }

    /// A random box: the first of ten tries that fits, and after them the largest one in the middle that has an allowed aspect.
    private static func randomBox(
        width: Int, height: Int, scale: ClosedRange<Double>, ratio: ClosedRange<Double>,
        using generator: inout SeededGenerator
    ) -> AppliedTransform.Box {
        let area = Double(width) * Double(height)
        for _ in 0..<10 {
            let target = area * generator.uniform(scale.lowerBound, scale.upperBound)
            let aspect = exp(generator.uniform(log(ratio.lowerBound), log(ratio.upperBound)))
            let boxWidth = Int((target * aspect).squareRoot().rounded(.toNearestOrEven))
            let boxHeight = Int((target / aspect).squareRoot().rounded(.toNearestOrEven))
            guard (1...width).contains(boxWidth), (1...height).contains(boxHeight) else { continue }
            let top = generator.below(height - boxHeight + 1)
            let left = generator.below(width - boxWidth + 1)
            return .init(top: top, left: left, height: boxHeight, width: boxWidth)
        }
        let aspect = Double(width) / Double(height)
        var (boxWidth, boxHeight) = (width, height)
        if aspect < ratio.lowerBound {
            boxHeight = Int((Double(width) / ratio.lowerBound).rounded(.toNearestOrEven))
        } else if aspect > ratio.upperBound {
            boxWidth = Int((Double(height) * ratio.upperBound).rounded(.toNearestOrEven))
        }
        boxWidth = min(max(boxWidth, 1), width)
        boxHeight = min(max(boxHeight, 1), height)
        return .init(
            top: (height - boxHeight) / 2, left: (width - boxWidth) / 2, height: boxHeight, width: boxWidth)
    }

    /// A random box that leaves something of the image on both axes; nil when none of ten tries does.
    private static func erasedBox(
        width: Int, height: Int, scale: ClosedRange<Double>, ratio: ClosedRange<Double>,
        using generator: inout SeededGenerator
    ) -> AppliedTransform.Box? {
        let area = Double(width) * Double(height)
        for _ in 0..<10 {
            let target = area * generator.uniform(scale.lowerBound, scale.upperBound)
            let aspect = exp(generator.uniform(log(ratio.lowerBound), log(ratio.upperBound)))
            let boxHeight = Int((target * aspect).squareRoot().rounded(.toNearestOrEven))
            let boxWidth = Int((target / aspect).squareRoot().rounded(.toNearestOrEven))
            guard boxHeight > 0, boxWidth > 0, boxHeight < height, boxWidth < width else { continue }
            let top = generator.below(height - boxHeight + 1)
            let left = generator.below(width - boxWidth + 1)
            return .init(top: top, left: left, height: boxHeight, width: boxWidth)
        }
        return nil
    }

    /// Where a crop of `size` pixels begins on one axis of an image with padding around it.
    private static func offset(
        side: Int, size: Int, padding: Int, using generator: inout SeededGenerator
    ) -> Int {
        let slack = side + 2 * padding - size
        return slack >= 0 ? generator.below(slack + 1) - padding : middle(side: side, size: size)
    }

    /// Where the middle `size` pixels of an axis begin; below 0 when they are more than there are.
    private static func middle(side: Int, size: Int) -> Int {
        side >= size
            ? Int((Double(side - size) / 2).rounded(.toNearestOrEven)) : -((size - side) / 2)
    }

    /// The steps of a colour jitter, in the order drawn.
    private static func jitter(
        _ brightness: Double, _ contrast: Double, _ saturation: Double, _ hue: Double, p: Double,
        using generator: inout SeededGenerator
    ) -> [AppliedTransform] {
        guard generator.chance(p) else { return [] }
        var steps: [AppliedTransform] = []
        steps.reserveCapacity(4)
        func factor(_ strength: Double) -> Double { generator.uniform(max(0, 1 - strength), 1 + strength) }
        for choice in generator.permutation(4) {
            switch choice {
            case 0 where brightness > 0: steps.append(.brightness(factor(brightness)))
            case 1 where contrast > 0: steps.append(.contrast(factor(contrast)))
            case 2 where saturation > 0: steps.append(.saturation(factor(saturation)))
            case 3 where hue > 0: steps.append(.hue(generator.uniform(-hue, hue)))
            default: break
            }
        }
        return steps
    }
}
