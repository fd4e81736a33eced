import Architectures
import Foundation
import NN
import Networks
import Supernets
import Testing
import Torch

/// Recalibrated statistics: the mean over batches of batch means and of unbiased batch variances.
@Suite struct RecalibrationTests {
    /// Mean and unbiased variance of each channel of [N, C, H, W], in double precision.
    private func statistics(_ x: Tensor) throws -> (mean: [Double], variance: [Double]) {
        let rows = try x.detached().permuted([1, 0, 2, 3]).reshaped([x.size(1), -1]).to(.float64)
        let count = rows.size(1)
        let values = try rows.array(Double.self)
        let channels = (0..<x.size(1)).map { Array(values[$0 * count..<($0 + 1) * count]) }
        let means = channels.map { $0.reduce(0, +) / Double(count) }
        let variances = zip(channels, means).map { channel, mean in
            channel.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
        }
        return (means, variances)
    }

    /// The arithmetic mean over batches, whatever their sizes.
    private func definition(_ inputs: [Tensor]) throws -> (mean: [Double], variance: [Double]) {
        let all = try inputs.map(statistics)
        func mean(_ rows: [[Double]]) -> [Double] {
            rows[0].indices.map { channel in rows.reduce(0) { $0 + $1[channel] } / Double(rows.count) }
        }
        return (mean(all.map(\.mean)), mean(all.map(\.variance)))
    }

    private func expectClose(_ found: Tensor?, _ expected: [Double], _ what: String) throws {
        let values = try #require(found).array(Float.self)
        #expect(values.count == expected.count)
        for (value, wanted) in zip(values, expected) {
            #expect(abs(Double(value) - wanted) <= 1e-5 * (1 + abs(wanted)), "\(what)")
        }
    }

    private func evaluator(_ supernet: Supernet, _ recalibration: [Tensor]) throws -> PathEvaluator {
        var options = PathEvaluator.Options()
        options.precision = .float32
        return try PathEvaluator(
            supernet, recalibration: recalibration, validation: batches([3], seed: 70), options: options)
    }

    /// A supernet whose choices are nothing but batch norms: what goes into each is the activation before it.
    private func norms(_ format: MemoryFormat) throws -> Supernet {
        func choice(_ name: String) -> Layer.Part {
            let norm = Layer.batchNorm(scale: 1)
            return Layer.Part(name, .choice(.init(name, [.init("one", norm), .init("other", norm)])))
        }
        let description = try SupernetDescription(
            "norms", channels: 3,
            backbone: .sequence([
                .init("conv", .convolution(.init(8, kernel: 3, bias: true))), choice("p"), choice("q"), choice("r"),
                .init("", .globalPool),
            ]))
        let supernet = try Supernet(description, store: ParameterStore(seed: 1, format: format))
        try shake(supernet.store)
        return supernet
    }

    @Test(arguments: [MemoryFormat.contiguous, .channelsLast])
    func statisticsAreTheMeanOverBatches(format: MemoryFormat) throws {
        let supernet = try norms(format)
        let recalibration = try batches([4, 2, 3], seed: 60)
        let evaluator = try evaluator(supernet, recalibration)
        for choices in [[0, 1, 0], [1, 1, 1], [0, 0, 1]] {
            let path = Architecture(choices)
            let features = try evaluator.evaluateAlone(path) { try $1[0].array(Float.self) }
            let inputs = try withoutGradients {
                try recalibration.map { try supernet.activations($0, path, Mode(batchNorm: .batch)) }
            }
            for (point, name) in ["p", "q", "r"].enumerated() {
                let (mean, variance) = try definition(inputs.map { $0[point] })
                let key = "\(name).\(path[point])"
                try expectClose(supernet.store["\(key).running_mean"], mean, "\(key) of \(path)")
                try expectClose(supernet.store["\(key).running_var"], variance, "\(key) of \(path)")
            }
            try expectUse(supernet, path, features)
        }
    }

