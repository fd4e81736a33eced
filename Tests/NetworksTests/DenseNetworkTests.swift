import Architectures
import Foundation
import GoldenCases
import NN
import Support
import TestSpaces
import Testing
import Torch

@testable import Networks

/// Dense networks with tensors, against PyTorch (Tests/Goldens/dense.py, dense-mobilenet-v2.py), in supernets, and with
/// dropout.
@Suite struct DenseNetworkTests {
    private func golden(_ file: String, _ name: String) throws -> GoldenCase {
        try #require(GoldenFile.cases(file).first { $0.name == name })
    }

    /// A dilated ResNeSt's maps, and the gradients of all of them together.
    @Test(arguments: [MemoryFormat.contiguous, .channelsLast]) func aDilatedResNeStAgrees(format: MemoryFormat) throws {
        let golden = try golden("dense", "resnest")
        let space = ResNeStSpace(
            stem: .deep, stemWidth: try golden.int("stem"), planes: try golden.ints("planes"),
            depths: try golden.ints("depths"), expansion: try golden.int("expansion"))
        let plain = try space.network(code: Architecture(golden.ints("code")), classes: 0).backbone
        let dense = try plain.dense(outputStride: 8)
        let store = try ParameterStore(seed: 0, format: format)
        let network = try Backbone(dense.layer, channels: 3, store: store)
        try store.load(golden.state("param.", "buffer."))
        let x = try golden.tensor("input.x", format).requireGradient()
        let found = try network.maps(x, .evaluation)
        #expect(found.maps.map(\.name) == ["C2", "C3", "C4", "C5"])
        let comparison = Comparison(golden)
        for (name, map) in found.maps {
            try comparison.compare("output.\(name)", map)
            try map.backward(golden.tensor("upstream.\(name)", format), retainGraph: name != "C5")
        }
        try comparison.compare("grad.input.x", x.gradient)
        for entry in store.parameters {
            try comparison.compare("grad.param." + entry.key, entry.tensor.gradient)
        }
        #expect(comparison.discrepancies == [])
        // The last map is the result, and the same checkpoint is the whole network's.
        #expect(try bits(found.output) == bits(found.map("C5")))
        let whole = try ParameterStore(seed: 1)
        _ = try Backbone(plain, channels: 3, store: whole)
        #expect(whole.keys.map(\.key) == store.keys.map(\.key))
        #expect(throws: TorchError.self) { try found.map("C6") }
    }

    @Test(arguments: [8, 16]) func aDilatedMobileNetAgrees(outputStride: Int) throws {
        let golden = try golden("dense-mobilenet-v2", "mobilenet-v2")
        let dense = try MobileNetV2(widthMultiplier: golden.double("width")).backbone().dense(
            outputStride: outputStride)
        let store = try ParameterStore(seed: 0, format: .channelsLast)
        let network = try Backbone(dense.layer, channels: 3, store: store)
        try store.load(golden.state("param.", "buffer."))
        let found = try withoutGradients { try network.maps(golden.tensor("input.x"), .evaluation) }
        for (name, map) in found.maps {
            let expected = try golden.tensor("output.\(outputStride).\(name)")
            let part = name == "C5" ? try map.slice(0..<map.size(1), dimension: 1, step: 10) : map
            #expect(try relativeError(of: part, to: expected) < 1e-5, "\(name)")
        }
    }

    /// Networks whose strides are those of convolutions, with windows of 3, 5 and 7.
    private static let convolutional: [String: @Sendable () throws -> Layer] = [
        "resnet": { try ResidualNetwork(stemStride: 2, widths: [4, 8, 8, 8, 8], depths: [1, 2, 1, 2, 1]).backbone() },
        "mobilenet-v2": { try MobileNetV2(widthMultiplier: 0.1).backbone() },
        "mobile": {
            let space = try MobileSpace(
                stemWidth: 4, widths: [4, 8, 8, 8, 8], depths: [1, 2, 2, 2, 1], strides: [2, 2, 2, 1, 2], headWidth: 8
            ).description()
            let path = Architecture(space.space.points.indices.map { $0 % 6 })
            return try space.fixed(to: path)
        },
    ]

    /// Dilation in place of strides sees what the network itself sees: the positions that both have agree.
    @Test(arguments: convolutional.keys.sorted(), [4, 8, 16]) func thePositionsOfTheNetworkItselfStay(
        name: String, outputStride: Int
    ) throws {
        let make = try #require(Self.convolutional[name])
        let plain = try make()
        let whole = try plain.dense(outputStride: 32)
        let dense = try plain.dense(outputStride: outputStride)
        let (first, second) = (try ParameterStore(seed: 6), try ParameterStore(seed: 7))
        let (one, other) = (
            try Backbone(whole.layer, channels: 3, store: first), try Backbone(dense.layer, channels: 3, store: second)
        )
        try shake(first)
        try second.load(first.state)
        let images = try images(2, .init(height: 75, width: 64))
        let (own, found) = try withoutGradients {
            (try one.maps(images, .evaluation), try other.maps(images, .evaluation))
        }
        #expect(whole.maps.last?.stride == 32 && dense.maps.last?.stride == outputStride)
        for (before, after) in zip(whole.maps, dense.maps) {
            let step = before.stride / after.stride
            let map = try found.map(after.name)
            let part = try map.slice(0..<map.size(2), dimension: 2, step: step)
                .slice(0..<map.size(3), dimension: 3, step: step)
            #expect(try relativeError(of: part, to: own.map(before.name)) < 1e-4, "\(after.name)")
        }
    }

