import Architectures
import Foundation
import GoldenCases
import NN
import Networks
import Testing
import Torch

/// The published networks of Pi-NAS, by their keys and sizes.
@Suite struct ResNeSt50Tests {
    private static let dense = Architecture([3, 3, 3, 3, 1, 1, 3, 3, 3, 0, 0, 1, 1, 0, 2, 1])
    private static let classifier = 2048 * 1000 + 1000

    /// One line `key (shape) dtype` for each tensor, as Python writes tuples.
    private func lines(_ state: [(key: String, tensor: Tensor)]) -> [String] {
        state.map { key, tensor in
            let sizes = tensor.shape.map(String.init).joined(separator: ", ")
            return "\(key) (\(sizes)\(tensor.rank == 1 ? "," : "")) torch.\(tensor.dtype)"
        }
    }

    private func golden(_ name: String) throws -> [String] {
        let file = GoldenFile.folder.appendingPathComponent(name)
        return try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private func expectEqual(_ own: [String], _ published: [String]) {
        #expect(Set(published).subtracting(own) == [])
        #expect(Set(own).subtracting(published) == [])
        #expect(own.count == published.count)
    }

    @Test func keysShapesAndTypesAreThePublishedOnes() throws {
        let network = try ImageNetwork(
            ResNeStSpace.resnest50.network(code: ResNeStSpace.classificationCode, classes: 1000),
            store: ParameterStore(seed: 0))
        let published = try golden("resnest50-keys.txt")
        #expect(published.count == 476)
        expectEqual(lines(network.store.state), published)
        #expect(network.store.parameterCount == 27_046_278)
    }

    /// Built once for all that is said of it.
    @Test func theSupernetIsThePublishedOneAndHoldsThePublishedNetworks() throws {
        let supernet = try Supernet(ResNeStSpace.resnest50.description(), store: ParameterStore(seed: 0))
        let store = supernet.store
        let published = try golden("resnest50-supernet-keys.txt")
        #expect(published.count == 1842)
        expectEqual(lines(store.state), published)
        #expect(store.entries.count == 1770)
        #expect(store.entries.count { $0.key.hasSuffix("num_batches_tracked") } == 263)
        #expect(store.parameterCount == 91_522_388)
        #expect(supernet.features == 2048 && supernet.segments.count == 17)

        let cls = try golden("resnest50-keys.txt").filter { !$0.hasPrefix("fc.") }
        expectEqual(lines(try supernet.state(of: ResNeStSpace.classificationCode)), cls)
        for (code, parameters) in [(ResNeStSpace.classificationCode, 27_046_278), (Self.dense, 27_039_016)] {
            let learned = supernet.entries(on: code).filter { $0.role == .parameter }
            #expect(learned.reduce(Self.classifier) { $0 + $1.tensor.elementCount } == parameters)
        }
        // One shortcut a stage, under the key of each candidate.
        for stage in 1...4 {
            for name in ["1.weight", "2.weight", "2.bias", "2.running_mean", "2.running_var", "2.num_batches_tracked"] {
                let shared = try #require(store["layer\(stage).0.0.downsample.\(name)"])
                for candidate in 1...3 { #expect(store["layer\(stage).0.\(candidate).downsample.\(name)"] === shared) }
            }
        }
    }
}
