import Architectures
import Datasets
import Foundation
import NN
import Networks
import Support
import Testing
import Torch

@testable import Detectors

/// Mask R-CNN against torchvision's (Tests/Goldens/detector.py), and its counts.
@Suite struct DetectorTests {
    private static func golden() throws -> [String: Tensor] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Goldens/detector.safetensors").standardizedFileURL.path
        return Dictionary(uniqueKeysWithValues: try Checkpoint.read(file).tensors.map { ($0.key, $0.tensor) })
    }

    /// Five convolutions with a stride each, of which the last four hand out maps.
    private static func backbone() -> DenseLayer {
        let channels = [4, 6, 8, 10, 12]
        var parts: [Layer.Part] = []
        var maps: [DenseLayer.Map] = []
        for (number, outputs) in channels.enumerated() {
            let convolution = Layer.Convolution(outputs, kernel: 3, stride: 2, padding: 1, bias: true)
            parts += [.init("conv\(number)", .convolution(convolution)), .init("", .relu)]
            guard number > 0 else { continue }
            parts.append(.init("", .tap("C\(number + 1)")))
            maps.append(.init(name: "C\(number + 1)", channels: outputs, stride: 2 << number))
        }
        return DenseLayer(layer: .sequence(parts), maps: maps)
    }

    /// A backbone and the head on its maps, in one store.
    private struct Detector {
        let store: ParameterStore
        let backbone: Backbone
        let head: DetectorHead

        init(_ dense: DenseLayer, _ description: DetectorDescription, store: ParameterStore) throws {
            self.store = store
            backbone = try Backbone(dense.layer, channels: 3, at: store.root / "backbone" / "bottom_up")
            head = try NetworkHead.detector(description).makeDetector(maps: backbone.mapChannels, store.root)
        }

        func levels(_ images: Tensor) throws -> [Tensor] {
            let maps = try backbone.maps(images, .evaluation)
            return try head.pyramid(NetworkHead.detectorMaps.map { try maps.map($0) }, .evaluation)
        }
    }

    private struct Case {
        let detector: Detector
        let images: Tensor
        let sizes: ImageSizes
        let truths: [[AnnotatedBox]]
        let golden: [String: Tensor]

        func tensor(_ name: String) throws -> Tensor { try #require(golden[name]) }
    }

    private static func made() throws -> Case {
        let golden = try golden()
        func tensor(_ name: String) throws -> Tensor { try #require(golden[name]) }
        var options = DetectorOptions.torchvision
        options.width = 8
        options.regions.hiddenWidth = 16
        options.proposals.sizes = [16, 24, 32, 48, 64]
        // Beyond the number of candidates, so that nothing is drawn.
        (options.proposals.samples, options.regions.samples) = (100_000, 100_000)
        (options.proposals.before, options.proposals.after) = ([60, 40], [100, 50])
        options.regions.findings = 12
        let store = try ParameterStore(seed: 0, format: .channelsLast)
        let detector = try Detector(
            backbone(), DetectorDescription(classes: 3, hasMasks: true, options: options), store: store)
        try store.load(
            golden.compactMap { key, value in
                key.hasPrefix("param.") ? (key: String(key.dropFirst("param.".count)), tensor: value) : nil
            })
        let sizes = try tensor("sizes").array(Int64.self)
        let images = try tensor("images").contiguous(.channelsLast)
        let batch = ImageSizes(
            padded: ImageSize(height: images.size(2), width: images.size(3)),
            images: [0, 1].map { ImageSize(height: Int(sizes[2 * $0]), width: Int(sizes[2 * $0 + 1])) })
        let truths = try (0..<2).map { image in
            let boxes = try tensor("target.\(image).boxes").array(Float.self)
            let labels = try tensor("target.\(image).labels").array(Int64.self)
            let masks = try tensor("target.\(image).masks")
            return try labels.indices.map { object in
                let box = BoundingBox(
                    x0: boxes[4 * object], y0: boxes[4 * object + 1], x1: boxes[4 * object + 2],
                    y1: boxes[4 * object + 3])
                let mask = try masks[object]
                return AnnotatedBox(
                    box, label: Int(labels[object]) - 1,
                    mask: .runLengths(
                        RunLengths(height: mask.shape[0], width: mask.shape[1], pixels: try mask.array(UInt8.self)))
                )
            }
        }
        return Case(detector: detector, images: images, sizes: batch, truths: truths, golden: golden)
    }

    @Test func lossesAndGradientsAreThoseOfTorchvision() throws {
        let made = try Self.made()
        var generator = SeededGenerator(seed: 1)
        let losses = try made.detector.head.losses(
            made.detector.levels(made.images), made.sizes, made.truths, .evaluation, using: &generator)
        for (name, loss) in [
            ("objectness", losses.anchors), ("rpn_box_reg", losses.anchorDeltas), ("classifier", losses.classes),
            ("box_reg", losses.deltas), ("mask", try #require(losses.masks)),
        ] {
            let expected = try made.tensor("loss.loss_\(name)").item()
            let found = try loss.item()
            #expect(abs(found - expected) <= 1e-5 * expected, "\(name): \(found), not \(expected)")
        }
        try losses.sum().backward()
        var compared = 0
        for entry in made.detector.store.entries {
            let expected = try made.tensor("grad." + entry.key)
            let gradient = try #require(entry.tensor.gradient, "\(entry.key)")
            let size = try expected.absolute().max().item()
            let error = try (gradient - expected).absolute().max().item()
            #expect(error <= 1e-4 * size, "\(entry.key): \(error) of \(size)")
            compared += 1
        }
        #expect(compared == 52)
    }

    @Test func findingsAreThoseOfTorchvision() throws {
        let made = try Self.made()
        let found = try withoutGradients {
            try made.detector.head.findings(made.detector.levels(made.images), made.sizes)
        }
        // And the same through the tensor that networks give.
        let packed = try FoundObject.packed(found, count: 12, hasMasks: true)
        #expect(packed.shape == [2, 12, 790])
        #expect(try FoundObject.unpacked(packed) == found)
        for (image, own) in found.enumerated() {
            let boxes = try made.tensor("found.\(image).boxes").array(Float.self)
            let scores = try made.tensor("found.\(image).scores").array(Float.self)
            let labels = try made.tensor("found.\(image).labels").array(Int64.self)
            let masks = try made.tensor("found.\(image).masks")
            #expect(own.count == labels.count && own.map { Int64($0.label + 1) } == labels)
            for (place, object) in own.enumerated() where place < labels.count {
                #expect(abs(object.score - scores[place]) < 5e-5)
                for corner in 0..<4 { #expect(abs(object.box[corner] - boxes[4 * place + corner]) < 2e-4) }
                let mask = try masks[place].array(Float.self)
                let values = try #require(object.mask)
                #expect(zip(values, mask).allSatisfy { abs($0 - $1) < 1e-4 })
            }
        }
    }

    @Test func masksArePastedAsTheyAreSampled() throws {
        let golden = try Self.golden()
        let masks = try #require(golden["paste.masks"]).array(Float.self)
        let boxes = try #require(golden["paste.boxes"]).array(Float.self)
        let values = try #require(golden["paste.values"])
        let (height, width) = (values.shape[1], values.shape[2])
        for place in 0..<values.shape[0] {
            var found = FoundObject(
                box: Box(boxes[4 * place], boxes[4 * place + 1], boxes[4 * place + 2], boxes[4 * place + 3]), label: 0,
                score: 1)
            #expect(found.pixels(in: ImageSize(height: height, width: width)) == nil)
            found.mask = Array(masks[784 * place..<784 * (place + 1)])
            let pixels = try #require(found.pixels(in: ImageSize(height: height, width: width))).pixels
            let expected = try values[place].array(Float.self)
            for (own, value) in zip(pixels, expected) where abs(value - 0.5) > 1e-4 {
                #expect((own == 1) == (value >= 0.5))
            }
        }
        // At the size of the original image.
        let found = FoundObject(box: Box(10, 20, 30, 60), label: 2, score: 0.5)
        let scaled = found.scaled(from: ImageSize(height: 100, width: 50), to: ImageSize(height: 50, width: 100))
        #expect(scaled?.box == Box(20, 10, 60, 30))
        let beyond = FoundObject(box: Box(60, 20, 70, 60), label: 2, score: 0.5)
        #expect(beyond.scaled(from: ImageSize(height: 100, width: 50), to: ImageSize(100)) == nil)
    }

    @Test func aBackboneWithoutTheMapsIsRefused() throws {
        let head = NetworkHead.detector(DetectorDescription(classes: 3, hasMasks: false))
        guard case .sequence(var parts) = Self.backbone().layer else { throw SpaceError.layer(path: "", "no sequence") }
        parts.removeLast()
        let error = #expect(throws: SpaceError.self) {
            try head.cost(on: .sequence(parts), channels: 3, imageSize: ImageSize(64))
        }
        #expect("\(try #require(error))".contains("4, 8, 16 and 32"))
        let store = try ParameterStore(seed: 0)
        #expect(throws: SpaceError.self) { try head.makeDetector(maps: ["C2": 4, "C3": 8], store.root) }
    }

    /// Images without objects, and a network whose proposals all shrink to nothing.
    @Test func nothingToLearnAndNothingToFindIsNoError() throws {
        var description = DetectorDescription(classes: 2, hasMasks: true)
        (description.options.width, description.options.regions.hiddenWidth) = (4, 8)
        let store = try ParameterStore(seed: 4, format: .channelsLast)
        let detector = try Detector(Self.backbone(), description, store: store)
        let images = try Tensor.zeros([2, 3, 64, 64]).contiguous(.channelsLast)
        let sizes = ImageSizes(padded: ImageSize(64), images: [ImageSize(64), ImageSize(64)])
        let deltas = try #require(store["proposal_generator.rpn_head.anchor_deltas.bias"])
        // Widths and heights of next to nothing, far to the left of the image.
        try withoutGradients { try deltas.fillInPlace(-1e6) }
        var generator = SeededGenerator(seed: 1)
        let losses = try detector.head.losses(
            detector.levels(images), sizes, [[], []], .training(nil), using: &generator)
        #expect(try losses.sum().item().isFinite && losses.deltas.item() == 0)
        try losses.sum().backward()
        for entry in store.entries where entry.role == .parameter && entry.key.hasPrefix("roi_heads.box") {
            #expect(entry.tensor.gradient != nil, "\(entry.key)")
        }
        let found = try withoutGradients { try detector.head.findings(detector.levels(images), sizes) }
        #expect(found == [[], []])
        let packed = try FoundObject.packed(found, count: 3, hasMasks: true)
        #expect(packed.shape == [2, 3, 790])
        #expect(try FoundObject.unpacked(packed) == found)
    }

    /// Numbers of a file that somebody edited.
    @Test func aDescriptionOutOfRangeIsRefused() throws {
        let maps = ["C2": 4, "C3": 4, "C4": 4, "C5": 4]
        func refuses(_ change: (inout DetectorDescription) -> Void) throws {
            var description = DetectorDescription(classes: 2, hasMasks: true)
            change(&description)
            #expect(!description.problems.isEmpty)
            let store = try ParameterStore(seed: 0)
            #expect(throws: SpaceError.self) {
                try NetworkHead.detector(description).makeDetector(maps: maps, store.root)
            }
        }
        #expect(DetectorDescription(classes: 2, hasMasks: true).problems.isEmpty)
        try refuses { $0.options.proposals.before = [] }
        try refuses { $0.options.proposals.after = [10] }
        try refuses { $0.options.proposals.sizes.removeLast() }
        try refuses { $0.options.width = 1 << 40 }
        try refuses { $0.options.regions.hiddenWidth = -1 }
        try refuses { $0.options.regions.findings = 0 }
        try refuses { $0.options.regions.leastScore = .nan }
        try refuses { $0.classes = 0 }
    }

    /// The counts of the published network (Peng et al., "Pi-NAS", 2021; COCO).
    @Test func countsAreThoseOfThePublishedNetwork() throws {
        let trans = Architecture([3, 3, 3, 3, 1, 1, 3, 3, 3, 0, 0, 1, 1, 0, 2, 1])
        let backbone = try ResNeStSpace.resnest50.network(code: trans, classes: 0).backbone
        let store = try ParameterStore(seed: 0)
        let description = DetectorDescription(classes: 80, hasMasks: true)
        _ = try Detector(backbone.dense(outputStride: 32), description, store: store)
        func count(_ prefix: String) -> Int {
            store.entries.filter { $0.role == .parameter && $0.key.hasPrefix(prefix) }
                .reduce(0) { $0 + $1.tensor.shape.reduce(1, *) }
        }
        #expect(count("backbone.bottom_up.") == 24_990_016)
        #expect(count("backbone.fpn_") == 3_346_432)
        #expect(count("proposal_generator.") == 593_935)
        #expect(count("roi_heads.box_head.") == 15_207_424 && count("roi_heads.box_predictor.") == 411_025)
        #expect(count("roi_heads.mask_head.") == 2_644_304)
        #expect(store.parameterCount == 47_193_136)
        // Counted without tensors.
        let cost = description.cost(channels: [256, 512, 1024, 2048], imageSize: ImageSize(height: 800, width: 1344))
        #expect(cost.parameters == 47_193_136 - 24_990_016)
    }
}
