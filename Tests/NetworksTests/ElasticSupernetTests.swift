import Architectures
import Foundation
import GoldenCases
import NN
import Networks
import Support
import TestSpaces
import Testing
import Torch

/// Candidates that share the tensors of the largest one.
@Suite struct ElasticSupernetTests {
    static let kinds = SmallSpace.allCases.filter(\.isShared)

    private func supernet(_ kind: SmallSpace, _ format: MemoryFormat = .channelsLast) throws -> Supernet {
        let supernet = try Supernet(kind.description(), store: ParameterStore(seed: 3, format: format))
        try shake(supernet.store)
        return supernet
    }

    private func largest(_ description: SupernetDescription) throws -> Architecture {
        try CostTable(description, imageSize: 8, classes: 0).cheapest { -Double($0.parameters) }
    }

    private func plain(_ description: SupernetDescription, _ path: Architecture) throws -> ParameterStore {
        let store = try ParameterStore(seed: 5, format: .channelsLast)
        _ = try Backbone(description.fixed(to: path), channels: description.channels, store: store)
        return store
    }

    /// The keys and shapes are those of the largest network, so that its checkpoint is one of the supernet.
    @Test(arguments: kinds) func aCheckpointOfTheLargestNetworkLoadsAsItStands(kind: SmallSpace) throws {
        let supernet = try supernet(kind)
        let path = try largest(supernet.description)
        let network = try plain(supernet.description, path)
        let own = supernet.store.state.filter { !$0.key.hasSuffix("_matrix") }
        #expect(own.map(\.key) == network.state.map(\.key))
        #expect(own.map(\.tensor.shape) == network.state.map(\.tensor.shape))
        try supernet.load(network.state, into: path)
        for (loaded, given) in zip(own, network.state) { #expect(try bits(loaded.tensor) == bits(given.tensor)) }
    }

    /// What is laid out as data is what a network registers.
    @Test(arguments: SmallSpace.allCases) func theLayoutOfALayerIsItsTensors(kind: SmallSpace) throws {
        let description = try kind.description()
        for path in try kind.architectures(3) {
            let layout = try TensorLayout(of: description.fixed(to: path), inputs: description.channels)
            let store = try plain(description, path)
            #expect(layout.tensors.map(\.key) == store.keys.map(\.key))
            #expect(layout.tensors.map(\.shape) == store.state.map(\.tensor.shape))
            let learned = Set(store.parameters.map(\.key))
            for tensor in layout.tensors { #expect(tensor.isLearned == learned.contains(tensor.key)) }
        }
    }

    /// Whatever a pass leaves in the statistics of a path, its stand-alone network has, too.
    @Test(arguments: kinds) func trainingAPathMovesTheStatisticsOfItsNetwork(kind: SmallSpace) throws {
        let supernet = try supernet(kind)
        for path in try kind.architectures(4) {
            let store = try ParameterStore(seed: 5, format: .channelsLast)
            let network = try Backbone(
                supernet.description.fixed(to: path), channels: supernet.description.channels, store: store)
            try store.load(supernet.state(of: path))
            for policy in [BatchNormPolicy.training, .recalibrating(batch: 0), .recalibrating(batch: 1)] {
                let (own, alone) = try withoutGradients {
                    (
                        try supernet.features(images(4, 8), path, Mode(batchNorm: policy)),
                        try network(images(4, 8), Mode(batchNorm: policy))
                    )
                }
                #expect(try bits(own) == bits(alone))
                for (found, expected) in zip(try supernet.state(of: path), store.state) {
                    #expect(found.key == expected.key)
                    #expect(try bits(found.tensor) == bits(expected.tensor), "\(found.key)")
                }
            }
        }
    }

    /// The gradient of a shared tensor is that of the stand-alone network where the path takes it, and 0 elsewhere.
    @Test(arguments: [SmallSpace.elasticMobile, .elasticResNeSt])
    func gradientsAreOnTheSlicesThatAPathUses(kind: SmallSpace) throws {
        let supernet = try supernet(kind)
        // With the numbers of its elements for values, what a path takes of a tensor names its elements.
        let numbers = try Supernet(kind.description(), store: ParameterStore(seed: 3, format: .channelsLast))
        try withoutGradients {
            for entry in numbers.store.entries where entry.tensor.dtype.isFloatingPoint {
                let count = entry.tensor.elementCount
                try entry.tensor.copyInPlace(
                    from: Tensor((0..<count).map { Float($0) }).reshaped(entry.tensor.shape))
            }
        }
        for path in try kind.architectures(4) {
            let store = try ParameterStore(seed: 5, format: .channelsLast)
            let network = try Backbone(
                supernet.description.fixed(to: path), channels: supernet.description.channels, store: store)
            try store.load(supernet.state(of: path))
            try supernet.store.clearGradients()
            try supernet.features(images(3, 8), path, .training(nil)).power(2).sum().backward()
            try network(images(3, 8), .training(nil)).power(2).sum().backward()
            let taken = Dictionary(uniqueKeysWithValues: try numbers.state(of: path).map { ($0.key, $0.tensor) })
            var isSliced = false
            for entry in supernet.entries(on: path) where entry.role == .parameter {
                let gradient = try #require(entry.tensor.gradient).contiguous().array(Float.self)
                let alone = try #require(store[entry.key]?.gradient).contiguous().array(Float.self)
                let elements = try #require(taken[entry.key]).contiguous().array(Float.self).map(Int.init)
                #expect(elements.count == alone.count && Set(elements).count == elements.count)
                for (element, expected) in zip(elements, alone) { #expect(gradient[element] == expected) }
                let inside = Set(elements)
                isSliced = isSliced || inside.count < gradient.count
                #expect(gradient.indices.allSatisfy { inside.contains($0) || gradient[$0] == 0 })
            }
            #expect(isSliced)
        }
    }

    /// Sorted, the largest network computes what it did, and the first channels are those that are read most.
    @Test(arguments: kinds) func sortingChannelsChangesNothingButTheirOrder(kind: SmallSpace) throws {
        let supernet = try supernet(kind)
        let path = try largest(supernet.description)
        let narrow = try CostTable(supernet.description, imageSize: 8, classes: 0).cheapest { Double($0.parameters) }
        func features(_ path: Architecture) throws -> Tensor {
            try withoutGradients { try supernet.features(images(4, 8), path, .evaluation) }
        }
        let (before, narrowBefore) = (try features(path), try features(narrow))
        let values = try supernet.store.entries.map { try $0.tensor.to(.float32).sum().item() }
        try supernet.sortChannels()
        #expect(try relativeError(of: features(path), to: before) < 1e-5)
        if kind != .depths { #expect(try relativeError(of: features(narrow), to: narrowBefore) > 1e-3) }
        for (entry, sum) in zip(supernet.store.entries, values) {
            #expect(try abs(entry.tensor.to(.float32).sum().item() - sum) < 1e-3)
        }
        let key = ["elastic-mobile": "stage2.0.project.conv.weight", "elastic-resnest": "layer2.0.conv3.weight"][
            kind.rawValue]
        if let key {
            let weight = try #require(supernet.store[key])
            let sums = try weight.absolute().sum([0, 2, 3]).array(Float.self)
            // Of split attention with two groups, each is sorted by itself.
            let groups =
                kind == .elasticResNeSt ? [sums.prefix(sums.count / 2), sums.suffix(sums.count / 2)] : [sums[...]]
            for group in groups { #expect(zip(group, group.dropFirst()).allSatisfy { $0 >= $1 - 1e-4 }) }
            #expect(Set(sums).count > 2)
        }
    }

    /// The middle of a window, times the matrix, chained from 7 to 5 to 3 (Cai et al., 2020), written out in loops.
    @Test func smallerWindowsAreMadeByMatrices() throws {
        let supernet = try supernet(.depths)
        let store = supernet.store
        let names = supernet.description.space.points.map(\.name)
        let width = 5  // "width 16, kernel 7"
        func path(_ candidate: Int) -> Architecture {
            Architecture(names.map { $0 == "depth" ? 2 : $0 == "block 0" ? candidate : width })
        }
        func values(_ tensor: Tensor) throws -> [Double] { try tensor.contiguous().array(Float.self).map(Double.init) }
        let key = "blocks.0.depth.conv."
        let whole = try values(#require(store[key + "weight"]))
        func smaller(_ kernel: [Double], _ from: Int, _ to: Int) throws -> [Double] {
            let matrix = try values(#require(store[key + "\(from)to\(to)_matrix"]))
            #expect(matrix.count == to * to * to * to)
            let (border, area) = ((from - to) / 2, to * to)
            return (0..<kernel.count / (from * from)).flatMap { channel in
                (0..<area).map { row in
                    (0..<area).reduce(0.0) { sum, column in
                        let (y, x) = (column / to + border, column % to + border)
                        return sum + matrix[row * area + column] * kernel[channel * from * from + y * from + x]
                    }
                }
            }
        }
        let five = try smaller(whole, 7, 5)
        let three = try smaller(five, 5, 3)
        for (candidate, expected) in [(5, whole), (4, five), (3, three)] {
            let state = try supernet.state(of: path(candidate))
            let made = try values(#require(state.first { $0.key == key + "weight" }).tensor)
            #expect(made.count == expected.count)
            for (value, expected) in zip(made, expected) { #expect(abs(value - expected) < 1e-5) }
            #expect(!state.contains { $0.key.hasSuffix("_matrix") })
        }
        // Both matrices learn from the smallest window; the larger leads to it.
        try supernet.features(images(2, 8), path(3), .training(nil)).power(2).sum().backward()
        for name in ["7to5_matrix", "5to3_matrix"] {
            let gradient = try #require(store[key + name]?.gradient)
            #expect(try gradient.absolute().sum().item() > 0)
        }
        #expect(throws: StateError.self) {
            try supernet.load(plain(supernet.description, path(3)).state, into: path(3))
        }
    }

    /// A stage that runs its first blocks: what lies behind its depth does not matter.
    @Test func depthLeavesTheLastBlocksOut() throws {
        let supernet = try supernet(.depths)
        let names = supernet.description.space.points.map(\.name)
        func path(depth: Int, last: Int) -> Architecture {
            Architecture(names.map { $0 == "depth" ? depth : $0 == "block 3" ? last : 1 })
        }
        func result(depth: Int, last: Int) throws -> [UInt8] {
            let images = try images(2, 8)
            let features = try supernet.features(images, path(depth: depth, last: last), Mode(batchNorm: .batch))
            return try bits(features)
        }
        #expect(try result(depth: 1, last: 0) == result(depth: 1, last: 4))
        #expect(try result(depth: 2, last: 0) != result(depth: 2, last: 4))
        let costs = try CostTable(supernet.description, imageSize: 8, classes: 0)
        #expect(costs.cost(of: path(depth: 1, last: 0)) == costs.cost(of: path(depth: 1, last: 4)))
        #expect(costs.cost(of: path(depth: 1, last: 4)).parameters < costs.cost(of: path(depth: 2, last: 0)).parameters)
        #expect(try supernet.state(of: path(depth: 0, last: 0)).allSatisfy { !$0.key.hasPrefix("blocks.2") })
    }

    /// Once-for-All's supernet, as it is published: a path is its stand-alone network, also at the ends of the space.
    @Test func pathsOfTheElasticMobileNetAreTheirNetworks() throws {
        let description = try MobileNetV3ElasticSpace(stemStride: 1).description()
        let supernet = try Supernet(description, store: ParameterStore(seed: 3, format: .channelsLast))
        try shake(supernet.store)
        var generator = SeededGenerator(seed: 5)
        let ends = try [(4, 7, 6), (2, 3, 3)].map { depth, kernel, expansion in
            try #require(MobileNetV3ElasticSpace.architecture(depth: depth, kernel: kernel, expansion: expansion))
        }
        for path in ends + [description.space.random(using: &generator)] {
            let store = try ParameterStore(seed: 5, format: .channelsLast)
            let network = try Backbone(description.fixed(to: path), channels: 3, store: store)
            try store.load(supernet.state(of: path))
            let (own, alone) = try withoutGradients {
                (try supernet.features(images(2, 20), path, .evaluation), try network(images(2, 20), .evaluation))
            }
            #expect(try bits(own) == bits(alone))
            #expect(own.shape == [2, 1280])
        }
    }
}
