import Architectures
import GoldenCases
import NN
import Networks
import Testing
import Torch

/// Whole networks through one training step against the PyTorch peer.
@Suite struct ResNeStParityTests {
    @Test(arguments: GoldenFile.arguments("resnest"), [MemoryFormat.contiguous, .channelsLast])
    func agrees(golden: GoldenCase, format: MemoryFormat) throws {
        guard golden.kind == "resnest" else { throw golden.unknownKind() }
        let space = try ResNeStSpace(
            channels: golden.int("in_channels"), stem: stem(golden), stemWidth: golden.int("stem_width"),
            planes: golden.ints("planes"), depths: golden.ints("depths"), expansion: golden.int("expansion"))
        let network = try ImageNetwork(
            space.network(code: Architecture(golden.ints("code")), classes: golden.int("num_classes")),
            store: ParameterStore(seed: 0, format: format))
        let store = network.store
        try store.load(golden.state("param.", "buffer."))
        let images = try golden.tensor("input.x", format)

        let logits = try network(images, .training(nil))
        let loss = try logits.crossEntropy(golden.tensor("input.target"))
        try loss.backward()
        let comparison = Comparison(golden)
        try comparison.compare("output.logits", logits)
        try comparison.compare("output.loss", loss)
        try comparison.compareState(of: store, golden)

        func evaluated() throws -> Tensor { try withoutGradients { try network(images, .evaluation) } }
        try comparison.compare("output.eval_logits", evaluated())
        let optimizer = try SGD(
            [ParameterGroup(store.parameters.map { ($0.key, $0.tensor) })], momentum: golden.double("momentum"),
            weightDecay: golden.double("weight_decay"))
        try optimizer.step(learningRate: golden.double("lr"))
        try comparison.compare("output.eval_logits_after_step", evaluated())
        #expect(comparison.discrepancies == [])
    }

    @Test func allCasesAreThere() throws {
        #expect(try GoldenFile.cases("resnest").count == 2)
    }

    private func stem(_ golden: GoldenCase) throws -> ResNeStSpace.Stem {
        switch try golden.text("stem") {
        case "imagenet": return .deep
        case "small": return .small
        default: throw golden.unknownKind()
        }
    }
}
