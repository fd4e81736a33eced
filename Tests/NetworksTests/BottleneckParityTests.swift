import GoldenCases
import NN
import Testing
import Torch

@testable import Architectures
@testable import Networks

/// Residual blocks against the PyTorch peer: the bottlenecks among the cases of nn-layers.
@Suite struct BottleneckParityTests {
    @Test(
        arguments: GoldenFile.arguments("nn-layers").filter { $0.kind == "bottleneck" },
        [MemoryFormat.contiguous, .channelsLast])
    func agrees(golden: GoldenCase, format: MemoryFormat) throws {
        let choice = SplitAttentionChoice.all[try golden.int("candidate")]
        #expect(
            choice
                == SplitAttentionChoice(
                    radix: try golden.int("radix"), cardinality: try golden.int("cardinality"),
                    baseWidth: try golden.int("base_width")))
        let (inputs, planes) = (try golden.int("in_channels"), try golden.int("planes"))
        #expect(try choice.innerWidth(planes: planes) == golden.int("width"))
        let outputs = try planes * golden.int("expansion")
        let stride = try golden.int("stride")
        let discrepancies = try layerDiscrepancies(golden, format) { scope in
            let shortcut =
                try golden.bool("project")
                ? Layer.Part("downsample", ResNeStSpace.shortcut(outputs, stride: stride)) : nil
            let body = ResNeStSpace.bottleneck(choice, planes: planes, outputs: outputs, stride: stride, lastScale: 1)
            var builder = ModuleBuilder(points: [:])
            let block = try builder.build(
                .residual(body: body, shortcut: shortcut, relu: true), scope, inputs: inputs)
            #expect(block.outputs == outputs)
            return { try block.module($0[0], Module.Pass(mode: .training(nil), architecture: nil)) }
        }
        #expect(discrepancies == [])
    }

    @Test func allCasesAreThere() throws {
        #expect(try GoldenFile.cases("nn-layers").filter { $0.kind == "bottleneck" }.count == 3)
    }

    /// The law that nn-init holds initialisers against under the name `resnest_normal`, and the weights that it gives.
    @Test func convolutionsStartAsPublished() throws {
        #expect(Layer.Convolution.Start.fanOut.initializer == .kaimingNormal(fan: .output, slope: 0))
        #expect(Layer.Convolution.Start.fanIn.initializer == .defaultWeight)
        let space = ResNeStSpace(stem: .deep, planes: [64], depths: [4])
        let network = try ImageNetwork(
            space.network(code: Architecture([0, 1, 2, 3]), classes: 2), store: ParameterStore(seed: 5))
        var seen = 0
        for entry in network.store.parameters where entry.tensor.rank == 4 && entry.tensor.elementCount > 1000 {
            let (shape, deviation) = (entry.tensor.shape, try entry.tensor.variance().item().squareRoot())
            let published = (2 / Double(shape[0] * shape[2] * shape[3])).squareRoot()
            #expect(abs(deviation / published - 1) < 0.1, "\(entry.key)")
            seen += 1
        }
        #expect(seen == 23)
    }
}
