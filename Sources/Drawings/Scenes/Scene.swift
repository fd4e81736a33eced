import Datasets
import Foundation
import Support

/// A picture of several cut-outs over a background, with what each pixel shows.
struct Scene: Sendable {
    /// A cut-out that can be seen.
    struct Thing: Sendable {
        /// Its class.
        let label: Int
        /// The pixels that nothing before it hides.
        let mask: RunLengths
    }

    let image: Image
    /// A class for each pixel: 0 for the background, 1 more than its label for a thing, `hidden` for what is left of a thing
    /// that is all but hidden.
    let classes: [UInt8]
    /// The things, from the farthest to the nearest.
    let things: [Thing]

    /// What is too little to be known for what it is.
    static let hidden: UInt8 = 255

    /// Draws a scene.
    ///
    /// - Parameters:
    ///   - cutOuts: the cut-outs of each class; those without any are not drawn.
    ///   - width: of the picture, in pixels.
    ///   - height: of the picture, in pixels.
    ///   - generator: of all choices.
    init(_ cutOuts: [[CutOut]], width: Int, height: Int, _ generator: inout SeededGenerator) {
        let background = SceneBackground(&generator)
        var painting = Painting(width: width, height: height, resolution: 1)
        let (tall, aspect) = (Double(height), Double(width) / Double(height))
        painting.fillAll { background.tint($0.x / tall, $0.y / tall, aspect: aspect) }

        let classes = cutOuts.indices.filter { !cutOuts[$0].isEmpty }
        let count = 1 + generator.below(3) + generator.below(4)
        var chosen: [(label: Int, cutOut: CutOut, place: CutOutPlace)] = (0..<count).map { _ in
            let label = classes[generator.below(classes.count)]
            let cutOut = cutOuts[label][generator.below(cutOuts[label].count)]
            return (label, cutOut, Self.place(cutOut, background.ground, width, height, &generator))
        }
        chosen.sort { $0.place.base.y < $1.place.base.y }

        var owners = [Int16](repeating: -1, count: width * height)
        var own = [Int](repeating: 0, count: count)
        let fall = generator.uniform(-0.06, 0.06)
        for (number, thing) in chosen.enumerated() {
            var shadow = thing.place
            let size = thing.place.scale * Double(max(thing.cutOut.width, thing.cutOut.height))
            shadow.base.x += fall * size
            shadow.base.y += 0.025 * size
            painting.paint(thing.cutOut, at: shadow, tint: nil, opacity: 0.4)
            let bright = Float(generator.uniform(0.82, 1.14))
            painting.paint(thing.cutOut, at: thing.place, tint: Tint(bright, bright, bright)) { pixel in
                owners[pixel] = Int16(number)
                own[number] += 1
            }
        }
        let exposure = Self.exposure(height, &generator)
        image = exposure.image(of: painting, &generator)

        var seen = [Int](repeating: 0, count: count)
        for owner in owners where owner >= 0 { seen[Int(owner)] += 1 }
        let least = max(12, width * height / 2_000)
        let isKept = (0..<count).map { seen[$0] >= least && seen[$0] * 10 >= own[$0] }
        self.classes = owners.map { owner in
            owner < 0 ? 0 : isKept[Int(owner)] ? UInt8(chosen[Int(owner)].label + 1) : Self.hidden
        }
        things = (0..<count).filter { isKept[$0] }.map { number in
            Thing(
                label: chosen[number].label,
                mask: RunLengths(
                    height: height, width: width, pixels: owners.map { $0 == Int16(number) ? 1 : 0 }))
        }
    }

    private static func place(
        _ cutOut: CutOut, _ ground: SceneBackground.Ground, _ width: Int, _ height: Int,
        _ generator: inout SeededGenerator
    ) -> CutOutPlace {
        let (wide, tall) = (Double(width), Double(height))
        let longer = Double(max(cutOut.width, cutOut.height))
        let isMirrored = generator.chance(0.5)
        switch ground {
        case .receding(let horizon):
            let nearness = generator.uniform(0.12, 1.05)
            let size = tall * (0.16 + 0.42 * nearness) * generator.uniform(0.75, 1.25)
            return CutOutPlace(
                base: Point(
                    generator.uniform(0.05, 0.95) * wide, tall * (horizon + (1 - horizon) * nearness * 0.95 + 0.03)),
                scale: size / longer, turn: 0.05 * generator.normal(), isMirrored: isMirrored)
        case .flat:
            let size = tall * generator.uniform(0.2, 0.6)
            let half = size / longer * Double(cutOut.height) / 2
            let turn = 0.35 * generator.normal()
            let middle = Point(generator.uniform(0.1, 0.9) * wide, generator.uniform(0.15, 0.9) * tall)
            return CutOutPlace(
                base: Point(middle.x - half * sin(turn), middle.y + half * cos(turn)), scale: size / longer, turn: turn,
                isMirrored: isMirrored)
        }
    }

    private static func exposure(_ height: Int, _ generator: inout SeededGenerator) -> Exposure {
        var exposure = Exposure()
        let bright = Float(generator.uniform(0.85, 1.12))
        exposure.gain = Tint(
            bright * Float(generator.uniform(0.93, 1.07)), bright, bright * Float(generator.uniform(0.9, 1.08)))
        exposure.saturation = Float(generator.uniform(0.8, 1.1))
        exposure.contrast = Float(generator.uniform(0.9, 1.1))
        exposure.noise = Float(generator.uniform(0.004, 0.02))
        exposure.blur = Double(height) / 256 * (generator.chance(0.25) ? generator.uniform(0.3, 0.8) : 0)
        return exposure
    }
}
