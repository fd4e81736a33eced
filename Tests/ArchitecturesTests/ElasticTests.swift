import Architectures
import Support
import Testing

/// Networks whose blocks became choices.
@Suite struct ElasticTests {
    /// A network, its choices, and what is expected of them.
    struct Sample: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var network: Layer
        var imageSize: ImageSize
        /// The names of the choice points.
        var points: [String]
        /// The number of candidates of each.
        var counts: [Int]
        var notes: [String] = []
    }

    private static let networks: [Sample] =
        (try? [mobileNetV2(), lite0(), lite2(), resnest(), chain(), byHand()]) ?? []

    private static func mobileNetV2() throws -> Sample {
        let residual = [3, 5, 6, 8, 9, 10, 12, 13, 15, 16]
        return Sample(
            testDescription: "MobileNetV2", network: try MobileNetV2().backbone(), imageSize: 224,
            points: (2...17).map { "features.\($0).conv" },
            // Three narrower ones and the whole; nothing where what comes in is added.
            counts: (2...17).map { residual.contains($0) ? 5 : 4 },
            notes: ["features.1.conv \(noChannels)"])
    }

    private static let noChannels = "has no channels between two convolutions that could be narrowed"

    private static func lite0() throws -> Sample {
        // The stages of 40, 112 and 192 channels have windows of 5, which may shrink to 3.
        let (large, residual) = ([3, 4] + Array(8...14), [2, 4, 6, 7, 9, 10, 12, 13, 14])
        return Sample(
            testDescription: "EfficientNet-Lite0", network: try EfficientNetLite.lite0.backbone(), imageSize: 224,
            points: (1...15).map { "_blocks.\($0)" },
            counts: (1...15).map { (large.contains($0) ? 8 : 4) + (residual.contains($0) ? 1 : 0) },
            notes: ["_blocks.0 \(noChannels)"])
    }

    private static func lite2() throws -> Sample {
        let large = Array(4...6) + Array(11...19)
        let residual = [2, 3, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 19]
        return Sample(
            testDescription: "EfficientNet-Lite2", network: try EfficientNetLite.lite2.backbone(), imageSize: 260,
            points: (1...20).map { "_blocks.\($0)" },
            counts: (1...20).map { (large.contains($0) ? 8 : 4) + (residual.contains($0) ? 1 : 0) },
            notes: ["_blocks.0 \(noChannels)"])
    }

    private static func resnest() throws -> Sample {
        let network = try ResNeStSpace.resnest50.network(code: ResNeStSpace.classificationCode, classes: 0)
        let blocks = zip(1..., [3, 4, 6, 3]).flatMap { stage, depth in (0..<depth).map { "layer\(stage).\($0)" } }
        return Sample(
            testDescription: "ResNeSt-50", network: network.backbone, imageSize: 224,
            // The first two convolutions of the stem are a block; the third has none behind it.
            points: ["conv1.0"] + blocks, counts: [4] + blocks.map { $0.hasSuffix(".0") ? 4 : 5 })
    }

    private static func chain() throws -> Sample {
        let description = try ChainSpace(channels: 3, widths: [16, 32], depths: [3, 2]).description()
        return Sample(
            testDescription: "chain", network: try description.fixed(to: Architecture([0, 2, 4, 1, 0])), imageSize: 28,
            // stem and layer, layer, nothing and the 1x1 convolution, two layers.
            points: ["stem.conv", "stage1.1", "stage2.0"], counts: [2, 4, 4])
    }

    /// As a file would have it: a chain, and a residual sum of windows of 7.
    private static func byHand() throws -> Sample {
        let body = Layer.sequence(
            Layer.convolutionBlock("expand", "bn1", .init(64, kernel: 1))
                + Layer.convolutionBlock("depthwise", "bn2", .init(64, kernel: 7, groups: 64))
                + [.init("se", .squeezeExcitation(reduced: 16, outputs: 64))]
                + Layer.convolutionBlock("project", "bn3", .init(24, kernel: 1), relu: false))
        let network = Layer.sequence(
            [.init("", .pad(before: 2, after: 3))]
                + Layer.convolutionBlock("a", "an", .init(32, kernel: 7, stride: 2, padding: 0))
                + Layer.convolutionBlock("b", "bn", .init(24, kernel: 3))
                + [.init("sum", .residual(body: body, shortcut: nil, relu: true)), .init("", .globalPool)])
        return Sample(
            testDescription: "by hand", network: network, imageSize: 32, points: ["a", "sum"], counts: [12, 13])
    }

    @Test func allNetworksAreThere() { #expect(Self.networks.count == 6) }

    @Test(arguments: networks) func everyBlockIsAChoice(of sample: Sample) throws {
        let made = try sample.network.elastic(inputs: 3)
        let description = try SupernetDescription("elastic", channels: 3, backbone: made.layer)
        #expect(description.space.points.map(\.name) == sample.points)
        #expect(description.space.points.map(\.candidates.count) == sample.counts)
        #expect(made.notes.map { "\($0.path) \($0.reason)" } == sample.notes)
        for point in description.space.points { #expect(point.candidates.last == "whole") }

        // The last candidates are the network as it was, and costs lie between that of the first and that.
        let table = try CostTable(description, imageSize: sample.imageSize, classes: 10)
        let whole = Architecture(sample.counts.map { $0 - 1 })
        let least = Architecture(sample.counts.map { _ in 0 })
        let before = NetworkDescription(channels: 3, classes: 10, backbone: sample.network)
        #expect(try table.cost(of: whole) == before.cost(imageSize: sample.imageSize))
        #expect(table.supernetParameters == table.cost(of: whole).parameters)
        for weight: (Cost) -> Double in [{ Double($0.parameters) }, { Double($0.multiplyAdds) }] {
            #expect(weight(table.cost(of: table.cheapest(by: weight))) == weight(table.cost(of: least)))
            #expect(table.cheapest { -weight($0) } == whole)
            #expect(weight(table.cost(of: least)) < weight(table.cost(of: whole)))
        }
        let (fixed, asItWas) = (try description.fixed(to: whole), sample.network)
        let layouts = try [fixed, asItWas].map { try TensorLayout(of: $0, inputs: 3).tensors }
        #expect(layouts[0] == layouts[1])
        // Not within the macro, which would write both out. Parts of a chain lie one level deeper.
        let isSame = Self.flat(fixed) == Self.flat(asItWas)
        #expect(isSame)
    }

    /// Layers with their keys, without the sequences and sums that they lie in.
    private static func flat(_ layer: Layer, _ key: String = "") -> [Layer.Part] {
        func join(_ part: Layer.Part) -> String { [key, part.key].filter { !$0.isEmpty }.joined(separator: ".") }
        switch layer {
        case .sequence(let parts): return parts.flatMap { flat($0.layer, join($0)) }
        case .residual(let body, let shortcut, _):
            return flat(body, key) + (shortcut.map { flat($0.layer, join($0)) } ?? [])
        default: return [Layer.Part(key, layer)]
        }
    }

    /// Inner channels are multiples of 8, and of the groups that read or make them.
    @Test(arguments: networks) func widthsAreMultiples(of sample: Sample) throws {
        let made = try sample.network.elastic(inputs: 3).layer
        let description = try SupernetDescription("elastic", channels: 3, backbone: made)
        for number in 0..<(sample.counts.max() ?? 0) {
            let path = Architecture(sample.counts.map { min(number, $0 - 1) })
            let layers = try NetworkDescription(channels: 3, classes: 0, backbone: description.fixed(to: path))
                .trace(imageSize: sample.imageSize)
            for layer in layers where layer.kind == "convolution" && layer.input.height > 1 {
                #expect(layer.output.channels % 8 == 0, "\(layer.path)")
            }
        }
    }

    @Test func candidatesAreNamedByWhatIsSmaller() throws {
        let made = try Self.byHand().network.elastic(inputs: 3).layer
        let points = try SupernetDescription("elastic", channels: 3, backbone: made).space.points
        let smaller = ["1/4", "1/2", "3/4"].flatMap { width in
            ["kernel 3, width \(width)", "kernel 5, width \(width)", "width \(width)"]
        }
        #expect(points[1].candidates == ["skip"] + smaller + ["kernel 3", "kernel 5", "whole"])
        #expect(points[0].candidates == smaller + ["kernel 3", "kernel 5", "whole"])
        var options = Elasticity()
        (options.fractions, options.skipsBlocks, options.sharing) = ([1.0 / 3, 0.55], false, .matrices)
        let other = try SupernetDescription(
            "elastic", channels: 3, backbone: Self.byHand().network.elastic(inputs: 3, options).layer)
        #expect(
            other.space.points[1].candidates.filter { $0.hasPrefix("width") || $0 == "skip" }
                == ["width 1/3", "width 11/20"].map { $0 == "width 11/20" ? "width 0.55" : $0 })
        options.shrinksKernels = false
        let few = try Self.byHand().network.elastic(inputs: 3, options).layer
        #expect(
            try SupernetDescription("e", channels: 3, backbone: few).space.points.map(\.candidates.count) == [3, 3])
    }

    /// The number of positions that come out does not depend on the window.
    @Test func windowsShrinkOnlyWithTheirPadding() throws {
        func notes(kernel: Int, padding: Int, _ front: [Layer.Part] = []) throws -> (kernels: [String], notes: [String])
        {
            let body =
                front + [
                    .init("a", .convolution(.init(32, kernel: kernel, padding: padding))),
                    .init("b", .convolution(.init(16, kernel: 1))),
                ]
            let made = try Layer.sequence([.init("block", .sequence(body)), .init("", .globalPool)]).elastic(inputs: 3)
            let description = try SupernetDescription("e", channels: 3, backbone: made.layer)
            _ = try CostTable(description, imageSize: 20, classes: 0)
            return (
                description.space.points[0].candidates.filter { $0.hasPrefix("kernel") && !$0.contains(",") },
                made.notes.map { "\($0.path) \($0.reason)" }
            )
        }
        let words = "block keeps its windows of"
        #expect(try notes(kernel: 5, padding: 2) == (["kernel 3"], []))
        #expect(try notes(kernel: 5, padding: 1) == (["kernel 3"], []))
        #expect(
            try notes(kernel: 5, padding: 0) == ([], ["\(words) 5, as its padding cannot shrink with them any further"])
        )
        #expect(
            try notes(kernel: 7, padding: 1)
                == (
                    ["kernel 5"],
                    ["\(words) 7 or shrinks them to 5 at least, as its padding cannot shrink with them any further"]
                ))
        #expect(try notes(kernel: 5, padding: 0, [.init("", .pad(before: 1, after: 2))]) == (["kernel 3"], []))
        #expect(try notes(kernel: 5, padding: 0, [.init("", .pad(before: 0, after: 2))]).kernels == [])
        // What lies between the zeros and the window may not know of them.
        let between = [Layer.Part("", .pad(before: 1, after: 2)), .init("n", .batchNorm(scale: 1))]
        #expect(try notes(kernel: 5, padding: 0, between).kernels == [])
    }

    /// Groups that share no multiple, channels that cannot be parted, and convolutions of as many groups as outputs.
    @Test func groupsAreKeptWhole() throws {
        func made(_ groups: [(outputs: Int, groups: Int)]) throws -> ElasticLayer {
            let body = groups.enumerated().map { number, layer in
                Layer.Part("\(number)", .convolution(.init(layer.outputs, kernel: 3, groups: layer.groups)))
            }
            let made = try Layer.sequence([
                .init("stem", .convolution(.init(16, kernel: 3))),
                .init("sum", .residual(body: .sequence(body), shortcut: nil, relu: false)), .init("", .globalPool),
            ]).elastic(inputs: 3)
            let description = try SupernetDescription("e", channels: 3, backbone: made.layer)
            _ = try CostTable(description, imageSize: 20, classes: 0)
            return made
        }
        func widths(_ groups: [(outputs: Int, groups: Int)]) throws -> [[Int]] {
            guard case .sequence(let parts) = try made(groups).layer, case .choice(let choice) = parts[1].layer else {
                return []
            }
            return choice.candidates.map { candidate in
                guard case .residual(.sequence(let parts), _, _) = candidate.layer else { return [] }
                return parts.compactMap { if case .convolution(let made) = $0.layer { made.outputs } else { nil } }
            }
        }
        #expect(try widths([(48, 1), (16, 1)]) == [[], [16, 16], [24, 16], [40, 16], [48, 16]])
        // In blocks for three and for two groups.
        #expect(
            try widths([(96, 1), (96, 3), (16, 2)]) == [[], [24, 24, 16], [48, 48, 16], [72, 72, 16], [96, 96, 16]])
        #expect(
            try widths([(60, 1), (60, 4), (16, 1)]) == [[], [16, 16, 16], [32, 32, 16], [48, 48, 16], [60, 60, 16]])
        // No multiple of 8 consists of as many blocks.
        #expect(try widths([(20, 1), (20, 20), (20, 5), (16, 1)]) == [[], [20, 20, 20, 16]])
        // Half as many outputs as inputs, one a group: a narrower one would be of another kind.
        let halved = try made([(32, 1), (16, 16)])
        #expect(halved.layer.choicePoints == ["sum"] && halved.notes.count == 1)
        #expect(halved.notes.first?.reason.hasPrefix("cannot be narrowed: candidate 'narrow' is no part of") ?? false)
        #expect(try widths([(64, 1), (32, 32), (16, 1)]).last == [64, 32, 16])
    }

    @Test func whatCannotVaryIsSaidWithItsReason() throws {
        let conv = Layer.convolution(.init(16, kernel: 3))
        func sum(_ layers: Layer...) -> Layer {
            .residual(
                body: .sequence(layers.enumerated().map { .init("\($0)", $1) }),
                shortcut: .init("s", .convolution(.init(16, kernel: 1))), relu: false)
        }
        let narrow = Layer.convolution(.init(8, kernel: 1))
        let cases: [(layer: Layer, note: String)] = [
            (sum(conv), "x has no channels between two convolutions that could be narrowed"),
            (sum(narrow, conv), "x has too few channels between its convolutions for a narrower multiple of 8"),
            (sum(conv, sum(conv)), "x holds a sum within a block"),
            (sum(conv, .resize(height: 9, width: 9), conv), "x holds resizing within a block"),
            (sum(.choice(.init("c", [.init("a", conv), .init("b", conv)]))), "x holds a choice within a block"),
            (.choice(.init("c", [.init("a", conv), .init("b", conv)])), "x is a choice already"),
            (
                .cell([.init(from: 0, to: 1, .init("e", conv))]),
                "x is a cell, whose nodes are added up and must keep their channels"
            ),
        ]
        for (layer, note) in cases {
            let last = sum(conv, conv)
            let network = Layer.sequence([.init("x", layer), .init("last", last), .init("", .globalPool)])
            let made = try network.elastic(inputs: 3)
            #expect(made.notes.map { "\($0.path) \($0.reason)" } == [note])
            #expect(made.layer.choicePoints.last == "last")
            // Alone, it leaves nothing to vary.
            guard layer.choicePoints.isEmpty else { continue }
            let alone = Layer.sequence([.init("x", layer), .init("", .globalPool)])
            let reason = "`x`" + note.dropFirst()
            #expect(throws: SpaceError.invalid(space: "elastic", ["nothing of the network can vary", reason])) {
                try alone.elastic(inputs: 3)
            }
        }
    }

    /// Choices that there were keep their names.
    @Test func namesAreTakenOnce() throws {
        let conv = Layer.convolution(.init(32, kernel: 3))
        let network = Layer.sequence([
            .init("first", .choice(.init("last", [.init("a", conv), .init("b", conv)]))),
            .init("second", .choice(.init("image size", [.init("a", conv), .init("b", conv)]))),
            .init("last", .sequence([.init("0", conv), .init("1", conv)])), .init("", .globalPool),
        ])
        var options = Elasticity()
        options.imageSizes = [8]
        let made = try network.elastic(inputs: 3, imageSize: 16, options)
        #expect(made.layer.choicePoints == ["image size (2)", "last", "image size", "last (2)"])
    }

    @Test func sizesOfImagesAreTheFirstChoice() throws {
        let network = try MobileNetV2().backbone()
        var options = Elasticity()
        options.imageSizes = [160, 64, .init(height: 96, width: 128), 64, 224, 256, .init(height: 300, width: 20)]
        let made = try network.elastic(inputs: 3, imageSize: 224, options)
        let description = try SupernetDescription("elastic", channels: 3, backbone: made.layer)
        #expect(description.space.points[0] == ChoicePoint("image size", ["64", "96x128", "160", "224"]))
        let without = try network.elastic(inputs: 3)
        #expect(made.notes == without.notes)
        let table = try CostTable(description, imageSize: 224, classes: 10)
        let counts = description.space.points.map(\.candidates.count)
        let sizes: [ImageSize] = [64, .init(height: 96, width: 128), 160, 224]
        for number in 0..<6 {
            for (candidate, size) in sizes.enumerated() {
                let path = Architecture([candidate] + counts.dropFirst().map { min(number, $0 - 1) })
                let backbone = try description.fixed(to: path)
                let alone = NetworkDescription(channels: 3, classes: 10, backbone: backbone)
                #expect(try table.cost(of: path) == alone.cost(imageSize: 224))
                // Resizing by itself costs nothing.
                guard case .sequence(let parts) = backbone else { continue }
                let rest = NetworkDescription(channels: 3, classes: 10, backbone: .sequence(Array(parts.dropFirst())))
                #expect(try table.cost(of: path) == rest.cost(imageSize: size))
                let first = parts[0].layer
                #expect(first == (size == 224 ? .identity : .resize(height: size.height, width: size.width)))
            }
        }
        // Whatever the other choices are, smaller images take less.
        let least = table.cheapest { Double($0.multiplyAdds) }
        #expect(least == Architecture(counts.map { _ in 0 }))
        #expect(table.supernetParameters == table.cost(of: Architecture(counts.map { $0 - 1 })).parameters)
        let blocks = try description.blocks(of: least, imageSize: 224)
        #expect(blocks[0].name == "image size" && blocks[0].points == [0] && blocks[0].output.height == 64)
        #expect(blocks.allSatisfy { !$0.name.isEmpty })
        let bare = try CostTable(description, imageSize: 224, classes: 0)
        #expect(blocks.reduce(Cost()) { $0 + $1.cost } == bare.cost(of: least))
        options.imageSizes = [224, 300]
        #expect(try network.elastic(inputs: 3, imageSize: 224, options) == without)
    }

    /// A network of which nothing else varies may still choose its images.
    @Test func theSizeAloneMayVary() throws {
        let network = Layer.sequence([.init("conv", .convolution(.init(16, kernel: 3))), .init("", .globalPool)])
        var options = Elasticity()
        options.imageSizes = [4]
        let made = try network.elastic(inputs: 3, imageSize: 9, options)
        #expect(made.layer.choicePoints == ["image size"])
    }

    @Test func everyBadSettingIsNamed() throws {
        let network = try Self.byHand().network
        func complaint(_ size: ImageSize? = nil, of layer: Layer? = nil, _ change: (inout Elasticity) -> Void)
            -> [String]
        {
            var options = Elasticity()
            change(&options)
            let error = #expect(throws: SpaceError.self) {
                try (layer ?? network).elastic(inputs: 3, imageSize: size, options)
            }
            if case .invalid("elastic", let problems)? = error { return problems }
            return ["\(error.map(\.description) ?? "")"]
        }
        for fraction in [0, -0.5, 1.01, .nan, .infinity] {
            #expect(
                complaint { $0.fractions = [0.5, fraction] } == [
                    "a fraction of the width must be above 0 and at most 1, is \(fraction)"
                ])
        }
        #expect(
            complaint { $0.fractions = (1...65).map { Double($0) / 65 } } == ["there are 65 fractions; the most are 64"]
        )
        for multiple in [0, -8, 1025] {
            #expect(
                complaint { $0.multiple = multiple } == [
                    "widths must be multiples of a number from 1 to 1,024, not of \(multiple)"
                ])
        }
        let sides = "the sides of images must be from 1 to 8,192 pixels"
        for size in [0, -1, 8193, .init(height: 8, width: 0)] as [ImageSize] {
            #expect(complaint(16) { $0.imageSizes = [8, size] } == ["\(sides), there is a size of \(size)"])
        }
        #expect(
            complaint(100) { $0.imageSizes = (1...65).map { ImageSize($0) } } == [
                "there are 65 sizes of images; the most are 64"
            ])
        #expect(complaint(.init(0)) { $0.imageSizes = [8] } == ["\(sides), theirs are 0 x 0"])
        #expect(
            complaint { $0.imageSizes = [8] } == [
                "sizes of images can only be chosen where the size that they have is known"
            ])
        #expect(
            complaint(
                16, of: .sequence([.init("c", .convolution(.init(8, kernel: 5, padding: 0))), .init("", .globalPool)])
            ) {
                $0.imageSizes = [4]
            } == [
                "the network cannot take images of 4 x 4: layer 'c': a 5x5 window is larger than the 3 x 4 x 4 that comes "
                    + "in"
            ])
        #expect(
            complaint(16, of: .convolution(.init(8, kernel: 5))) { $0.imageSizes = [4] } == [
                "the network must end in pooled features, so that they are as many at any size of images"
            ])
        // All at once, and nothing that could vary.
        #expect(complaint { ($0.fractions, $0.multiple, $0.imageSizes) = ([2], 0, [0]) }.count == 3)
        #expect(
            complaint { ($0.fractions, $0.skipsBlocks, $0.shrinksKernels) = ([], false, false) } == [
                "nothing of the network can vary: it has no channels between two convolutions and no block with an "
                    + "identity shortcut, or the settings allow neither"
            ])
        #expect(
            complaint(of: .sequence([.init("c", .convolution(.init(8, kernel: 3, groups: 2)))])) { _ in }[0].contains(
                "must be divisible by groups"))
    }

    /// Numbers that nobody checked yet are refused where they are reached, also within candidates that share tensors.
    @Test func numbersThatMakeNoSenseAreRefused() throws {
        let bad: [Layer] =
            [0, -1, .max, .min].map { .convolution(.init(8, kernel: 1, groups: $0)) }
            + [.splitAttention(radix: .max, cardinality: .max), .splitAttention(radix: .max, cardinality: 2)]
            + [.gate(.convolution(.init(8, kernel: 1, groups: 0)))]
        for layer in bad {
            let parts: [Layer.Part] = [.init("a", .convolution(.init(8, kernel: 1))), .init("b", layer)]
            let network = Layer.sequence(parts + [.init("", .globalPool)])
            #expect(throws: SpaceError.self) { try network.elastic(inputs: 8) }
            let choice = Layer.choice(
                .init("c", [.init("x", .sequence(parts)), .init("y", .identity)], sharing: .slices))
            let description = try SupernetDescription(
                "s", channels: 8, backbone: .sequence([.init("", choice), .init("", .globalPool)]))
            #expect(throws: SpaceError.self) { try description.trace(imageSize: 8) }
        }
    }
}