    /// torchvision's heads, its loss and all gradients.
    @Test(arguments: [MemoryFormat.contiguous, .channelsLast]) func theHeadsAreTorchvisions(format: MemoryFormat) throws
    {
        let golden = try golden("dense", "heads")
        let (classes, width) = (try golden.int("classes"), try golden.int("width"))
        let store = try ParameterStore(seed: 0, format: format)
        let head = try Backbone(
            DeepLabV3.head(classes: classes, outputStride: 8, width: width, variant: .torchvision),
            channels: golden.int("last"), at: store.root / "classifier")
        let auxiliary = try Backbone(
            DeepLabV3.auxiliary(classes: classes, width: golden.int("before") / 4, variant: .torchvision),
            channels: golden.int("before"), at: store.root / "aux_classifier")
        try store.load(golden.state("param.", "buffer."))
        let c5 = try golden.tensor("input.c5", format).requireGradient()
        let c4 = try golden.tensor("input.c4", format).requireGradient()
        let target = try golden.tensor("input.target").to(.int64)
        let (out, aux) = (try head(c5, .training(nil)), try auxiliary(c4, .training(nil)))
        let losses = try [out, aux].map { logits in
            try Self.crossEntropy(logits.resized(65, 97), target, ignoring: 255)
        }
        let loss = try losses[0] + losses[1] * 0.5
        try loss.backward()
        let comparison = Comparison(golden)
        try comparison.compare("output.out", out)
        try comparison.compare("output.aux", aux)
        try comparison.compare("value.loss", loss)
        try comparison.compare("grad.input.c5", c5.gradient)
        try comparison.compare("grad.input.c4", c4.gradient)
        try comparison.compareState(of: store, golden)
        #expect(comparison.discrepancies == [])
    }

    /// The mean over the pixels that have a class.
    private static func crossEntropy(_ logits: Tensor, _ target: Tensor, ignoring: Int) throws -> Tensor {
        let classes = logits.size(1)
        let rows = try logits.permuted([0, 2, 3, 1]).contiguous().reshaped([-1, classes])
        let flat = try target.reshaped([-1])
        let labels = try flat.array(Int.self)
        let kept = labels.indices.filter { labels[$0] != ignoring }
        let places = try Tensor(kept.map(Int64.init))
        return try rows.indexed(by: places).crossEntropy(flat.indexed(by: places), smoothing: 0)
    }

