import Architectures
import Foundation
import NN
import Networks
import Support
import Testing
import Torch

@testable import Proxies

/// What holds of the scores of any network.
@Suite struct ZeroCostProxyTests {
    private func images(_ count: Int = 8, side: Int = 12, channels: Int = 1) throws -> Tensor {
        try .normal([count, channels, side, side], using: Generator(seed: 1))
    }

    private func labels(_ count: Int = 8) throws -> Tensor { try Tensor((0..<count).map { Int64($0 % 4) }) }

    private func score(_ proxy: any ZeroCostProxy, _ network: NetworkDescription, seed: UInt64 = 3) throws -> Double {
        try proxy.score(network, images: images(channels: network.channels), labels: labels(), seed: seed)
    }

    @Test(arguments: ZeroCostProxyFamily.registry.names)
    func aScoreFollowsFromItsSeed(name: String) throws {
        let proxy = try #require(ZeroCostProxyFamily.registry[name])
        let network = ProxyNetworks.chain(width: 6)
        let scores = try [3, 3, 4].map { try score(proxy, network, seed: $0) }
        #expect(scores[0] == scores[1])
        #expect(scores[0] != scores[2])
        #expect(scores.allSatisfy { $0.isFinite && $0 > ProxyScore.lowest })
    }

    /// The scores are those of a caller that records gradients, and nothing of the caller's is touched.
    @Test(arguments: ZeroCostProxyFamily.registry.names)
    func theCallersModesAndImagesStay(name: String) throws {
        let proxy = try #require(ZeroCostProxyFamily.registry[name])
        let network = ProxyNetworks.chain(width: 4)
        let (images, labels) = (try images(), try labels())
        let before = try images.cloned()
        let outside = try proxy.score(network, images: images, labels: labels, seed: 0)
        let inside = try withoutGradients { try proxy.score(network, images: images, labels: labels, seed: 0) }
        #expect(outside == inside)
        #expect(!images.requiresGradient && images.gradient == nil)
        #expect(try images.array(Float.self) == before.array(Float.self))
    }

    @Test func aWiderNetworkHasMoreSynapticFlow() throws {
        let flows = try [4, 8, 16, 32].map { try score(SynapticFlow(), ProxyNetworks.chain(width: $0)) }
        #expect(flows == flows.sorted() && Set(flows).count == flows.count)
    }

    /// Of one linear layer on pooled ones: the sum of its weights' magnitudes.
    @Test func theSynapticFlowOfASingleLayerIsItsWeightsSum() throws {
        let network = ProxyNetworks.network([Layer.Part("", .globalPool)], channels: 3)
        let store = try ParameterStore(seed: 3)
        _ = try ImageNetwork(network, store: store)
        let weights = try #require(store["fc.weight"])
        let sum = try withoutGradients { try weights.to(.float64).absolute().sum().item() }
        #expect(try abs(score(SynapticFlow(), network) - log(sum)) < 1e-12)
    }

    /// A scale of 0, where residual blocks may start, must not stop the flow.
    @Test func batchNormsDoNotChangeTheSynapticFlow() throws {
        let convolution = Layer.Part("conv", .convolution(.init(4, kernel: 3)))
        let end = [Layer.Part("", .relu), Layer.Part("", .globalPool)]
        let plain = try score(SynapticFlow(), ProxyNetworks.network([convolution] + end))
        for scale in [0, 1, 2] as [Double] {
            let normed = ProxyNetworks.network([convolution, Layer.Part("bn", .batchNorm(scale: scale))] + end)
            #expect(try abs(score(SynapticFlow(), normed) - plain) < 1e-12)
        }
    }

    /// Beyond float32 after 60 layers, beyond float64 after 600.
    @Test func theSynapticFlowOfDeepNetworksIsFinite() throws {
        func flow(_ depth: Int) throws -> Double {
            let layers = (0..<depth).map { Layer.Part("conv\($0)", .convolution(.init(8, kernel: 3))) }
            let network = ProxyNetworks.network(layers + [Layer.Part("", .globalPool)])
            return try SynapticFlow().score(
                network, images: images(1, side: 2), labels: labels(1), seed: 0)
        }
        let flows = try [60, 120, 900].map(flow)
        #expect(flows[0] > 60 && flows[1] > flows[0] + 60 && flows[2] >= flows[1])
        #expect(abs(flows[2] - log(Double.greatestFiniteMagnitude)) < 1)
    }

