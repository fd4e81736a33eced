import Support

/// Who is seen when by which camera, and under which name.
struct PedestrianPlan {
    struct Shot {
        let name: String
        /// Index of the look.
        let person: Int
        let camera: Int
        let framing: PedestrianPhoto.Framing
    }

    private(set) var shots: [Shot] = []

    init(_ options: SyntheticPedestrians.Options) {
        var generator = SeededGenerator(seed: options.seed, RandomStream.syntheticPedestrianPlan)
        let known = options.trainingIdentities + options.testIdentities
        for person in 0..<known {
            addPerson(person, isQuery: person >= options.trainingIdentities, options.imagesPerIdentity, &generator)
        }
        for index in 0..<options.distractors {
            addStray("0000", known + index / 2, .whole, index, &generator)
        }
        for index in 0..<options.junk {
            addStray(
                "-1", options.trainingIdentities + generator.below(options.testIdentities), .failed, index, &generator)
        }
    }

    /// Adds at least two pictures under each of at least three cameras, so that a query leaves a match under another
    /// one.
    private mutating func addPerson(
        _ person: Int, isQuery: Bool, _ count: Int, _ generator: inout SeededGenerator
    ) {
        let most = min(SurveillanceCamera.count, count / 2)
        let cameras = generator.permutation(SurveillanceCamera.count).prefix(3 + generator.below(most - 2)).sorted()
        for (position, camera) in cameras.enumerated() {
            let share = count / cameras.count + (position < count % cameras.count ? 1 : 0)
            var frame = 100 + generator.below(90_000)
            for number in 0..<share {
                let isAsked = isQuery && number == 0
                let folder = isAsked ? "query" : isQuery ? "bounding_box_test" : "bounding_box_train"
                let name = Self.name(Self.padded(person + 1, 4), camera, frame, isAsked ? 0 : number + 1)
                shots.append(Shot(name: "\(folder)/\(name)", person: person, camera: camera, framing: .whole))
                frame += 1 + generator.below(25)
            }
        }
    }

    private mutating func addStray(
        _ label: String, _ person: Int, _ framing: PedestrianPhoto.Framing, _ index: Int,
        _ generator: inout SeededGenerator
    ) {
        let camera = generator.below(SurveillanceCamera.count)
        // Frames beyond those of the persons, each once.
        let name = Self.name(label, camera, 200_000 + index * 7, 1)
        shots.append(Shot(name: "bounding_box_test/\(name)", person: person, camera: camera, framing: framing))
    }

    private static func name(_ person: String, _ camera: Int, _ frame: Int, _ box: Int) -> String {
        "\(person)_c\(camera + 1)s1_\(padded(frame, 6))_\(padded(box, 2)).png"
    }

    private static func padded(_ number: Int, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }
}
