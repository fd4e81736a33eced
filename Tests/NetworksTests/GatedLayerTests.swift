import Architectures
import Foundation
import GoldenCases
import NN
import Testing
import Torch

@testable import Networks

/// Hard activations, gates, resizing and the blocks made of them, against PyTorch and torchvision
/// (Tests/Goldens/gated-layers.py), and in supernets.
@Suite struct GatedLayerTests {
    @Test(arguments: GoldenFile.arguments("gated-layers"), [MemoryFormat.contiguous, .channelsLast])
    func agreesWithPyTorch(golden: GoldenCase, format: MemoryFormat) throws {
        let layer = try layer(golden)
        let discrepancies = try layerDiscrepancies(golden, format) { scope in
            var builder = ModuleBuilder(points: [:])
            let module = try builder.build(layer, scope, inputs: golden.int("channels")).module
            return { try module($0[0], Module.Pass(mode: .training(nil), architecture: nil)) }
        }
        #expect(discrepancies == [])
    }

    @Test func allCasesAreThere() throws { #expect(try GoldenFile.cases("gated-layers").count == 15) }

    private func layer(_ golden: GoldenCase) throws -> Layer {
        try JSONDecoder().decode(Layer.self, from: Data(golden.text("layer").utf8))
    }

    @Test func theConvenienceIsTheLayerOfTorchvision() throws {
        let golden = try #require(GoldenFile.cases("gated-layers").first { $0.name == "squeeze-excitation" })
        #expect(try layer(golden) == .squeezeExcitation(reduced: 4, outputs: 6))
    }

    /// Outputs in bfloat16, gradients of the weights in float32, both those of float32 but for the digits.
    @Test(
        arguments: GoldenFile.arguments("gated-layers").filter {
            $0.name.hasPrefix("block-") || ["gate-of-positions", "squeeze-excitation"].contains($0.name)
        })
    func learnsInBfloat16(golden: GoldenCase) throws {
        let layer = try layer(golden)
        let store = try ParameterStore(seed: 0, format: .channelsLast)
        var builder = ModuleBuilder(points: [:])
        let module = try builder.build(layer, store.root, inputs: golden.int("channels")).module
        try store.load(golden.state("param.", "buffer."))
        let x = try golden.tensor("input.x", .channelsLast).requireGradient()
        let y = try withPrecision(.bfloat16, on: store.device) {
            try module(x, Module.Pass(mode: .training(nil), architecture: nil))
        }
        try y.to(.float32).backward(golden.tensor("upstream", .channelsLast))
        // In the mean: at the kinks of activations single gradients change whole.
        func error(_ actual: Tensor?, _ name: String) throws -> Double {
            let (actual, expected) = (try #require(actual, "\(name)"), try golden.tensor(name))
            #expect(actual.dtype == .float32 || name == "output", "\(name)")
            return try (actual.to(.float32) - expected).norm().item() / expected.norm().item()
        }
        // What comes in is float32, and so is its product with anything; a block ends in a norm of what is not.
        #expect(y.dtype == (golden.name.hasPrefix("block-") ? .bfloat16 : .float32))
        #expect(try error(y, "output") < 0.02)
        #expect(try error(x.gradient, "grad.input.x") < 0.05)
        for entry in store.parameters where !golden.zeros.contains("grad.param." + entry.key) {
            #expect(try error(entry.tensor.gradient, "grad.param." + entry.key) < 0.1, "\(entry.key)")
        }
    }

    @Test(arguments: [DType.float32, .bfloat16]) func activationsKeepThePrecisionOfWhatComesIn(dtype: DType) throws {
        let x = try Tensor.normal([2, 3, 4, 4], using: Generator(seed: 1)).to(dtype)
        for layer in [Layer.hardSwish, .hardSigmoid, .squeeze, .resize(height: 7, width: 2), .gate(.squeeze)] {
            var builder = ModuleBuilder(points: [:])
            let module = try builder.build(layer, ParameterStore(seed: 1).root, inputs: 3).module
            let y = try withPrecision(dtype == .bfloat16 ? .bfloat16 : .float32, on: .cpu) {
                try module(x, Module.Pass(mode: .evaluation, architecture: nil))
            }
            #expect(y.dtype == dtype, "\(layer)")
        }
    }

    /// A block that is gated or not, at its place in a supernet; and a gate whose inner layer is chosen.
    private func description() throws -> SupernetDescription {
        func block(_ gated: Bool) -> Layer {
            let gate = [Layer.Part("2", .squeezeExcitation(reduced: 4, outputs: 12))]
            return .residual(
                body: .sequence(
                    [
                        .init("0", .convolution(.init(12, kernel: 1))), .init("1", .batchNorm(scale: 1)),
                        .init("", .hardSwish),
                    ] + (gated ? gate : []) + [.init("3", .convolution(.init(6, kernel: 1)))]), shortcut: nil,
                relu: false)
        }
        let positions = Layer.gate(
            .choice(
                .init(
                    "positions",
                    [
                        .init(
                            "conv", .sequence([.init("c", .convolution(.init(6, kernel: 3))), .init("", .hardSigmoid)])),
                        .init("plain", .hardSigmoid),
                    ])))
        return try SupernetDescription(
            "gated", channels: 3,
            backbone: .sequence([
                .init("stem", .convolution(.init(6, kernel: 3))), .init("", .hardSwish),
                .init("block", .choice(.init("block", [.init("gated", block(true)), .init("plain", block(false))]))),
                .init("", .resize(height: 5, width: 9)), .init("positions", positions), .init("", .globalPool),
            ]))
    }

    @Test(arguments: [[0, 0], [0, 1], [1, 0], [1, 1]]) func aPathIsTheNetworkThatItStandsFor(choices: [Int]) throws {
        let (description, path) = (try description(), Architecture(choices))
        let supernet = try Supernet(description, store: ParameterStore(seed: 3))
        let backbone = try description.fixed(to: path)
        let own = try ImageNetwork(
            NetworkDescription(channels: 3, classes: 2, backbone: backbone), store: ParameterStore(seed: 4))
        try own.store.load(supernet.state(of: path) + own.store.state.filter { $0.key.hasPrefix("fc.") })
        let images = try images(2, 7)
        let (shared, alone) = try withoutGradients {
            (try supernet.features(images, path, .evaluation), try own.features(images, .evaluation))
        }
        #expect(try relativeError(of: shared, to: alone) == 0)

        let image = try images.slice(0..<1)
        let pass = MeasuredPass(path)
        let measured = try withoutGradients {
            try supernet.segments.reduce(image) { x, segment in try segment.modules.reduce(x) { try pass.run($1, $0) } }
        }
        #expect(try relativeError(of: measured, to: supernet.features(image, path, .evaluation)) < 1e-5)
        let traced = try own.description.trace(imageSize: 7)
        #expect(pass.steps == traced.dropLast().map(MeasuredPass.Step.init))
        let costs = try CostTable(description, imageSize: 7, classes: 0)
        #expect(costs.cost(of: path) == pass.steps.map(\.cost).reduce(Cost(), +))
        #expect(supernet.store.parameterCount == costs.supernetParameters)
    }

    @Test func whatDoesNotFitAGateIsRefused() throws {
        let network = NetworkDescription(
            channels: 3, classes: 2,
            backbone: .sequence([
                .init("a", .gate(.sequence([.init("c", .convolution(.init(4, kernel: 1)))]))), .init("", .globalPool),
            ]))
        let error = #expect(throws: SpaceError.self) { try ImageNetwork(network, store: ParameterStore(seed: 1)) }
        #expect(
            error?.description == "layer 'a': what comes into a gate and what lies in it give 3 and 4 channels")
    }

    /// A hard swish is positive where a ReLU is, so that what counts patterns of ReLUs sees it.
    @Test func anObserverSeesHardSwishes() throws {
        let network = try ImageNetwork(
            NetworkDescription(
                channels: 2, classes: 2,
                backbone: .sequence([.init("", .hardSwish), .init("", .squeeze), .init("", .globalPool)])),
            store: ParameterStore(seed: 0))
        let x = try Tensor.normal([2, 2, 3, 3], using: Generator(seed: 1))
        var seen: [Tensor] = []
        var pooled: [[Int]] = []
        _ = try network.features(x, .evaluation) { event in
            switch event {
            case .rectified(let y): seen.append(y)
            case .pooling(let x): pooled.append(x.shape)
            }
        }
        #expect(seen.count == 1 && pooled == [[2, 2, 1, 1]])
        #expect(
            try seen[0].isGreater(than: 0).to(.float32).array(Float.self)
                == x.isGreater(than: 0).to(.float32).array(Float.self))
    }
}