    @Test(arguments: ZeroCostProxyFamily.registry.names)
    func aNetworkWithoutParametersOfItsOwnHasAScore(name: String) throws {
        let proxy = try #require(ZeroCostProxyFamily.registry[name])
        let network = ProxyNetworks.network([
            Layer.Part("", .pool(.init(.max, kernel: 2, stride: 2))), Layer.Part("", .globalPool),
        ])
        let found = try score(proxy, network)
        #expect(found.isFinite)
        #expect(try found < score(proxy, ProxyNetworks.chain(width: 8)))
        if ["jacobian-covariance", "naswot", "zen"].contains(name) { #expect(found == ProxyScore.lowest) }
    }

    /// Zeros: no image reaches the outputs, whatever stands before.
    @Test(arguments: ZeroCostProxyFamily.registry.names)
    func aNetworkThatIsCutOffHasTheLowestScore(name: String) throws {
        let proxy = try #require(ZeroCostProxyFamily.registry[name])
        let network = ProxyNetworks.network(
            Layer.convolutionBlock("conv", "bn", .init(4, kernel: 3), relu: false)
                + [Layer.Part("", .zero(stride: 1)), Layer.Part("", .relu), Layer.Part("", .globalPool)])
        let found = try score(proxy, network)
        #expect(found.isFinite)
        // The loss still has a gradient for the classifier's bias.
        if name != GradientNorm().name { #expect(found == ProxyScore.lowest) }
    }

    /// The same image twice: one code, one Jacobian.
    @Test func imagesThatCannotBeToldApartScoreLow() throws {
        let network = ProxyNetworks.chain(width: 4)
        let image = try images(4)
        let twins = try Tensor.concatenated([image, image])
        func twinScore(_ proxy: any ZeroCostProxy) throws -> Double {
            try proxy.score(network, images: twins, labels: labels(), seed: 3)
        }
        #expect(try twinScore(ActivationKernel()) == ProxyScore.lowest)
        #expect(try twinScore(JacobianCovariance()) < score(JacobianCovariance(), network) - 1e5)
    }

    @Test(arguments: ZeroCostProxyFamily.registry.names)
    func aSingleImageHasAScore(name: String) throws {
        let proxy = try #require(ZeroCostProxyFamily.registry[name])
        let found = try proxy.score(
            ProxyNetworks.chain(width: 4), images: images(1, side: 2), labels: labels(1), seed: 0)
        #expect(found.isFinite)
    }

    @Test func infiniteAndUndefinedScoresBecomeTheLimits() {
        #expect(ProxyScore.bounded(.nan) == ProxyScore.lowest)
        #expect(ProxyScore.bounded(-.infinity) == ProxyScore.lowest)
        #expect(ProxyScore.bounded(.infinity) == -ProxyScore.lowest)
        #expect(ProxyScore.bounded(-2.5) == -2.5)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        let network = ProxyNetworks.chain(width: 4)
        func refused(_ images: Tensor, _ labels: Tensor) {
            #expect(throws: TorchError.self) {
                try ActivationKernel().score(network, images: images, labels: labels, seed: 0)
            }
        }
        let (images, labels) = (try images(), try labels())
        refused(try self.images(channels: 3), labels)
        refused(try images.select(0), labels)
        refused(images, try self.labels(7))
        refused(images, try labels.to(.float32))
        refused(images, try Tensor([Int64](repeating: 4, count: 8)))
        refused(try images.slice(0..<0), try labels.slice(0..<0))
    }

    /// What is drawn for the Zen-score: standard normal kernels, batch norms and biases that do nothing.
    @Test func theZenScoreDrawsNormalWeights() throws {
        let store = try ParameterStore(seed: 0)
        _ = try ImageNetwork(ProxyNetworks.chain(width: 32), store: store)
        try ZenScore.redraw(store, using: Generator(seed: 5))
        let kernel = try #require(store["conv2.weight"]).detached()
        let deviation = try kernel.variance().squareRoot().item()
        #expect(try abs(kernel.mean().item()) < 0.05 && abs(deviation - 1) < 0.05)
        for (key, value) in [("bn1.weight", 1), ("bn1.bias", 0), ("fc.bias", 0)] as [(String, Double)] {
            #expect(try #require(store[key]).to(.float64).array(Double.self).allSatisfy { $0 == value })
        }
    }

    /// How many weights there are, the logarithm: a proxy of a test's own.
    private struct WeightCount: ZeroCostProxy {
        let name = "weight-count"
        let summary = "The logarithm of the number of weights."
        let judgesFeatures = false

        func score(_ trial: ProxyTrial) throws -> Double {
            trial.network.store.parameters.isEmpty ? .nan : log(Double(trial.network.store.parameterCount))
        }
    }

    @Test func aProxyOfOnesOwnIsScoredLikeTheBuiltInOnes() throws {
        #expect(
            ZeroCostProxyFamily.registry.names == [
                "synflow", "gradient-norm", "jacobian-covariance", "naswot", "zen",
            ])
        // In a registry of its own, so that other tests go on with the built-in ones.
        let registry = Registry<any ZeroCostProxy>(of: "zero-cost proxy", ZeroCostProxyFamily.registry.members) {
            $0.name
        }
        try registry.register(WeightCount())
        #expect(throws: RegistrationError.nameTaken("weight-count", noun: "zero-cost proxy")) {
            try registry.register(WeightCount())
        }
        let proxy = try #require(registry["weight-count"])
        #expect(try score(proxy, ProxyNetworks.chain(width: 4)) < score(proxy, ProxyNetworks.chain(width: 8)))
    }
}
