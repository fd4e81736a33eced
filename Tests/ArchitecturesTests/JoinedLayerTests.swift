import Architectures
import Support
import Testing

/// Dilation, joins, what is spread over the image, dropout and taps: shapes, costs, and what is refused.
@Suite struct JoinedLayerTests {
    private func trace(_ layer: Layer, channels: Int = 4) throws -> [TracedLayer] {
        try NetworkDescription(
            channels: channels, classes: 2, backbone: .sequence([.init("a", layer), .init("", .globalPool)])
        ).trace(imageSize: .init(height: 9, width: 11))
    }

    private func reason(_ layer: Layer) -> String? {
        do { _ = try trace(layer) } catch { return "\(error)" }
        return nil
    }

    @Test func aDilatedWindowReachesFurtherAtTheSameCost() throws {
        let plain = try trace(.convolution(.init(6, kernel: 3)))[0]
        let dilated = try trace(.convolution(.init(6, kernel: 3, dilation: 4)))[0]
        #expect(dilated == plain)
        #expect(try trace(.convolution(.init(6, kernel: 3, padding: 0, dilation: 4)))[0].output == .init(6, 1, 3))
        #expect(
            reason(.convolution(.init(6, kernel: 3, padding: 0, dilation: 5)))
                == "layer 'a': a 11x11 window is larger than the 4 x 9 x 11 that comes in")
        #expect(reason(.convolution(.init(6, kernel: 3, dilation: 0)))?.contains("dilation (=0)") == true)
        #expect(reason(.convolution(.init(6, kernel: 3, padding: 10, dilation: 4)))?.contains("padding (=10)") == true)
        for number in [Int.min, -1, 65_537, .max] {
            #expect(reason(.convolution(.init(6, kernel: number, dilation: number))) != nil)
            #expect(reason(.splitAttention(radix: 1, cardinality: 1, dilation: number)) != nil)
        }
    }

    @Test func aJoinGivesTheChannelsOfAllItsParts() throws {
        let join = Layer.join([
            .init("x", .convolution(.init(3, kernel: 1))), .init("y", .convolution(.init(5, kernel: 3, dilation: 2))),
            .init("z", .global(.convolution(.init(2, kernel: 1, bias: true)))), .init("", .identity),
        ])
        let layers = try trace(join)
        #expect(layers.map(\.path) == ["a.x", "a.y", "a.z", "a.z", "", "fc"])
        #expect(
            layers[2].output == .init(4, 1, 1)
                && layers[3].cost == Cost(parameters: 10, multiplyAdds: 8, paperOperations: 10))
        #expect(layers[4].input == .init(3 + 5 + 2 + 4, 9, 11))
        #expect(reason(.join([])) == "layer 'a': it joins nothing")
        #expect(
            reason(.join([.init("", .identity), .init("x", .convolution(.init(3, kernel: 3, stride: 2)))]))
                == "layer 'a': it joins 4 x 9 x 11 and 3 x 5 x 6, which are not of the same size")
        #expect(
            reason(.global(.globalPool))
                == "layer 'a': what lies in it must give one position, which is spread over the image; it gives 4")
    }

    @Test func dropoutAndTapsCostNothing() throws {
        let both = Layer.sequence([.init("", .dropout(probability: 0.5)), .init("", .tap("x"))])
        #expect(try trace(both).count == 2)
        for probability in [-0.1, 1, .nan, .infinity] {
            #expect(reason(.dropout(probability: probability))?.contains("must be at least 0") == true)
        }
        #expect(reason(.tap("")) != nil)
    }

    /// A network ends in pooled features, or hands out maps and may end in one.
    @Test func aNetworkThatHandsOutMapsMayEndInOne() throws {
        let map = Layer.sequence([.init("c", .convolution(.init(5, kernel: 1))), .init("", .tap("x"))])
        #expect(map.taps == ["x"])
        let network = NetworkDescription(channels: 3, classes: 0, backbone: map)
        #expect(try network.cost(imageSize: 4).parameters == 15)
        let choice = Layer.choice(.init("p", [.init("a", map), .init("b", map)]))
        let space = try SupernetDescription("s", channels: 3, backbone: choice)
        #expect(try space.features(imageSize: 4) == 5)
        #expect(try CostTable(space, imageSize: 4, classes: 0).supernetParameters == 30)
        #expect(throws: SpaceError.layer(path: "fc", "a linear layer needs pooled features")) {
            try CostTable(space, imageSize: 4, classes: 2)
        }
    }

    /// Choices within joins and spread layers are choices of the space.
    @Test func choicesMayLieWithin() throws {
        func kernel(_ size: Int) -> Layer.Candidate { .init("\(size)", .convolution(.init(4, kernel: size))) }
        let layer = Layer.join([
            .init("x", .choice(.init("p", [kernel(1), kernel(3)]))),
            .init("y", .global(.choice(.init("q", [kernel(1), .init("none", .identity)])))),
        ])
        let space = try SupernetDescription(
            "s", channels: 4, backbone: .sequence([.init("", layer), .init("", .globalPool)]))
        #expect(space.space.points.map(\.name) == ["p", "q"] && space.distinctPaths == 4)
        #expect(try space.fixed(to: Architecture([1, 1])).choicePoints == [])
        let costs = try CostTable(space, imageSize: 5, classes: 0)
        #expect(costs.cost(of: Architecture([1, 0])).parameters == 4 * 4 * 9 + 4 * 4)
        #expect(try LatencyBlocks(space, imageSize: 5).blocks.count == 5)
    }

    /// The channels of a join stand where they stand: candidates that share tensors cannot narrow what makes them.
    @Test func whatIsJoinedIsNotNarrowed() throws {
        func candidate(_ width: Int) -> Layer {
            .sequence([
                .init("join", .join([.init("x", .convolution(.init(width, kernel: 1))), .init("y", .identity)])),
                .init("out", .convolution(.init(4, kernel: 1))),
            ])
        }
        let choice = Layer.Choice("p", [.init("few", candidate(2)), .init("many", candidate(6))], sharing: .slices)
        #expect(throws: SpaceError.self) { try choice.sharedTensors(inputs: 4, path: "a") }
        let layout = try TensorLayout(of: candidate(6), inputs: 4)
        #expect(layout.tensors.map(\.key) == ["join.x.weight", "out.weight"] && layout.innerSets.isEmpty)
    }

    /// A window of 5 with gaps shrinks to its middle with the same gaps, and still keeps the size.
    @Test func aDilatedWindowShrinksToItsMiddle() throws {
        let block = Layer.residual(
            body: .sequence(
                Layer.convolutionBlock("0", "1", .init(16, kernel: 1))
                    + Layer.convolutionBlock("2", "3", .init(16, kernel: 5, dilation: 3, groups: 16))
                    + Layer.convolutionBlock("4", "5", .init(8, kernel: 1), relu: false)), shortcut: nil, relu: false)
        let elastic = try Layer.sequence([.init("a", block), .init("", .globalPool)]).elastic(inputs: 8)
        guard case .sequence(let parts) = elastic.layer, case .choice(let choice) = parts[0].layer,
            case .residual(.sequence(let small), _, _)? =
                choice.candidates.last(where: { $0.name.hasPrefix("kernel 3") })?.layer
        else {
            Issue.record("\(elastic)")
            return
        }
        #expect(small[3].layer == .convolution(.init(16, kernel: 3, padding: 3, dilation: 3, groups: 16)))
    }
}
