import Foundation
import NN
import Testing
import Torch

/// Tensors with their keys, as stores and optimisers give their state.
typealias State = [(key: String, tensor: Tensor)]

/// The elements' bytes by key: equal for states that agree bit by bit.
func bits(_ state: State) throws -> [String: [UInt8]] {
    try Dictionary(
        uniqueKeysWithValues: state.map { key, tensor in
            (key, try tensor.detached().contiguous().withUnsafeBytes { [UInt8]($0) })
        })
}

/// A copy in memory of its own.
func copy(_ state: State) throws -> State {
    try withoutGradients { try state.map { ($0.key, try $0.tensor.cloned()) } }
}

/// Runs `body` with the path of a file that does not exist yet, in a folder that is removed afterwards.
func withTemporaryFile<Result>(_ name: String, _ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.appendingPathComponent(name).path)
}

/// The state as a file returns it.
func savedAndRead(_ state: State) throws -> State {
    try withTemporaryFile("state.safetensors") { path in
        try Checkpoint.write(state, to: path)
        return try Checkpoint.read(path).tensors
    }
}

/// The message of what `body` throws.
func message(_ body: () throws -> Void) throws -> String {
    String(describing: try #require(throws: (any Error).self) { try body() })
}
