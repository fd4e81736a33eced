import Architectures
import Support
import TestSpaces
import Testing

/// Backbones for dense work, and the heads of DeepLabV3, as data.
@Suite struct DenseLayerTests {
    /// The code of the networks that Pi-NAS transferred.
    static let trans = Architecture([3, 3, 3, 3, 1, 1, 3, 3, 3, 0, 0, 1, 1, 0, 2, 1])

    private func parameters(_ layer: Layer, channels: Int) throws -> Int {
        let network = NetworkDescription(
            channels: channels, classes: 0, backbone: .sequence([.init("", .tap("in")), .init("", layer)]))
        return try network.cost(imageSize: 65).parameters
    }

    /// The counts of the published networks (Peng et al., "Pi-NAS", 2021; ADE20K and Cityscapes).
    @Test(arguments: [(150, 16_163_990, 43_552_364), (19, 16_130_323, 43_485_030)])
    func countsAreThoseOfThePublishedNetworks(classes: Int, head: Int, whole: Int) throws {
        #expect(try parameters(DeepLabV3.head(classes: classes, outputStride: 8), channels: 2048) == head)
        #expect(
            try parameters(
                DeepLabV3.head(classes: classes, outputStride: 16, variant: .torchvision), channels: 2048) == head)
        let backbone = try ResNeStSpace.resnest50.network(code: Self.trans, classes: 0).backbone
        let dense = try backbone.dense(outputStride: 8)
        let network = try parameters(DeepLabV3.network(dense, classes: classes), channels: 3)
        #expect(network == 24_990_016 + head)
        #expect(try network + parameters(DeepLabV3.auxiliary(classes: classes), channels: 1024) == whole)
        #expect(
            dense.maps == [
                .init(name: "C2", channels: 256, stride: 4), .init(name: "C3", channels: 512, stride: 8),
                .init(name: "C4", channels: 1024, stride: 8), .init(name: "C5", channels: 2048, stride: 8),
            ])
        #expect(dense.layer.taps == ["C2", "C3", "C4", "C5"])
    }

    /// A whole dense network is a space as any other: blocks to be drawn and measured, and costs that add up.
    @Test func aDenseSpaceIsDrawnAndMeasured() throws {
        let space = try SmallSpace.resnest.description()
        let dense = try space.backbone.dense(outputStride: 1)
        let whole = try SupernetDescription(
            "dense", channels: 3, backbone: DeepLabV3.network(dense, classes: 5, width: 8))
        let path = Architecture([1, 0, 3, 2])
        let blocks = try whole.blocks(of: path, imageSize: 8)
        #expect(blocks.map(\.name) == ["stem", "layer1.0", "layer1.1", "layer2.0", "layer2.1", "head"])
        #expect(blocks.map(\.output.height) == [8, 8, 8, 8, 8, 8] && blocks.last?.output.channels == 5)
        let cost = try CostTable(whole, imageSize: 8, classes: 0).cost(of: path)
        #expect(blocks.reduce(Cost()) { $0 + $1.cost } == cost)
        let measured = try LatencyBlocks(whole, imageSize: 8)
        #expect(measured.blocks(of: path).reduce(0) { $0 + measured.blocks[$1].parameters } == cost.parameters)
    }

    @Test func theRatesFollowFromTheOutputStride() {
        #expect([8, 16, 32].map(DeepLabV3.rates) == [[12, 24, 36], [6, 12, 18], [3, 6, 9]])
    }

    /// Each block's dilation, the stride of its average pool and the window of its shortcut's.
    private func blocks(_ dense: DenseLayer) -> [[Int?]] {
        guard case .sequence(let parts) = dense.layer else { return [] }
        return parts.compactMap { part -> [Int?]? in
            guard case .residual(.sequence(let body), let shortcut, _) = part.layer else { return nil }
            var (dilation, pool, window): (Int?, Int?, Int?)
            for part in body {
                if case .splitAttention(_, _, let own) = part.layer { dilation = own }
                if case .pool(let own) = part.layer { pool = own.stride }
            }
            if case .sequence(let down)? = shortcut?.layer, case .pool(let own) = down[0].layer { window = own.kernel }
            return [dilation, pool, window]
        }
    }

    @Test func stridesOfResNeStBecomeDilationAsItsAuthorsHaveIt() throws {
        let backbone = try ResNeStSpace.resnest50.network(code: Self.trans, classes: 0).backbone
        let eight = try blocks(backbone.dense(outputStride: 8))
        #expect(eight[0] == [1, nil, 1] && eight[1...2].allSatisfy { $0 == [1, nil, nil] })
        #expect(eight[3] == [1, 2, 2] && eight[4...6].allSatisfy { $0 == [1, nil, nil] })
        #expect(eight[7] == [1, 1, 1] && eight[8...12].allSatisfy { $0 == [2, nil, nil] })
        #expect(eight[13] == [2, 1, 1] && eight[14...15].allSatisfy { $0 == [4, nil, nil] })
        let sixteen = try blocks(backbone.dense(outputStride: 16))
        #expect(sixteen[7] == [1, 2, 2] && sixteen[13] == [1, 1, 1] && sixteen[15] == [2, nil, nil])
        // Nothing is dilated where the network's own stride is wanted.
        guard case .sequence(let parts) = backbone else { return }
        let plain = try backbone.dense(outputStride: 32)
        guard case .sequence(let dense) = plain.layer else { return }
        #expect(dense.filter { if case .tap = $0.layer { false } else { true } } == parts.dropLast())
        #expect(plain.maps.map(\.stride) == [4, 8, 16, 32])
    }

    /// Stand-alone networks, spaces and elastic networks.
    struct Network: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let strides: [Int]
        let channels: [Int]
        let make: @Sendable () throws -> Layer

        static let all = [
            Network(testDescription: "resnest50", strides: [4, 8, 16, 32], channels: [256, 512, 1024, 2048]) {
                try ResNeStSpace.resnest50.description().backbone
            },
            Network(testDescription: "mobilenet-v2", strides: [4, 8, 16, 32], channels: [24, 32, 96, 1280]) {
                try MobileNetV2().backbone()
            },
            Network(testDescription: "elastic mobilenet-v2", strides: [4, 8, 16, 32], channels: [24, 32, 96, 1280]) {
                try MobileNetV2().backbone().elastic(inputs: 3).layer
            },
            Network(testDescription: "efficientnet-lite2", strides: [4, 8, 16, 32], channels: [24, 48, 120, 1280]) {
                try EfficientNetLite.lite2.backbone()
            },
            Network(testDescription: "elastic lite0", strides: [4, 8, 16, 32], channels: [24, 40, 112, 1280]) {
                try EfficientNetLite.lite0.backbone().elastic(inputs: 3).layer
            },
            Network(testDescription: "lite0 space", strides: [4, 8, 16, 32], channels: [24, 40, 112, 1280]) {
                try EfficientNetLiteSpace().description().backbone
            },
            Network(testDescription: "mobile", strides: [4, 8, 16, 32], channels: [24, 40, 96, 1280]) {
                try MobileSpace().description().backbone
            },
            Network(testDescription: "mobilenet-v3-elastic", strides: [4, 8, 16, 32], channels: [24, 40, 112, 960]) {
                try MobileNetV3ElasticSpace().description().backbone
            },
            Network(testDescription: "resnet", strides: [1, 2, 4], channels: [32, 64, 128]) {
                try ResidualNetwork().backbone()
            },
            Network(testDescription: "chain", strides: [2, 4, 8], channels: [8, 16, 32]) {
                try ChainSpace(channels: 3).description().backbone
            },
            Network(testDescription: "nas-bench-201", strides: [1, 2, 4], channels: [8, 16, 32]) {
                try NASBench201Space(width: 8, cells: 1).description().backbone
            },
        ]
    }

    /// What comes out at each tap and in the end has the stride that is told, whatever the path.
    @Test(arguments: Network.all, [1, 2, 4, 8, 16, 32]) func mapsAreWhatTheyAreSaidToBe(
        network: Network, outputStride: Int
    ) throws {
        let layer = try network.make()
        let dense = try layer.dense(inputs: 3, outputStride: outputStride)
        #expect(dense.maps.map(\.name) == ["C2", "C3", "C4", "C5"].suffix(network.strides.count))
        #expect(dense.maps.map(\.channels) == network.channels)
        #expect(dense.maps.map(\.stride) == network.strides.map { min($0, outputStride) })
        #expect(dense.layer.choicePoints == layer.choicePoints)
        // Of the largest path, as of all: candidates give one shape.
        for (number, map) in dense.maps.enumerated() {
            let cut = dense.layer.upTo(map.name)
            let side = 64 / map.stride
            let shape = FeatureShape(map.channels, side, side / 2)
            let channels = 3
            let size = ImageSize(height: 64, width: 32)
            let found: FeatureShape
            if cut.choicePoints.isEmpty {
                let network = NetworkDescription(
                    channels: channels, classes: 0, backbone: .sequence([.init("", cut), .init("", .tap("end"))]))
                let traced = try network.trace(imageSize: size)
                found = try #require(traced.last).output
            } else {
                found = try SupernetDescription("s", channels: channels, backbone: cut).trace(imageSize: size).output
            }
            #expect(found == shape, "\(number)")
        }
    }

    /// The same keys and shapes, so that the same checkpoint loads, but for what stood behind the pooling.
    @Test(arguments: Network.all) func keysAreThoseOfTheNetworkItself(network: Network) throws {
        let layer = try network.make()
        let own = try TensorLayout(of: layer, inputs: 3).tensors
        let dense = try TensorLayout(of: layer.dense(outputStride: 8).layer, inputs: 3).tensors
        #expect(dense.map(\.key) == own.prefix(dense.count).map(\.key))
        #expect(dense.map(\.shape) == own.prefix(dense.count).map(\.shape))
        #expect(own.count - dense.count <= 1)
    }

    /// What becomes elastic does so before or after.
    @Test func anElasticDenseNetworkIsADenseElasticOne() throws {
        let plain = try MobileNetV2().backbone()
        var options = Elasticity()
        options.multiple = 8
        let one = try plain.elastic(inputs: 3, options).layer.dense(outputStride: 8).layer
        let other = try plain.dense(outputStride: 8).layer.elastic(inputs: 3, options).layer
        #expect(one == other)
    }

    @Test func zerosBeforeADroppedStrideSurroundTheImageEvenly() throws {
        let layer = Layer.sequence([
            .init("s", .convolution(.init(4, kernel: 3, stride: 2))), .init("", .pad(before: 1, after: 2)),
            .init("a", .convolution(.init(4, kernel: 5, stride: 2, padding: 0))),
            .init("b", .convolution(.init(4, kernel: 3))), .init("", .globalPool),
        ])
        let dense = try layer.dense(outputStride: 2)
        #expect(
            dense.layer
                == .sequence([
                    .init("s", .convolution(.init(4, kernel: 3, stride: 2))), .init("", .tap("C4")),
                    .init("a", .convolution(.init(4, kernel: 5))),
                    .init("b", .convolution(.init(4, kernel: 3, dilation: 2))), .init("", .tap("C5")),
                ]))
    }

    @Test func whatCannotBeDenseIsRefused() throws {
        func reason(_ parts: [Layer.Part], _ outputStride: Int = 8) -> String? {
            do { _ = try Layer.sequence(parts).dense(outputStride: outputStride) } catch { return "\(error)" }
            return nil
        }
        func strided(_ kernel: Int, _ stride: Int, padding: Int) -> Layer {
            .convolution(.init(4, kernel: kernel, stride: stride, padding: padding))
        }
        let pooled = Layer.Part("", .globalPool)
        let sized = try MobileNetV2().backbone().elastic(
            inputs: 3, imageSize: 64,
            {
                var options = Elasticity()
                options.imageSizes = [32]
                return options
            }())
        #expect(
            reason([.init("", sized.layer)])
                == "layer 'network': images or features are resized here, as where the size of images is a choice, so that "
                + "maps have no fixed stride, so that it cannot be made dense")
        let cell = Layer.cell([.init(from: 0, to: 1, .init("e", strided(3, 2, padding: 1)))])
        #expect(
            reason([.init("c", cell), pooled])
                == "layer 'c': a stride within a cell cannot become dilation, so that it cannot be made dense")
        #expect(reason([pooled, .init("f", .linear(outputs: 3))])?.contains("it has no maps of features") == true)
        #expect(
            reason([.init("a", strided(4, 4, padding: 0)), .init("b", strided(2, 2, padding: 0)), pooled], 4)
                == "layer 'b': its window of 2 with padding 0 does not keep the size without its stride, so that it cannot "
                + "be made dense")
        #expect(
            reason([.init("a", strided(7, 4, padding: 3)), .init("b", strided(3, 2, padding: 1)), pooled], 2)
                == "layer 'network': its strides lead to 8 without an output stride of 2 on the way")
        #expect(
            reason([.init("r", .residual(body: .globalPool, shortcut: nil, relu: true))])?.contains("amid a block")
                == true)
        let mixed = Layer.choice(
            .init("p", [.init("a", strided(3, 2, padding: 1)), .init("b", strided(3, 1, padding: 1))]))
        #expect(reason([.init("x", mixed), pooled])?.contains("its candidates have different strides") == true)
        #expect(reason([.init("a", strided(3, 1, padding: 1)), .init("", .tap("x"))])?.contains("already") == true)
        for stride in [Int.min, 0, 3, 64, .max] {
            #expect(reason([pooled], stride)?.contains("must be one of") == true)
        }
        for number in [Int.min, -1, 0, .max] {
            #expect(reason([.init("a", strided(3, number, padding: 1)), pooled]) != nil)
        }
    }
}

extension Layer {
    /// A sequence up to where something is handed out, and that.
    fileprivate func upTo(_ name: String) -> Layer {
        guard case .sequence(let parts) = self else { return self }
        var kept: [Part] = []
        for part in parts {
            kept.append(Part(part.key, part.layer.upTo(name)))
            if part.layer.taps.contains(name) { break }
        }
        return .sequence(kept)
    }
}
