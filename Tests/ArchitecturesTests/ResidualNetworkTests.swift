import Testing

@testable import Architectures

/// Residual networks of basic blocks.
@Suite struct ResidualNetworkTests {
    private func network(_ network: ResidualNetwork, classes: Int = 10) throws -> NetworkDescription {
        NetworkDescription(channels: network.channels, classes: classes, backbone: try network.backbone())
    }

    /// ResNet-20 of the paper's section 4.2 with projections, whose parameters and multiply-adds are counted by hand.
    @Test func resNet20HasItsParameters() throws {
        let cost = try network(.init(widths: [16, 32, 64], depths: [3, 3, 3])).cost(imageSize: 32)
        #expect(cost.parameters == 272_474)
        let (stem, fc) = (3 * 16 * 9 * 1024, 640)
        let first = 3 * 2 * 16 * 16 * 9 * 1024
        let second = (16 * 32 * 9 + 5 * 32 * 32 * 9 + 16 * 32) * 256
        let third = (32 * 64 * 9 + 5 * 64 * 64 * 9 + 32 * 64) * 64
        #expect(cost.multiplyAdds == stem + first + second + third + fc)
    }

    @Test func aStemWithAStrideHasTwoConvolutions() throws {
        let layer = try ResidualNetwork(channels: 1, stemStride: 2, widths: [32, 64], depths: [1, 1]).backbone()
        let keys = try TensorLayout(of: layer, inputs: 1).tensors.map(\.key)
        #expect(keys.contains("conv1.0.weight") && keys.contains("conv1.3.weight") && keys.contains("bn1.weight"))
        let cost = try NetworkDescription(channels: 1, classes: 2, backbone: layer).cost(imageSize: 28)
        let stem = 16 * 9 * 784 + 16 * 32 * 9 * 196
        let blocks = 2 * 32 * 32 * 9 * 196 + (32 * 64 * 9 + 64 * 64 * 9 + 32 * 64) * 49
        #expect(cost.multiplyAdds == stem + blocks + 128)
    }

    @Test func itsBlocksMayBeNarrowerAndLeftOut() throws {
        let layer = try ResidualNetwork(widths: [32, 64, 128], depths: [2, 2, 2]).backbone()
        let elastic = try layer.elastic(inputs: 3)
        let space = try SupernetDescription("small", channels: 3, backbone: elastic.layer).space
        #expect(space.points.map { $0.candidates.first == Elasticity.skip } == [true, true, false, true, false, true])
        #expect(
            space.points.allSatisfy { $0.candidates.suffix(4) == ["width 1/4", "width 1/2", "width 3/4", "whole"] })
    }

    @Test(arguments: [
        (ResidualNetwork(widths: [32], depths: [1, 1]), "must be of the same stages"),
        (ResidualNetwork(widths: [], depths: []), "must be of the same stages"),
        (ResidualNetwork(widths: [0], depths: [1]), "widths must be from 1"),
        (ResidualNetwork(widths: [8], depths: [0]), "depths must be from 1"),
        (ResidualNetwork(channels: 0), "channels must be from 1"),
        (ResidualNetwork(stemStride: 5), "stride must be from 1"),
    ]) func sizesThatMakeNoSenseAreNamed(_ network: ResidualNetwork, _ words: String) throws {
        let error = #expect(throws: SpaceError.self) { try network.backbone() }
        #expect(error.map { "\($0)".contains(words) } == true, "\(String(describing: error))")
    }
}
