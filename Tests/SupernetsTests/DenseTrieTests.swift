import Architectures
import Foundation
import NN
import Networks
import Supernets
import Testing
import Torch

/// The maps of many paths as a trie are those of one path at a time, bit for bit.
@Suite struct DenseTrieTests {
    @Test(arguments: [SmallSpace.resnest, .mobile, .cells, .repeated, .elasticMobile], StatisticsPolicy.allCases)
    func theTrieHandsOutTheMapsOfOnePathAtATime(space: SmallSpace, policy: StatisticsPolicy) throws {
        let dense = try space.description().backbone.dense(outputStride: 1)
        let description = try SupernetDescription(
            "dense", channels: 3, backbone: DeepLabV3.network(dense, classes: 3, width: 4))
        let supernet = try Supernet(description, store: ParameterStore(seed: 3, format: .channelsLast))
        try shake(supernet.store)
        #expect(supernet.segments.count > 1)
        var options = PathEvaluator.Options()
        (options.policy, options.precision, options.keepsMaps) = (policy, .float32, true)
        let (recalibration, validation) = (try batches([2, 3], seed: 20), try batches([3, 2], seed: 30))
        let given = policy == .recalibrate ? recalibration : []
        let evaluator = try PathEvaluator(
            supernet, recalibration: given, validation: validation, options: options)
        let paths = try space.architectures(4)
        func all(_ maps: FeatureMaps) throws -> [Data] { try [bits(maps.output)] + maps.maps.map { try bits($0.map) } }
        for _ in 0..<2 {
            let found = try evaluator.evaluateMaps(paths) { _, maps in try maps.flatMap(all) }
            let results = try evaluator.evaluate(paths) { _, results in try results.map(bits) }
            for (number, path) in paths.enumerated() {
                try evaluator.recalibrate(path)
                let alone = try withoutGradients {
                    try validation.map {
                        try supernet.maps($0, path, Mode(batchNorm: policy == .batch ? .batch : .running))
                    }
                }
                #expect(alone[0].maps.map(\.name) == dense.maps.map(\.name))
                #expect(try found[number] == alone.flatMap(all))
                #expect(try results[number] == alone.map { try bits($0.output) })
            }
        }
    }

    @Test func mapsAreHandedOutOnlyWhereTheyAreKept() throws {
        let description = try SmallSpace.resnest.description()
        let evaluator = try PathEvaluator(
            Supernet(description, store: ParameterStore(seed: 3)), recalibration: [],
            validation: batches([2], seed: 1),
            options: {
                var options = PathEvaluator.Options()
                options.policy = .batch
                return options
            }())
        #expect(throws: TorchError.self) {
            try evaluator.evaluateMaps(SmallSpace.resnest.architectures(1)) { _, maps in maps.count }
        }
    }
}
