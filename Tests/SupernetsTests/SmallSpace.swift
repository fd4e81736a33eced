import Architectures
import Foundation
import NN
import Networks
import Supernets
import Support
import TestSpaces
import Torch

/// Every kind of search space, small, and one whose first choice stands at two places.
enum SmallSpace: String, CaseIterable, Sendable {
    case resnest
    case mobile
    case cells = "nas-bench-201"
    case repeated
    case elasticMobile, elasticResNeSt, depths, imageSizes

    func description() throws -> SupernetDescription {
        switch self {
        case .resnest:
            try ResNeStSpace(stem: .small, planes: [16, 16], depths: [2, 1], expansion: 1).description()
        case .mobile:
            try MobileSpace(
                stemWidth: 8, stemStride: 1, widths: [8, 16], depths: [1, 1], strides: [1, 2], headWidth: 16
            ).description()
        case .cells: try NASBench201Space(width: 8, cells: 1).description()
        case .repeated: try Self.repeated()
        case .elasticMobile: try TestSpaces.SmallSpace.elasticMobile.description()
        case .elasticResNeSt: try TestSpaces.SmallSpace.elasticResNeSt.description()
        case .depths: try TestSpaces.SmallSpace.depths.description()
        case .imageSizes: try TestSpaces.SmallSpace.imageSizes.description()
        }
    }

    private static func repeated() throws -> SupernetDescription {
        func block(_ kernel: Int) -> Layer {
            .sequence(Layer.convolutionBlock("conv", "bn", .init(8, kernel: kernel)))
        }
        func twice(_ key: String) -> Layer.Part {
            Layer.Part(
                key,
                .choice(
                    Layer.Choice(
                        "twice", [.init("small", block(1)), .init("large", block(3)), .init("none", .identity)])))
        }
        let once = Layer.Choice("once", [.init("small", block(1)), .init("large", block(3))])
        return try SupernetDescription(
            "repeated", channels: 3,
            backbone: .sequence([
                .init("stem", block(3)), twice("a"), .init("b", .choice(once)), twice("c"), .init("", .globalPool),
            ]))
    }

    /// The supernet with noise in every tensor, the running statistics included.
    func supernet(seed: UInt64 = 3, format: MemoryFormat = .channelsLast) throws -> Supernet {
        let supernet = try Supernet(description(), store: ParameterStore(seed: seed, format: format))
        try shake(supernet.store)
        return supernet
    }

    /// Architectures of the space, the same ones each time; some stand twice.
    func architectures(_ count: Int, seed: UInt64 = 7) throws -> [Architecture] {
        let space = try description().space
        var generator = SeededGenerator(seed: seed)
        let drawn = (0..<count).map { _ in space.random(using: &generator) }
        // Neighbours, so that there is something to share also where a space is large.
        let changed = drawn.prefix(count / 2).map { space.mutated($0, using: &generator) }
        let all = drawn + changed + drawn.prefix(1)
        return generator.permutation(all.count).map { all[$0] }
    }
}

/// Three-channel images of noise, the same ones each time.
func images(_ count: Int, _ side: Int = 8, seed: UInt64 = 11) throws -> Tensor {
    try .normal([count, 3, side, side], using: Generator(seed: seed))
}

/// Batches of different sizes.
func batches(_ sizes: [Int], seed: UInt64) throws -> [Tensor] {
    try sizes.enumerated().map { try images($1, seed: seed + UInt64($0)) }
}

/// The elements' bytes: equal for tensors that agree bit by bit.
func bits(_ tensor: Tensor) throws -> Data {
    try tensor.detached().contiguous().withUnsafeBytes { Data($0) }
}

/// The bytes of every tensor of a store.
func bits(_ store: ParameterStore) throws -> [String: Data] {
    try Dictionary(uniqueKeysWithValues: store.entries.map { ($0.key, try bits($0.tensor)) })
}

/// Moves every parameter by noise and fills the running statistics with some, so that nothing is zero, no block is its
/// shortcut, and no two candidates look alike.
func shake(_ store: ParameterStore) throws {
    let generator = try Generator(seed: 12)
    try withoutGradients {
        for entry in store.entries {
            let shape = entry.tensor.shape
            if entry.role == .parameter {
                try entry.tensor.addInPlace(.normal(shape, deviation: 0.1, using: generator))
            } else if entry.key.hasSuffix("running_mean") {
                try entry.tensor.copyInPlace(from: .normal(shape, using: generator))
            } else if entry.key.hasSuffix("running_var") {
                try entry.tensor.copyInPlace(from: .uniform(shape, low: 0.5, high: 3, using: generator))
            }
        }
    }
}

/// A path for a file, which is removed afterwards.
func withTemporaryFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = NSTemporaryDirectory() + "supernet-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}
