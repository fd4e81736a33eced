import Architectures
import NN
import Seeding
import Torch

/// Every kind of search space, small.
enum SmallSpace: String, CaseIterable, Sendable {
    case resnest
    case mobile
    case cells = "nas-bench-201"

    func description() throws -> SupernetDescription {
        switch self {
        case .resnest:
            try ResNeStSpace(stem: .small, planes: [16, 32], depths: [2, 2], expansion: 2).description()
        case .mobile:
            try MobileSpace(
                stemWidth: 8, stemStride: 1, widths: [8, 16], depths: [2, 2], strides: [1, 2], headWidth: 24
            )
            .description()
        case .cells: try NASBench201Space(width: 8, cells: 1).description()
        }
    }

    /// Architectures of the space, the same ones each time.
    func architectures(_ count: Int) throws -> [Architecture] {
        let space = try description().space
        var generator = SeededGenerator(seed: 7)
        return (0..<count).map { _ in space.random(using: &generator) }
    }
}

/// Three-channel images of noise, the same ones each time.
func images(_ count: Int, _ side: Int) throws -> Tensor {
    try .normal([count, 3, side, side], using: Generator(seed: 11))
}

/// The elements' bytes: equal for tensors that agree bit by bit.
func bits(_ tensor: Tensor) throws -> [UInt8] {
    try tensor.detached().contiguous().withUnsafeBytes { [UInt8]($0) }
}

/// Moves every parameter by noise, so that nothing is zero and no block is its shortcut.
func shake(_ store: ParameterStore) throws {
    let generator = try Generator(seed: 12)
    try withoutGradients {
        for entry in store.parameters {
            try entry.tensor.addInPlace(.normal(entry.tensor.shape, deviation: 0.1, using: generator))
        }
    }
}
