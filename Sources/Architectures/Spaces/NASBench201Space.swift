/// The cell space of Dong and Yang ("NAS-Bench-201", ICLR 2020): one cell of four nodes and six edges, each with one of
/// five operations, repeated in three stages. All cells share the choices, each has weights of its own.
public struct NASBench201Space: Sendable, Hashable {
    /// The number of channels of the images.
    public var channels: Int
    /// The number C of channels of the first stage; the second and third have twice and four times as many.
    public var width: Int
    /// The number N of cells of each stage.
    public var cells: Int
    /// The stride of the stem, a 3x3 convolution; 1 in the benchmark.
    public var stemStride: Int
    /// The layers between the stages.
    public var reduction: Reduction

    /// The layers that can stand between two stages and halve the sides.
    public enum Reduction: String, Sendable, Hashable, Codable, CaseIterable {
        /// The benchmark's residual block, which learns much by itself.
        case residual
        /// A mean over 2x2 windows and a 1x1 convolution: what is learned is learned in the cells.
        case pool
    }

    /// A space of these sizes, unchecked; the benchmark's own has 16 channels and 5 cells.
    public init(
        channels: Int = 3, width: Int = 16, cells: Int = 5, stemStride: Int = 1, reduction: Reduction = .residual
    ) {
        self.channels = channels
        self.width = width
        self.cells = cells
        self.stemStride = stemStride
        self.reduction = reduction
    }

    /// The operations, in the order of the candidates, under the benchmark's names.
    public static let operations = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]

    /// The nodes that each choice point joins, in the order of the architecture string.
    public static let edges = [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)].map { (from: $0.0, to: $0.1) }

    /// The supernet of the space.
    ///
    /// - Throws: `SpaceError.invalid` that names the field.
    public func description(name: String = "nas-bench-201") throws -> SupernetDescription {
        guard [channels, width].allSatisfy({ (1...8192).contains($0) }), (1...256).contains(cells),
            (1...8).contains(stemStride)
        else {
            throw SpaceError.invalid(
                space: name,
                [
                    "channels (\(channels)) and width (\(width)) must be from 1 to 8,192, cells (\(cells)) from 1 to 256, "
                        + "the stem's stride (\(stemStride)) from 1 to 8"
                ])
        }
        var parts = Layer.convolutionBlock(
            "stem.0", "stem.1", .init(width, kernel: 3, stride: stemStride), relu: false)
        var number = 0
        for stage in 0..<3 {
            let stageWidth = width << stage
            if stage > 0 {
                parts.append(
                    Layer.Part(
                        "cells.\(number)",
                        reduction == .residual ? Self.residualReduction(stageWidth) : Self.pooledReduction(stageWidth)))
                number += 1
            }
            for _ in 0..<cells {
                parts.append(Layer.Part("cells.\(number)", Self.cell(stageWidth)))
                number += 1
            }
        }
        parts += [
            Layer.Part("lastact.0", .batchNorm(scale: 1)), Layer.Part("", .relu), Layer.Part("", .globalPool),
        ]
        return try SupernetDescription(name, channels: channels, backbone: .sequence(parts))
    }

    private static func cell(_ width: Int) -> Layer {
        .cell(
            edges.map { from, to in
                let name = "\(from)->\(to)"
                return Layer.Edge(
                    from: from, to: to,
                    Layer.Part(
                        "edges.\(to)<-\(from)",
                        .choice(
                            Layer.Choice(
                                name,
                                [
                                    Layer.Candidate(operations[0], .zero(stride: 1)),
                                    Layer.Candidate(operations[1], .identity),
                                    Layer.Candidate(operations[2], convolution(width, kernel: 1)),
                                    Layer.Candidate(operations[3], convolution(width, kernel: 3)),
                                    Layer.Candidate(
                                        operations[4],
                                        .pool(
                                            .init(
                                                .average, kernel: 3, stride: 1, padding: 1, countsPadding: false))),
                                ]))))
            })
    }

    /// A block of ReLU, convolution and batch norm.
    private static func convolution(_ width: Int, kernel: Int, stride: Int = 1) -> Layer {
        .sequence(
            [Layer.Part("", .relu)]
                + Layer.convolutionBlock("op.1", "op.2", .init(width, kernel: kernel, stride: stride), relu: false))
    }

    /// The plain block between stages: a mean over 2x2 windows, ReLU, 1x1 convolution, batch norm.
    private static func pooledReduction(_ width: Int) -> Layer {
        .sequence([
            Layer.Part("", .pool(.init(.average, kernel: 2, stride: 2, ceil: true))),
            Layer.Part("conv", convolution(width, kernel: 1)),
        ])
    }

    /// The residual block between stages, which halves the sides.
    private static func residualReduction(_ width: Int) -> Layer {
        .residual(
            body: .sequence([
                Layer.Part("conv_a", convolution(width, kernel: 3, stride: 2)),
                Layer.Part("conv_b", convolution(width, kernel: 3)),
            ]),
            shortcut: Layer.Part(
                "downsample",
                .sequence([
                    // Where the sides are even, as in the benchmark, nothing is rounded up.
                    Layer.Part("", .pool(.init(.average, kernel: 2, stride: 2, ceil: true))),
                    Layer.Part("1", .convolution(.init(width, kernel: 1))),
                ])), relu: false)
    }

    /// The architecture in the benchmark's notation: `|nor_conv_3x3~0|+|none~0|skip_connect~1|+|…|`.
    ///
    /// - Throws: `SpaceError.notInSpace`.
    public static func string(of architecture: Architecture) throws -> String {
        try SearchSpace("nas-bench-201", edges.map { ChoicePoint("\($0.from)->\($0.to)", operations) })
            .validate(architecture)
        let terms = zip(edges, architecture.choices).map { edge, choice in
            (edge.to, "\(operations[choice])~\(edge.from)")
        }
        return (1...3).map { node in
            "|" + terms.filter { $0.0 == node }.map(\.1).joined(separator: "|") + "|"
        }.joined(separator: "+")
    }

    /// Reads an architecture in the benchmark's notation.
    ///
    /// - Throws: `SpaceError.unreadable`.
    public static func architecture(of string: String) throws -> Architecture {
        let nodes = string.split(separator: "+", omittingEmptySubsequences: false)
        guard nodes.count == 3 else { throw SpaceError.unreadable(string) }
        var choices: [Int] = []
        for (node, text) in nodes.enumerated() {
            let terms = text.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
            guard text.hasPrefix("|"), text.hasSuffix("|"), terms.count == node + 1 else {
                throw SpaceError.unreadable(string)
            }
            for (source, term) in terms.enumerated() {
                let words = term.split(separator: "~", omittingEmptySubsequences: false)
                guard words.count == 2, words[1] == "\(source)",
                    let operation = operations.firstIndex(of: String(words[0]))
                else { throw SpaceError.unreadable(string) }
                choices.append(operation)
            }
        }
        return Architecture(choices)
    }
}
