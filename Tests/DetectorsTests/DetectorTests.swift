import Architectures
import Datasets
import Foundation
import NN
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

    private struct Case {
        let detector: Detector
        let batch: ImageBatch
        let truths: [Detector.Truth]
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
        (options.proposals.samples, options.regions.samples) = (1_000_000, 1_000_000)
        (options.proposals.before, options.proposals.after) = ([60, 40], [100, 50])
        options.regions.findings = 12
        let store = try ParameterStore(seed: 0, format: .channelsLast)
        let detector = try Detector(backbone(), classes: 3, options, store: store)
        try store.load(
            golden.compactMap { key, value in
                key.hasPrefix("param.") ? (key: String(key.dropFirst("param.".count)), tensor: value) : nil
            })
        let sizes = try tensor("sizes").array(Int64.self)
        let batch = ImageBatch(
            images: try tensor("images").contiguous(.channelsLast),
            sizes: [0, 1].map { ImageSize(height: Int(sizes[2 * $0]), width: Int(sizes[2 * $0 + 1])) })
        let truths = try (0..<2).map { image in
            let boxes = try tensor("target.\(image).boxes").array(Float.self)
            let labels = try tensor("target.\(image).labels").array(Int64.self)
            let masks = try tensor("target.\(image).masks")
            return Detector.Truth(
                try labels.indices.map { object in
                    let box = BoundingBox(
                        x0: boxes[4 * object], y0: boxes[4 * object + 1], x1: boxes[4 * object + 2],
                        y1: boxes[4 * object + 3])
                    let mask = try masks[object]
                    return AnnotatedBox(
                        box, label: Int(labels[object]) - 1,
                        mask: .runLengths(
                            RunLengths(height: mask.shape[0], width: mask.shape[1], pixels: try mask.array(UInt8.self)))
                    )
                })
        }
        return Case(detector: detector, batch: batch, truths: truths, golden: golden)
    }

    @Test func lossesAndGradientsAreThoseOfTorchvision() throws {
        let made = try Self.made()
        var generator = SeededGenerator(seed: 1)
        let losses = try made.detector.losses(made.batch, made.truths, .evaluation, using: &generator)
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
        let found = try made.detector.findings(made.batch)
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
        var dense = Self.backbone()
        dense.maps.removeLast()
        let store = try ParameterStore(seed: 0)
        let error = #expect(throws: SpaceError.self) { try Detector(dense, classes: 3, store: store) }
        #expect("\(try #require(error))".contains("4, 8, 16 and 32"))
    }

    /// The counts of the published network (Peng et al., "Pi-NAS", 2021; COCO).
    @Test func countsAreThoseOfThePublishedNetwork() throws {
        let trans = Architecture([3, 3, 3, 3, 1, 1, 3, 3, 3, 0, 0, 1, 1, 0, 2, 1])
        let backbone = try ResNeStSpace.resnest50.network(code: trans, classes: 0).backbone
        let store = try ParameterStore(seed: 0)
        _ = try Detector(backbone.dense(outputStride: 32), classes: 80, store: store)
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
    }
}