    /// The features are those of the statistics that were found: normalising is affine, and so commutes with pooling.
    private func expectUse(_ supernet: Supernet, _ path: Architecture, _ features: [Float]) throws {
        func values(_ key: String) throws -> [Double] {
            try #require(supernet.store[key]).to(.float64).array(Double.self)
        }
        let stem = try withoutGradients {
            try supernet.run(0, batches([3], seed: 70)[0].contiguous(supernet.store.format), path, .evaluation)
                .mean([2, 3]).to(.float64).array(Double.self)
        }
        var expected = stem
        for (point, name) in ["p", "q", "r"].enumerated() {
            let key = "\(name).\(path[point])"
            let (mean, variance) = try (values("\(key).running_mean"), values("\(key).running_var"))
            let (scale, shift) = try (values("\(key).weight"), values("\(key).bias"))
            for place in expected.indices {
                let c = place % 8
                expected[place] =
                    (expected[place] - mean[c]) / (variance[c] + 1e-5).squareRoot() * scale[c] + shift[c]
            }
        }
        #expect(features.count == expected.count)
        for (value, wanted) in zip(features, expected) { #expect(abs(Double(value) - wanted) < 1e-4) }
    }

    /// In a real space: the stem's norm, and the norm of a shortcut that all candidates share.
    @Test func aBlocksOwnAndItsSharedNormsAreRecalibrated() throws {
        let supernet = try SmallSpace.resnest.supernet()
        let store = supernet.store
        let recalibration = try batches([4, 3], seed: 60)
        let evaluator = try evaluator(supernet, recalibration)
        let path = Architecture([2, 0, 3])
        _ = try evaluator.evaluateAlone(path) { _, _ in }
        try withoutGradients {
            let weight = try #require(store["conv1.weight"])
            let (mean, variance) = try definition(recalibration.map { try $0.convolved(weight, padding: (1, 1)) })
            try expectClose(store["bn1.running_mean"], mean, "bn1")
            try expectClose(store["bn1.running_var"], variance, "bn1")
            let stems = try recalibration.map { try supernet.activations($0, path, Mode(batchNorm: .batch))[0] }
            let shortcut = try #require(store["layer1.0.0.downsample.1.weight"])
            let through = try definition(stems.map { try $0.convolved(shortcut) })
            try expectClose(store["layer1.0.3.downsample.2.running_mean"], through.mean, "the shortcut")
            try expectClose(store["layer1.0.3.downsample.2.running_var"], through.variance, "the shortcut")
            let first = try #require(store["layer1.0.2.conv1.weight"])
            let inner = try definition(stems.map { try $0.convolved(first) })
            try expectClose(store["layer1.0.2.bn1.running_mean"], inner.mean, "the candidate")
            try expectClose(store["layer1.0.2.bn1.running_var"], inner.variance, "the candidate")
        }
        #expect(try store["bn1.num_batches_tracked"]?.integer() == 2)
    }

    /// Whatever training, or another path, left behind.
    @Test(arguments: [MemoryFormat.contiguous, .channelsLast], [0.0, 1e3, -7, .infinity, .nan])
    func statisticsDoNotDependOnWhatWasThereBefore(format: MemoryFormat, before: Double) throws {
        let path = Architecture([1, 2, 3])
        func recalibrated(from value: Double?) throws -> [String: Data] {
            let supernet = try SmallSpace.resnest.supernet(format: format)
            if let value {
                for entry in supernet.store.entries
                where entry.role == .buffer && !entry.key.hasSuffix("num_batches_tracked") {
                    try entry.tensor.fillInPlace(value)
                }
            }
            _ = try evaluator(supernet, batches([4, 3], seed: 60)).evaluateAlone(path) { _, _ in }
            return try Dictionary(
                uniqueKeysWithValues: supernet.entries(on: path).map { ($0.key, try bits($0.tensor)) })
        }
        let (one, other) = try (recalibrated(from: nil), recalibrated(from: before))
        #expect(one.keys.filter { one[$0] != other[$0] }.sorted() == [])
    }
}
