import Foundation
import Support
import Testing
import Yams

@testable import Datasets

@Suite
struct AugmentationCodingTests {
    private let full = """
        - random-resized-crop: {size: 224, scale: [0.2, 1], ratio: [0.75, 1.25]}
        - random-crop: {size: 28, padding: 2}
        - random-crop: 28
        - resize: 256
        - stretch: 64
        - stretch: [128, 64]
        - center-crop: {size: [20, 10]}
        - random-crop: {size: [20, 10], padding: 1}
        - center-crop: 224
        - horizontal-flip: 0.5
        - horizontal-flip
        - vertical-flip: {p: 0.25}
        - color-jitter: {brightness: 0.4, hue: 0.1, p: 0.8}
        - grayscale: 0.2
        - gaussian-blur: {sigma: [0.1, 2], kernel-size: 5, p: 0.5}
        - gaussian-blur:
        - random-erasing: {p: 0.3, value: noise}
        - random-erasing: {value: [0.1, 0.2, 0.3]}
        - rand-augment: {count: 3, magnitude: 7}
        - trivial-augment
        - random-scale-by-longer-side: 520
        - pad: [480, 360]
        - resize-within: {shorter: [640, 800], longest: 1333}
        - resize-within: {shorter: 800, longest: 1333}
        - normalize: {mean: 0.5, std: [0.2, 0.3, 0.4]}
        """

