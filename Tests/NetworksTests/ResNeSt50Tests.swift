import Foundation
import GoldenCases
import NN
import Networks
import Testing
import Torch

/// The published networks of Pi-NAS, by their keys and sizes.
@Suite struct ResNeSt50Tests {
    private static let dense = [3, 3, 3, 3, 1, 1, 3, 3, 3, 0, 0, 1, 1, 0, 2, 1]

    @Test func keysShapesAndTypesAreThePublishedOnes() throws {
        let file = GoldenFile.folder.appendingPathComponent("resnest50-keys.txt")
        let published = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
        let store = try ResNeSt(.resnest50(), store: ParameterStore(seed: 0)).store
        let own = store.state.map { key, tensor in "\(key) \(pythonTuple(tensor.shape)) torch.\(tensor.dtype)" }
        #expect(published.count == 476)
        #expect(Set(published).subtracting(own) == [])
        #expect(Set(own).subtracting(published) == [])
        #expect(own.count == published.count)
        #expect(store.parameterCount == 27_046_278)
    }

    @Test func theDenseNetworkHasThePublishedSize() throws {
        let network = try ResNeSt(.resnest50(code: Self.dense), store: ParameterStore(seed: 0))
        #expect(network.store.parameterCount == 27_039_016)
    }

    /// As Python writes a tuple.
    private func pythonTuple(_ shape: [Int]) -> String {
        "(" + shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? ",)" : ")")
    }
}
