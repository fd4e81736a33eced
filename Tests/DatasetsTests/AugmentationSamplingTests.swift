import Foundation
import Support
import Testing

@testable import Datasets

@Suite
struct AugmentationSamplingTests {
    /// Whether `hits` of `count` is within five standard deviations of a probability.
    private func fits(_ hits: Int, of count: Int, _ p: Double) -> Bool {
        abs(Double(hits) - p * Double(count)) <= 5 * (Double(count) * p * (1 - p)).squareRoot() + 1e-9
    }

    /// Kolmogorov and Smirnov's distance from the uniform law on [0, 1], below the 1e-6 quantile.
    private func isUniform(_ values: [Double]) -> Bool {
        let count = Double(values.count)
        let distance =
            values.sorted().enumerated().map {
                max(abs(Double($0.offset) / count - $0.element), abs(Double($0.offset + 1) / count - $0.element))
            }.max() ?? 1
        return distance < 2.7 / count.squareRoot()
    }

    private func draws(
        _ transforms: [Transform], width: Int = 64, height: Int = 48, count: Int = 4000
    ) throws -> [[AppliedTransform]] {
        let augmentation = try Augmentation(transforms)
        return (0..<count).map {
            var generator = SeededGenerator(seed: 11, UInt64($0))
            return augmentation.sample(width: width, height: height, using: &generator)
        }
    }

