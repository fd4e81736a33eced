import GoldenCases
import NN
import Networks
import Testing
import Torch

@testable import Proxies

/// Every proxy against its formula in plain PyTorch.
@Suite struct GoldenTests {
    @Test(arguments: GoldenFile.arguments("proxies"), [MemoryFormat.contiguous, .channelsLast])
    func agrees(golden: GoldenCase, format: MemoryFormat) throws {
        guard let description = ProxyNetworks.golden(golden.kind) else { throw golden.unknownKind() }
        func network(_ dtype: DType = .float32) throws -> ImageNetwork {
            let store = try ParameterStore(seed: 0, format: format, dtype: dtype)
            let network = try ImageNetwork(description, store: store)
            try store.load(golden.state("param.", "buffer."))
            return network
        }
        let images = try golden.tensor("input.images", format)
        let comparison = Comparison(golden)
        func compare(_ proxy: any ZeroCostProxy, _ score: Double) throws {
            try comparison.compare("value.\(proxy.name)", [score])
        }
        try compare(SynapticFlow(), SynapticFlow.score(network(.float64), imageShape: Array(images.shape.dropFirst())))
        try compare(GradientNorm(), GradientNorm.score(network(), images, golden.tensor("input.labels")))
        try compare(JacobianCovariance(), JacobianCovariance.score(network(), images))
        try compare(ActivationKernel(), ActivationKernel.score(network(), images))
        try compare(ZenScore(), ZenScore.score(network(), images, perturbed: golden.tensor("input.noise", format)))
        #expect(comparison.discrepancies == [])
    }

    @Test func allCasesAreThere() throws {
        #expect(try GoldenFile.cases("proxies").map(\.name) == ["cells", "plain", "attention"])
    }
}
