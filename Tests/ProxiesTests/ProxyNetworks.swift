import Architectures

/// The networks of `Tests/Goldens/proxies.py`, and others for the laws.
enum ProxyNetworks {
    static func golden(_ kind: String) -> NetworkDescription? {
        switch kind {
        case "cells": network(cells, channels: 2)
        case "plain": network(plain, channels: 2)
        case "attention": network(attention, channels: 2)
        default: nil
        }
    }

    static func network(_ parts: [Layer.Part], channels: Int = 1, classes: Int = 4) -> NetworkDescription {
        NetworkDescription(channels: channels, classes: classes, backbone: .sequence(parts))
    }

    /// Three convolutions with batch norm and ReLU of this many channels.
    static func chain(width: Int, channels: Int = 1) -> NetworkDescription {
        let blocks = (0..<3).flatMap { block in
            Layer.convolutionBlock("conv\(block)", "bn\(block)", .init(width, kernel: 3, stride: block == 1 ? 2 : 1))
        }
        return network(blocks + [Layer.Part("", .globalPool)], channels: channels)
    }

    private static let cells: [Layer.Part] =
        Layer.convolutionBlock("conv1", "bn1", .init(6, kernel: 3)) + [
            Layer.Part(
                "block",
                .residual(
                    body: .sequence(
                        Layer.convolutionBlock("conv1", "bn1", .init(8, kernel: 3, stride: 2))
                            + Layer.convolutionBlock("conv2", "bn2", .init(8, kernel: 3, groups: 2), relu: false)),
                    shortcut: Layer.Part(
                        "down",
                        .sequence(Layer.convolutionBlock("0", "1", .init(8, kernel: 1, stride: 2), relu: false))),
                    relu: true)),
            Layer.Part("", .pool(.init(.average, kernel: 2, stride: 2))),
            Layer.Part(
                "cell",
                .cell([
                    Layer.Edge(
                        from: 0, to: 1,
                        Layer.Part("a", .sequence(Layer.convolutionBlock("0", "1", .init(8, kernel: 3))))),
                    Layer.Edge(
                        from: 0, to: 2,
                        Layer.Part(
                            "", .pool(.init(.average, kernel: 3, stride: 1, padding: 1, countsPadding: false)))),
                    Layer.Edge(
                        from: 1, to: 2,
                        Layer.Part(
                            "b", .sequence(Layer.convolutionBlock("0", "1", .init(8, kernel: 1), relu: false)))),
                    Layer.Edge(from: 0, to: 3, Layer.Part("", .zero(stride: 1))),
                    Layer.Edge(from: 1, to: 3, Layer.Part("", .identity)),
                    Layer.Edge(
                        from: 2, to: 3,
                        Layer.Part("c", .sequence(Layer.convolutionBlock("0", "1", .init(8, kernel: 3))))),
                ])),
            Layer.Part("", .globalPool),
        ]

    private static let plain: [Layer.Part] = [
        Layer.Part("conv1", .convolution(.init(8, kernel: 3, bias: true))),
        Layer.Part("", .pool(.init(.max, kernel: 2, stride: 2))), Layer.Part("", .relu),
        Layer.Part("conv2", .convolution(.init(10, kernel: 3, bias: true))), Layer.Part("", .relu),
        Layer.Part("", .globalPool),
    ]

    private static let attention: [Layer.Part] =
        Layer.convolutionBlock("conv1", "bn1", .init(8, kernel: 3)) + [
            Layer.Part("attention", .splitAttention(radix: 2, cardinality: 1)),
            Layer.Part("bn2", .batchNorm(scale: 1)), Layer.Part("", .relu), Layer.Part("", .globalPool),
        ]
}