    @Test func sameGeneratorDrawsTheSame() throws {
        let augmentation = try Augmentation.contrastive(size: 24)
        var (one, two) = (SeededGenerator(seed: 5, 1), SeededGenerator(seed: 5, 1))
        for _ in 0..<20 {
            #expect(
                augmentation.sample(width: 50, height: 40, using: &one)
                    == augmentation.sample(width: 50, height: 40, using: &two))
        }
        #expect(one == two)
    }

    @Test func choicesComeWithTheirProbabilities() throws {
        let jitter = Transform.colorJitter(brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1, p: 0.8)
        let drawn = try draws([.horizontalFlip(0.3), .verticalFlip(0.7), .grayscale(0.2), jitter])
        #expect(fits(drawn.filter { $0.contains(.horizontalFlip) }.count, of: drawn.count, 0.3))
        #expect(fits(drawn.filter { $0.contains(.verticalFlip) }.count, of: drawn.count, 0.7))
        #expect(fits(drawn.filter { $0.contains(.grayscale) }.count, of: drawn.count, 0.2))
        var orders: [String: Int] = [:]
        var (brightness, hues): ([Double], [Double]) = ([], [])
        for steps in drawn {
            var order = ""
            for step in steps {
                switch step {
                case .brightness(let factor):
                    order += "b"
                    brightness.append((factor - 0.6) / 0.8)
                case .contrast: order += "c"
                case .saturation: order += "s"
                case .hue(let shift):
                    order += "h"
                    hues.append((shift + 0.1) / 0.2)
                default: break
                }
            }
            if !order.isEmpty { orders[order, default: 0] += 1 }
        }
        let jittered = orders.values.reduce(0, +)
        #expect(fits(jittered, of: drawn.count, 0.8))
        #expect(orders.count == 24)
        for (order, count) in orders { #expect(fits(count, of: jittered, 1 / 24), "\(order)") }
        #expect(isUniform(brightness) && isUniform(hues))
    }

    @Test func jitterStaysWithinItsLimits() throws {
        let drawn = try draws([.colorJitter(brightness: 3)], count: 500)
        for steps in drawn {
            guard case .brightness(let factor)? = steps.first, steps.count == 1 else {
                Issue.record("\(steps)")
                continue
            }
            #expect((0...4).contains(factor))
        }
    }

    @Test func boxesHaveUniformAreaAndLogUniformAspect() throws {
        // A square with little scale, where no try is ever rejected, so that the law is exact but for rounding.
        let drawn = try draws(
            [.randomResizedCrop(size: 8, scale: 0.1...0.3, ratio: 0.5...2)], width: 4000, height: 4000)
        var (areas, aspects, tops): ([Double], [Double], [Double]) = ([], [], [])
        for steps in drawn {
            guard case .resizedCrop(let box, 8, 8)? = steps.first else { throw AugmentationError(problems: ["no box"]) }
            areas.append((Double(box.width * box.height) / 16e6 - 0.1) / 0.2)
            aspects.append((log(Double(box.width) / Double(box.height)) / log(2) + 1) / 2)
            tops.append(Double(box.top) / Double(4000 - box.height))
            #expect(box.top >= 0 && box.top + box.height <= 4000 && box.left >= 0 && box.left + box.width <= 4000)
        }
        #expect(isUniform(areas) && isUniform(aspects) && isUniform(tops))
    }

    @Test func middleIsTakenWhereNoBoxFits() throws {
        let drawn = try draws([.randomResizedCrop(size: 8, scale: 1...1)], width: 100, height: 10, count: 20)
        for steps in drawn {
            #expect(steps == [.resizedCrop(.init(top: 0, left: 43, height: 10, width: 13), height: 8, width: 8)])
        }
        let single = try draws([.randomResizedCrop(size: 4)], width: 1, height: 1, count: 5)
        for steps in single {
            #expect(steps == [.resizedCrop(.init(top: 0, left: 0, height: 1, width: 1), height: 4, width: 4)])
        }
    }

    @Test func cropsTakeEachPlaceEquallyOften() throws {
        var places: [[Int]: Int] = [:]
        for steps in try draws([.randomCrop(size: 4, padding: 1)], width: 4, height: 3) {
            guard case .crop(let box)? = steps.first else { throw AugmentationError(problems: ["no crop"]) }
            places[[box.top, box.left], default: 0] += 1
        }
        #expect(Set(places.keys) == Set([-1, 0].flatMap { top in [-1, 0, 1].map { [top, $0] } }))
        for count in places.values { #expect(fits(count, of: 4000, 1.0 / 6)) }
        #expect(
            try draws([.randomCrop(size: 9)], width: 4, height: 3, count: 1)[0]
                == [.crop(.init(top: -3, left: -2, height: 9, width: 9))])
        #expect(
            try draws([.centerCrop(9)], width: 4, height: 30, count: 1)[0]
                == [.crop(.init(top: 10, left: -2, height: 9, width: 9))])
    }

    @Test func resizingKeepsTheAspect() throws {
        #expect(try draws([.resize(20)], width: 50, height: 30, count: 1)[0] == [.resize(height: 20, width: 33)])
        #expect(try draws([.resize(20)], width: 30, height: 50, count: 1)[0] == [.resize(height: 33, width: 20)])
        #expect(try draws([.resize(20)], width: 20, height: 20, count: 1)[0] == [.resize(height: 20, width: 20)])
        #expect(try draws([.resize(20)], width: 60_000, height: 1, count: 1)[0] == [.resize(height: 20, width: 16_384)])
    }

    @Test func stretchingGivesTheSameSizeToEveryImage() throws {
        for (width, height) in [(50, 30), (30, 50), (60_000, 1), (7, 7)] {
            let steps = try draws([.stretch(20)], width: width, height: height, count: 1)[0]
            #expect(steps == [.resize(height: 20, width: 20)])
        }
        for side in [1, 7, 20, 33] {
            let (stretched, resized) = try (
                draws([.stretch(20)], width: side, height: side, count: 1),
                draws([.resize(20)], width: side, height: side, count: 1)
            )
            #expect(stretched == resized)
            #expect(try applied(stretched[0], to: noise(side, side)) == applied(resized[0], to: noise(side, side)))
        }
    }

    @Test func everyPixelOfAStretchedImageCounts() throws {
        let steps = try draws([.stretch(4)], width: 9, height: 30, count: 1)[0]
        var image = Image(width: 9, height: 30, channels: 1, pixels: [UInt8](repeating: 0, count: 270))
        for (corner, place) in [(0, 0), (8, 3), (261, 12), (269, 15)] {
            image.pixels[corner] = 255
            let values = try applied(steps, to: image).values
            #expect(values[place] > 0 && values.count { $0 > 0 } < 16)
            image.pixels[corner] = 0
        }
    }

    @Test func sizesNeedNotBeSquare() throws {
        let tall = ImageSize(height: 24, width: 10)
        for (width, height) in [(50, 30), (30, 50), (5, 5)] {
            let image = noise(width, height)
            for transform: Transform in [
                .stretch(tall), .centerCrop(tall), .randomCrop(size: tall, padding: 3), .randomResizedCrop(size: tall),
            ] {
                let steps = try draws([transform], width: width, height: height, count: 1)[0]
                let result = try applied(steps, to: image)
                #expect(result.shape == [3, 24, 10], "\(transform)")
                #expect(try Augmentation([transform]).outputSize == tall)
            }
        }
        let places = try draws([.randomCrop(size: tall, padding: 1)], width: 12, height: 23).map { steps -> [Int] in
            guard case .crop(let box)? = steps.first else { return [] }
            return [box.top, box.left]
        }
        // One row and four columns of room: -1...0 and -1...3.
        #expect(Set(places).count == 10)
        #expect(places.allSatisfy { (-1...0).contains($0[0]) && (-1...3).contains($0[1]) })
    }

    @Test func blurDrawsSigmaAndFollowsTheSide() throws {
        for (side, kernel) in [(8, 3), (32, 3), (64, 7), (96, 9), (224, 23)] {
            var sigmas: [Double] = []
            for steps in try draws([.gaussianBlur(p: 1)], width: side, height: side + 9, count: 500) {
                guard case .gaussianBlur(kernel, let sigma)? = steps.first else {
                    Issue.record("\(steps) for \(side)")
                    continue
                }
                sigmas.append((sigma - 0.1) / 1.9)
            }
            #expect(isUniform(sigmas))
        }
    }

    @Test func erasingStaysInTheImage() throws {
        let drawn = try draws([.randomErasing(p: 0.4, scale: 0.02...0.3, value: .noise)], width: 40, height: 40)
        var (erased, seeds) = (0, Set<UInt64>())
        for steps in drawn {
            guard case .erase(let box, .noise(let seed))? = steps.first else { continue }
            erased += 1
            seeds.insert(seed)
            #expect(box.top >= 0 && box.top + box.height <= 40 && box.left >= 0 && box.left + box.width <= 40)
            #expect(box.height < 40 && box.width < 40)
        }
        #expect(fits(erased, of: drawn.count, 0.4) && seeds.count == erased)
        #expect(try draws([.randomErasing(p: 1)], width: 1, height: 1, count: 10).allSatisfy(\.isEmpty))
    }

    @Test func operationsAreDrawnEquallyOften() throws {
        var names: [String: Int] = [:]
        var total = 0
        for steps in try draws([.randAugment(count: 2, magnitude: 12)], count: 3000) {
            #expect(steps.count <= 2)
            total += steps.count
            for step in steps { names[String("\(step)".prefix { $0 != "(" }), default: 0] += 1 }
        }
        // One in fourteen is the identity; five are affine.
        #expect(fits(6000 - total, of: 6000, 1.0 / 14))
        #expect(fits(names["affine"] ?? 0, of: 6000, 5.0 / 14) && fits(names["equalize"] ?? 0, of: 6000, 1.0 / 14))
        for (position, steps) in try draws([.trivialAugment, .centerCrop(12)], width: 9, height: 14, count: 120)
            .enumerated()
        {
            let values = try applied(steps, to: noise(9, 14, channels: position % 2 == 0 ? 3 : 1)).values
            #expect(values.allSatisfy { $0 >= 0 && $0 <= 1 }, "\(steps)")
        }
    }

    @Test func presetsHaveTheirSizes() throws {
        #expect(try Augmentation.contrastive(size: 224).outputSize == 224)
        #expect(try Augmentation.contrastive(size: 224).minimumShortSide == 579)
        #expect(try Augmentation.evaluation(size: 224).transforms.first == .resize(256))
        #expect(try Augmentation.evaluation(size: 224).minimumShortSide == 512)
        #expect(try Augmentation([.randomCrop(size: 32, padding: 4)]).minimumShortSide == nil)
        #expect(try Augmentation([.trivialAugment, .resize(8)]).minimumShortSide == nil)
        #expect(try Augmentation([.resize(8)]).outputSize == nil)
        #expect(try Augmentation([.centerCrop(9), .resize(8)]).outputSize == 8)
        #expect(try Augmentation([.stretch(8)]).outputSize == 8)
        #expect(try Augmentation([.stretch(8), .resize(6)]).outputSize == 6)
        #expect(try Augmentation([.stretch(8)]).minimumShortSide == 16)
        let tall = ImageSize(height: 256, width: 128)
        #expect(try Augmentation([.stretch(tall)]).minimumShortSide == 512)
        #expect(try Augmentation([.stretch(tall), .resize(64)]).outputSize == .init(height: 128, width: 64))
        #expect(try Augmentation([.stretch(tall), .horizontalFlip()]).outputSize == tall)
        #expect(Transform.usualRatios(of: 7) == 3.0 / 4...4.0 / 3)
        #expect(Transform.usualRatios(of: tall) == 3.0 / 8...2.0 / 3)
        for preset in try [Augmentation.contrastive(size: tall), .supervised(size: tall)] {
            guard case .randomResizedCrop(tall, _, let ratio)? = preset.transforms.first else {
                Issue.record("\(preset)")
                continue
            }
            #expect(ratio == 3.0 / 8...2.0 / 3)
        }
        let whole = try Augmentation.evaluation(size: tall, cropFraction: 0.8)
        #expect(whole.transforms.prefix(2) == [.stretch(.init(height: 320, width: 160)), .centerCrop(tall)])
        let sizes: [ImageSize] = [
            0, -5, .init(.min), .init(.max), .init(height: 8, width: 0), .init(height: -1, width: 8),
        ]
        for size in sizes {
            #expect(throws: AugmentationError.self) { try Augmentation.contrastive(size: size) }
            #expect(throws: AugmentationError.self) { try Augmentation.evaluation(size: size) }
            #expect(throws: AugmentationError.self) { try Augmentation.supervised(size: size) }
        }
        #expect(throws: AugmentationError.self) { try Augmentation.evaluation(size: 8, cropFraction: 0) }
    }

    @Test func smallestBoxOfAScaledDecodeHasTheOutputsPixels() throws {
        let (scale, ratio) = (0.2...1.0, 3.0 / 4...4.0 / 3)
        let side = try #require(
            Augmentation([.randomResizedCrop(size: 64, scale: scale, ratio: ratio)]).minimumShortSide)
        for (width, height) in [(side, side), (side * 2, side), (side, side * 3)] {
            for steps in try draws(
                [.randomResizedCrop(size: 64, scale: scale, ratio: ratio)], width: width, height: height)
            {
                guard case .resizedCrop(let box, _, _)? = steps.first else { continue }
                #expect(min(box.width, box.height) >= 64)
            }
        }
    }
}
