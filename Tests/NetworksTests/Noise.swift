import NN
import Support
import Torch

/// Three-channel images of noise, the same ones each time.
func images(_ count: Int, _ size: ImageSize) throws -> Tensor {
    try .normal([count, 3, size.height, size.width], using: Generator(seed: 11))
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