    @Test func yamlAndJSONGiveTheSameAugmentation() throws {
        // Only the last line is wrong by design: one mean against three deviations.
        let yaml = full.replacingOccurrences(of: "mean: 0.5", with: "mean: [0.5, 0.4, 0.3]")
        let augmentation = try YAMLDecoder().decode(Augmentation.self, from: yaml)
        let expected = try Augmentation([
            .randomResizedCrop(size: 224, scale: 0.2...1, ratio: 0.75...1.25), .randomCrop(size: 28, padding: 2),
            .randomCrop(size: 28), .resize(256), .stretch(64),
            .stretch(.init(height: 128, width: 64)), .centerCrop(.init(height: 20, width: 10)),
            .randomCrop(size: .init(height: 20, width: 10), padding: 1), .centerCrop(224), .horizontalFlip(),
            .horizontalFlip(),
            .verticalFlip(0.25), .colorJitter(brightness: 0.4, hue: 0.1, p: 0.8), .grayscale(0.2),
            .gaussianBlur(sigma: 0.1...2, kernelSize: 5, p: 0.5), .gaussianBlur(),
            .randomErasing(p: 0.3, value: .noise), .randomErasing(value: .constant([0.1, 0.2, 0.3])),
            .randAugment(count: 3, magnitude: 7), .trivialAugment, .randomScaleByLongerSide(520),
            .pad(.init(height: 480, width: 360)), .resizeWithin(shorter: [640, 800], longest: 1333),
            .resizeWithin(shorter: [800], longest: 1333),
            .normalize(mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4]),
        ])
        #expect(augmentation == expected)
        let json = try JSONEncoder().encode(augmentation)
        #expect(try JSONDecoder().decode(Augmentation.self, from: json) == augmentation)
        let again = try YAMLEncoder().encode(augmentation)
        #expect(try YAMLDecoder().decode(Augmentation.self, from: again) == augmentation)
        #expect(Set(augmentation.transforms.map(\.name)) == Set(Transform.names))
    }

    /// Boxes have the result's shape, so that what is cut out of an image of that shape is hardly stretched.
    @Test func boxesHaveTheRatiosOfTheResultUnlessToldOtherwise() throws {
        func read(_ yaml: String) throws -> Augmentation { try YAMLDecoder().decode(Augmentation.self, from: yaml) }
        let tall = ImageSize(height: 128, width: 64)
        #expect(
            try read("- random-resized-crop: {size: [128, 64]}").transforms
                == [.randomResizedCrop(size: tall, ratio: 3.0 / 8...2.0 / 3)])
        #expect(
            try read("- random-resized-crop: {size: [128, 64], ratio: [1, 1]}").transforms
                == [.randomResizedCrop(size: tall, ratio: 1...1)])
        #expect(
            try read("- random-resized-crop: 64").transforms
                == [.randomResizedCrop(size: 64, ratio: 3.0 / 4...4.0 / 3)])
    }

    /// The problems that reading finds.
    private func problems(_ yaml: String) -> [String] {
        do {
            _ = try YAMLDecoder().decode(Augmentation.self, from: yaml)
            return []
        } catch let error as AugmentationError {
            return error.problems
        } catch let DecodingError.dataCorrupted(context) {
            return (context.underlyingError as? AugmentationError)?.problems ?? ["\(context)"]
        } catch {
            return ["\(error)"]
        }
    }

    @Test func everyProblemIsNamedAtOnce() {
        let found = problems(
            """
            - random-crop: {size: 0, padding: -1, colour: red}
            - horizontal-flip: 1.5
            - horizontal-flop: 0.5
            - gaussian-blur: {sigma: [2, 1], kernel-size: 4}
            - normalize: {mean: 0.5}
            """)
        #expect(
            found == [
                "augmentation[0] random-crop: unknown parameter \"colour\"; known are size, padding",
                "augmentation[0] random-crop: size (=0) must be in 1...16384",
                "augmentation[0] random-crop: padding (=-1) must be in 0...16384",
                "augmentation[1] horizontal-flip: p (=1.5) must be a probability, in 0...1",
                "augmentation[2] unknown transform \"horizontal-flop\"; known are "
                    + Transform.names.joined(separator: ", "),
                "augmentation[3] gaussian-blur: sigma (=[2.0, 1.0]) must be [lowest, highest]",
                "augmentation[4] normalize: std is missing; it must be a number or a list of numbers",
            ])
    }

    @Test(arguments: [
        ("- resize: big", "size (=\"big\") must be a whole number"),
        ("- resize", "size is missing"),
        ("- resize: [64, 32]", "size (=[64.0, 32.0]) must be a whole number"),
        ("- stretch: [64, 32, 3]", "size (=[64.0, 32.0, 3.0]) must be a whole number or [height, width]"),
        ("- stretch: [64, 0]", "stretch: size (=64 x 0) must have sides in 1...16384"),
        ("- stretch: 0", "stretch: size (=0) must be in 1...16384"),
        ("- stretch", "stretch: size is missing"),
        ("- center-crop: {size: 3, edge: 1}", "unknown parameter \"edge\""),
        ("- color-jitter: 0.4", "needs its parameters by name"),
        ("- color-jitter: {hue: 0.6}", "hue (=0.6) must be in 0.0...0.5"),
        ("- color-jitter: {brightness: -0.1}", "brightness (=-0.1)"),
        ("- color-jitter: {p: .nan}", "must be a probability"),
        ("- grayscale", "p is missing"),
        ("- rand-augment: {magnitude: 31}", "magnitude (=31) must be in 0...30"),
        ("- rand-augment: {count: two}", "count (=\"two\") must be a whole number"),
        ("- trivial-augment: {strength: 2}", "unknown parameter \"strength\"; it has none"),
        ("- random-erasing: {value: purple}", "value (=\"purple\")"),
        ("- random-erasing: {scale: [0, 0.5]}", "scale (=[0.0, 0.5])"),
        ("- random-erasing: {value: [1, 2]}", "must have 1 or 3 values"),
        ("- random-resized-crop: {size: 8, ratio: [0, 1]}", "ratio (=[0.0, 1.0])"),
        ("- random-resized-crop: {size: 8, scale: [0.5, 1.1]}", "scale (=[0.5, 1.1])"),
        ("- gaussian-blur: {kernel-size: 4}", "kernel-size (=4) must be odd"),
        ("- gaussian-blur: {sigma: [0, 1]}", "sigma (=[0.0, 1.0]) must be positive"),
        ("- normalize: {mean: [0, 0, 0], std: [1, 0, 1]}", "std (=[1.0, 0.0, 1.0]) must be positive"),
        ("- normalize: {mean: [0, 0, 0], std: 1}", "must have as many values as std"),
        ("- {resize: 3, grayscale: 0.1}", "a transform is one name"),
        ("- [1, 2]", "a transform is one name"),
        ("resize: 3", "an augmentation is a list of transforms"),
    ])
    func whatCannotBeReadIsRefused(yaml: String, problem: String) {
        let found = problems(yaml)
        #expect(found.contains { $0.contains(problem) }, "\(found)")
    }

    @Test func buildingFromCodeIsCheckedInTheSameWay() {
        let error = #expect(throws: AugmentationError.self) {
            try Augmentation([.horizontalFlip(2), .trivialAugment, .resize(-1)])
        }
        #expect(
            error?.description == """
                augmentation[0] horizontal-flip: p (=2.0) must be a probability, in 0...1
                augmentation[2] resize: size (=-1) must be in 1...16384
                """)
    }
}
