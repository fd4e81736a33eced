import GoldenCases
import NN
import Testing
import Torch

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
                ? Shortcut(scope / "downsample", inputs, outputs, stride: stride) : nil
            let block = try SplitAttentionBottleneck(
                scope, inputs, outputs, planes: planes, stride: stride, choice: choice, shortcut: shortcut)
            return { try block($0[0], .training(nil)) }
        }
        #expect(discrepancies == [])
    }

    @Test func allCasesAreThere() throws {
        #expect(try GoldenFile.cases("nn-layers").filter { $0.kind == "bottleneck" }.count == 3)
    }

    /// The law that nn-init holds initialisers against under the name `resnest_normal`.
    @Test func convolutionsStartAsPublished() {
        #expect(SplitAttentionBottleneck.initializer == .kaimingNormal(fan: .output, slope: 0))
    }
}
