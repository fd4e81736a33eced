import GoldenCases
import Testing
import Torch

@testable import NN

/// Layers against PyTorch's modules: every case of nn-layers but the bottlenecks, which belong to the networks.
@Suite struct LayerParityTests {
    @Test(
        arguments: GoldenFile.arguments("nn-layers").filter { $0.kind != "bottleneck" },
        [MemoryFormat.contiguous, .channelsLast])
    func agreesWithPyTorch(golden: GoldenCase, format: MemoryFormat) throws {
        #expect(try discrepancies(golden, format) == [])
    }

    @Test func allCasesAreThere() throws {
        #expect(try GoldenFile.cases("nn-layers").filter { $0.kind != "bottleneck" }.count == 36)
    }

    private func discrepancies(_ golden: GoldenCase, _ format: MemoryFormat) throws -> [String] {
        switch golden.kind {
        case "batch_norm", "batch_norm_fused": return try fusedBatchNorm(golden, format)
        case "batch_norm_batches": return try batchNormBatches(golden, format)
        case "batch_norm_reestimate": return try batchNormRecalibration(golden, format)
        default: return try layerDiscrepancies(golden, format) { try layer(golden, $0) }
        }
    }

    /// The forward pass of a layer of one input.
    private func layer(_ golden: GoldenCase, _ scope: Scope) throws -> ([Tensor]) throws -> Tensor {
        switch golden.kind {
        case "conv2d":
            let conv = try conv2d(golden, scope)
            return { try conv($0[0]) }
        case "linear":
            let linear = try Linear(
                scope, golden.int("in_features"), golden.int("out_features"), bias: golden.bool("bias"))
            return { try linear($0[0]) }
        case "max_pool2d":
            try golden.requires("ceil_mode", "false")
            let (kernel, stride, padding) = try window(golden)
            return { try $0[0].maxPooled(kernel, stride: stride, padding: padding) }
        case "avg_pool2d":
            let (kernel, stride, padding) = try window(golden)
            let (ceil, count) = (try golden.bool("ceil_mode"), try golden.bool("count_include_pad"))
            return {
                try $0[0].averagePooled(kernel, stride: stride, padding: padding, ceil: ceil, countPadding: count)
            }
        case "dropout":
            let mode = try golden.bool("training") ? Mode.training(Generator(seed: 1)) : .evaluation
            let probability = try golden.double("p")
            return { try $0[0].dropped(probability, mode) }
        case "dropout_mask":
            let mask = try golden.tensor("input.mask")
            let share = 1 - (try golden.double("p"))
            return { try $0[0].kept(where: mask, share: share) }
        case "split_attention":
            let attention = try SplitAttention(
                scope, golden.int("channels"), radix: golden.int("radix"), cardinality: golden.int("cardinality"),
                initializer: .defaultWeight)
            return { try attention($0[0], .training(nil)) }
        default: throw golden.unknownKind()
        }
    }

    private func conv2d(_ golden: GoldenCase, _ scope: Scope) throws -> Conv2d {
        func pair(_ key: String) throws -> (Int, Int) {
            (try golden.int(key + "_height"), try golden.int(key + "_width"))
        }
        return try Conv2d(
            scope, golden.int("in_channels"), golden.int("out_channels"), kernel: pair("kernel"),
            stride: pair("stride"), padding: pair("padding"), dilation: pair("dilation"),
            groups: golden.int("groups"), bias: golden.bool("bias"))
    }

    private func window(_ golden: GoldenCase) throws -> (kernel: Int, stride: Int, padding: Int) {
        (try golden.int("kernel"), try golden.int("stride"), try golden.int("padding"))
    }

    /// Batch norm, then an addition, then ReLU, as far as the case has them.
    private func fusedBatchNorm(_ golden: GoldenCase, _ format: MemoryFormat) throws -> [String] {
        try golden.requires("cumulative", "false")
        let policy =
            try golden.bool("training")
            ? BatchNormPolicy.training(momentum: golden.double("momentum")) : .running
        let residual = golden.has("input.residual")
        let relu = golden.kind == "batch_norm_fused" ? try golden.bool("relu") : false
        return try layerDiscrepancies(golden, format, inputs: ["input.x"] + (residual ? ["input.residual"] : [])) {
            let norm = try batchNorm(golden, $0)
            return { try norm($0[0], policy, residual: residual ? $0[1] : nil, relu: relu) }
        }
    }

    private func batchNorm(_ golden: GoldenCase, _ scope: Scope) throws -> BatchNorm2d {
        let affine = golden.has(setting: "affine") ? try golden.bool("affine") : true
        return try BatchNorm2d(scope, golden.int("num_features"), affine: affine, epsilon: golden.double("eps"))
    }

    /// PyTorch's momentum None: running statistics become the mean over the batches.
    private func batchNormBatches(_ golden: GoldenCase, _ format: MemoryFormat) throws -> [String] {
        try golden.requires("cumulative", "true")
        let store = try ParameterStore(seed: 0, format: format)
        let norm = try batchNorm(golden, store.root)
        try store.load(golden.state("param.", "buffer."))
        let comparison = Comparison(golden)
        for batch in golden.names("inputs").indices {
            let x = try golden.tensor("input.x.\(batch)", format).requireGradient()
            let y = try norm(x, .recalibrating(batch: batch))
            try y.backward(golden.tensor("upstream.\(batch)", format))
            try comparison.compare("output.\(batch)", y)
            try comparison.compare("grad.input.x.\(batch)", x.gradient)
        }
        try comparison.compareState(of: store, golden)
        return comparison.discrepancies
    }

    /// Whatever the running statistics were before.
    private func batchNormRecalibration(_ golden: GoldenCase, _ format: MemoryFormat) throws -> [String] {
        let store = try ParameterStore(seed: 0, format: format)
        let norm = try batchNorm(golden, store.root)
        try store.load(golden.state("param.", "buffer."))
        let batches = golden.names("inputs").indices
        try withoutGradients {
            for batch in batches {
                _ = try norm(golden.tensor("input.x.\(batch)", format), .recalibrating(batch: batch))
            }
        }
        let comparison = Comparison(golden)
        try comparison.compare("after.buffer.running_mean", norm.runningMean)
        try comparison.compare("after.buffer.running_var", norm.runningVariance)
        return comparison.discrepancies
    }
}