    /// The whole network is measured as it is counted.
    @Test func aDenseNetworkCostsWhatItIsSaidTo() throws {
        let space = ResNeStSpace(stem: .small, planes: [8, 16], depths: [1, 2], expansion: 2)
        let dense = try space.network(code: Architecture([1, 2, 0]), classes: 0).backbone.dense(outputStride: 1)
        let layer = DeepLabV3.network(dense, classes: 5, width: 4)
        let description = NetworkDescription(channels: 3, classes: 0, backbone: layer)
        let store = try ParameterStore(seed: 2)
        let network = try ImageNetwork(description, head: .map(outputs: 5), store: store)
        try shake(store)
        let image = try images(1, 12)
        let pass = MeasuredPass(nil)
        var builder = ModuleBuilder(points: [:])
        let second = try ParameterStore(seed: 3)
        let module = try builder.build(layer, second.root, inputs: 3).module
        try second.load(store.state)
        let (measured, own) = try withoutGradients { (try pass.run(module, image), try network(image, .evaluation)) }
        #expect(own.shape == [1, 5, 12, 12])
        #expect(try relativeError(of: measured, to: own) < 1e-5)
        #expect(pass.steps == (try description.trace(imageSize: 12).map(MeasuredPass.Step.init)))
        #expect(try description.cost(imageSize: 12).parameters == store.parameterCount)
        #expect(throws: SpaceError.self) {
            try ImageNetwork(description, head: .map(outputs: 4), store: ParameterStore(seed: 1))
        }
    }

    /// A path is its stand-alone network bit for bit, and hands out the same maps, in training as well.
    @Test(arguments: SmallSpace.allCases.filter { $0 != .imageSizes && $0 != .depths })
    func aPathOfADenseSupernetIsItsNetwork(kind: SmallSpace) throws {
        let plain = try kind.description()
        let dense = try plain.backbone.dense(outputStride: 1)
        let description = try SupernetDescription(
            "dense", channels: 3, backbone: DeepLabV3.network(dense, classes: 4, width: 8))
        #expect(description.space.points == plain.space.points)
        let supernet = try Supernet(description, store: ParameterStore(seed: 3, format: .channelsLast))
        try shake(supernet.store)
        let costs = try CostTable(description, imageSize: 16, classes: 0)
        #expect(supernet.store.parameterCount >= costs.supernetParameters)
        for path in try kind.architectures(3) {
            let store = try ParameterStore(seed: 5, format: .channelsLast)
            let network = try Backbone(description.fixed(to: path), channels: 3, store: store)
            #expect(costs.cost(of: path).parameters == store.parameterCount)
            try store.load(supernet.state(of: path))
            for policy in [BatchNormPolicy.training, .running] {
                func mode() throws -> Mode { Mode(batchNorm: policy, dropout: try Generator(seed: 4)) }
                let (own, alone) = try withoutGradients {
                    (try supernet.maps(images(4, 16), path, mode()), try network.maps(images(4, 16), mode()))
                }
                #expect(try bits(own.output) == bits(alone.output))
                #expect(own.maps.map(\.name) == dense.maps.map(\.name))
                for ((_, map), (_, other)) in zip(own.maps, alone.maps) { #expect(try bits(map) == bits(other)) }
                if policy == .running {
                    let plainly = try withoutGradients { try network(images(4, 16), mode()) }
                    #expect(try bits(plainly) == bits(alone.output))
                }
            }
        }
    }

    /// Smaller windows that matrices make of larger ones, with gaps, in an elastic MobileNetV3.
    @Test(arguments: [3, 5, 7]) func matricesLeadToDilatedWindows(kernel: Int) throws {
        let space = try MobileNetV3ElasticSpace(widthMultiplier: 0.25, stemStride: 1).description()
        let description = try SupernetDescription(
            "dense", channels: 3, backbone: space.backbone.dense(outputStride: 4).layer)
        let supernet = try Supernet(description, store: ParameterStore(seed: 3, format: .channelsLast))
        try shake(supernet.store)
        let path = try #require(MobileNetV3ElasticSpace.architecture(depth: 3, kernel: kernel, expansion: 4))
        let store = try ParameterStore(seed: 5, format: .channelsLast)
        let network = try Backbone(description.fixed(to: path), channels: 3, store: store)
        try store.load(supernet.state(of: path))
        let (own, alone) = try withoutGradients {
            (try supernet.maps(images(2, 24), path, .evaluation), try network.maps(images(2, 24), .evaluation))
        }
        #expect(own.maps.map(\.name) == ["C2", "C3", "C4", "C5"] && own.output.shape[2...] == [6, 6])
        for ((_, map), (_, other)) in zip(own.maps, alone.maps) { #expect(try bits(map) == bits(other)) }
    }

    /// One value for each channel has no statistics: that is said, rather than learned as something that is no number.
    @Test func theImageBranchLearnsFromSeveralImages() throws {
        let store = try ParameterStore(seed: 1)
        let head = try Backbone(
            DeepLabV3.head(classes: 2, outputStride: 8, width: 4), channels: 3, at: store.root / "head")
        #expect(throws: TorchError.self) { try head(images(1, 6), .training(nil)) }
        #expect(throws: TorchError.self) { try head(images(1, 6), Mode(batchNorm: .recalibrating(batch: 0))) }
        #expect(try head(images(1, 6), .evaluation).shape == [1, 2, 6, 6])
        #expect(try head(images(2, 6), .training(nil)).shape == [2, 2, 6, 6])
        #expect(store.keys.contains { $0.key == "head.aspp.b4.gap.1.weight" })
    }

    /// Gradients of every map reach the layers before it and no others.
    @Test func gradientsFlowThroughMaps() throws {
        let dense = try ResidualNetwork().backbone().dense(outputStride: 4)
        let store = try ParameterStore(seed: 1)
        let network = try Backbone(dense.layer, channels: 3, store: store)
        let maps = try network.maps(images(2, 8), .training(nil))
        try maps.map("C4").sum().backward()
        #expect(store["layer2.1.conv2.weight"]?.gradient != nil && store["layer3.0.conv1.weight"]?.gradient == nil)
    }

    @Test func dropoutFollowsFromItsGenerator() throws {
        let x = try Tensor.ones([4, 6, 5, 3])
        func run(_ layer: Layer, _ mode: Mode) throws -> Tensor {
            var builder = ModuleBuilder(points: [:])
            let module = try builder.build(layer, ParameterStore(seed: 1).root, inputs: 6).module
            return try module(x, Module.Pass(mode: mode, architecture: nil))
        }
        for ofChannels in [false, true] {
            let layer = Layer.dropout(probability: 0.5, ofChannels: ofChannels)
            let first = try run(layer, .training(Generator(seed: 8)))
            #expect(try bits(first) == bits(run(layer, .training(Generator(seed: 8)))))
            #expect(try bits(first) != bits(run(layer, .training(Generator(seed: 9)))))
            #expect(try bits(run(layer, .evaluation)) == bits(x) && bits(run(layer, .training(nil))) == bits(x))
            let values = try first.array(Float.self)
            #expect(Set(values) == [0, 2])
            let channels = stride(from: 0, to: values.count, by: 15).map { Set(values[$0..<$0 + 15]).count }
            #expect(channels.allSatisfy { $0 == 1 } == ofChannels)
        }
    }
}
