import GoldenCases
import NN
import Testing
import Torch

/// Update rules over a few steps, clipping and moving averages against PyTorch's.
@Suite struct OptimizerParityTests {
    @Test(arguments: GoldenFile.arguments("nn-optimizers"))
    func agreesWithPyTorch(golden: GoldenCase) throws {
        #expect(try discrepancies(golden) == [])
    }

    @Test func allCasesAreThere() throws {
        #expect(try GoldenFile.cases("nn-optimizers").count == 14)
    }

    private func discrepancies(_ golden: GoldenCase) throws -> [String] {
        switch golden.kind {
        case "sgd", "adam": return try updates(golden)
        case "clip_norm":
            guard let order = Double(try golden.text("norm_type")) else { throw golden.unknownKind() }
            return try clipping(golden) { try clipGradients($0, norm: golden.double("max_norm"), order: order) }
        case "ema": return try averages(golden)
        default: throw golden.unknownKind()
        }
    }

    private func updates(_ golden: GoldenCase) throws -> [String] {
        let parameters = try golden.names("parameters").map { name in
            (key: String(name.dropFirst("param.".count)), tensor: try golden.tensor(name).requireGradient())
        }
        let rates = try golden.names("lrs").map { try golden.tensor($0).array(Double.self) }
        let groups = try rates.indices.map { index in
            // Every parameter in the only group, or one in each.
            ParameterGroup(
                rates.count == 1 ? parameters : [parameters[index]], learningRateScale: rates[index][0] / rates[0][0],
                weightDecay: try golden.double("weight_decay_\(index)"))
        }
        let optimizer = try self.optimizer(golden, groups)
        let comparison = Comparison(golden, lists: ["after", "states"])
        for step in 0..<(try golden.int("steps")) {
            for (key, tensor) in parameters {
                let gradient = "grad.\(step).\(key)"
                try tensor.setGradient(golden.has(gradient) ? golden.tensor(gradient) : nil)
            }
            try optimizer.step(learningRate: rates[0][step])
            for (key, tensor) in parameters { try comparison.compare("after.\(step).\(key)", tensor) }
        }
        for (key, tensor) in try optimizer.state() {
            try comparison.compare("state." + key.replacing(".momentum", with: ".momentum_buffer"), tensor)
        }
        return comparison.discrepancies
    }

    private func optimizer(_ golden: GoldenCase, _ groups: [ParameterGroup]) throws -> any Optimizer {
        try golden.requires("maximize", "false")
        if golden.kind == "sgd" {
            return try SGD(
                groups, momentum: golden.double("momentum"), dampening: golden.double("dampening"),
                nesterov: golden.bool("nesterov"))
        }
        try golden.requires("amsgrad", "false")
        return try Adam(
            groups, betas: (golden.double("beta1"), golden.double("beta2")), epsilon: golden.double("eps"))
    }

    private func clipping(_ golden: GoldenCase, _ clip: ([Tensor]) throws -> Tensor) throws -> [String] {
        let keys = golden.names("inputs").map { String($0.dropFirst("input.".count)) }
        let parameters = try keys.map { key in
            let parameter = try Tensor.zeros(golden.tensor("input.\(key)").shape).requireGradient()
            try parameter.setGradient(golden.tensor("input.\(key)"))
            return parameter
        }
        let total = try clip(parameters)
        let comparison = Comparison(golden)
        try comparison.compare("output.total_norm", total)
        for (key, parameter) in zip(keys, parameters) { try comparison.compare("output.\(key)", parameter.gradient) }
        return comparison.discrepancies
    }

    private func averages(_ golden: GoldenCase) throws -> [String] {
        let average = try golden.tensor("param.weight")
        let comparison = Comparison(golden)
        for step in 0..<(try golden.int("steps")) {
            try movingAverage(
                [average], towards: [golden.tensor("input.\(step)")], momentum: golden.double("momentum"))
            try comparison.compare("after.\(step).weight", average)
        }
        return comparison.discrepancies
    }
}

/// Settings outside their range, and states that do not fit.
@Suite struct OptimizerRefusalTests {
    private func group() throws -> ParameterGroup {
        ParameterGroup([
            ("w", try Tensor.zeros([2, 3]).requireGradient()), ("b", try Tensor.zeros([3]).requireGradient()),
        ])
    }

    @Test func sgdSettings() throws {
        let groups = [try group()]
        #expect(try message { _ = try SGD(groups, momentum: -0.5) }.contains("momentum (=-0.5)"))
        #expect(try message { _ = try SGD(groups, weightDecay: -1) }.contains("weight decay (=-1.0)"))
        #expect(try message { _ = try SGD(groups, momentum: .nan) }.contains("momentum (=nan)"))
        #expect(try message { _ = try SGD(groups, nesterov: true) }.contains("Nesterov"))
        #expect(
            try message { _ = try SGD(groups, momentum: 0.9, dampening: 0.1, nesterov: true) }
                .contains("dampening (=0.1)"))
    }

    @Test func adamSettings() throws {
        let groups = [try group()]
        #expect(try message { _ = try Adam(groups, betas: (1, 0.9)) }.contains("Adam: betas (=(1.0, 0.9))"))
        #expect(try message { _ = try Adam(groups, betas: (0.9, -1)) }.contains("Adam: betas (=(0.9, -1.0))"))
        #expect(try message { _ = try Adam(groups, epsilon: 0) }.contains("epsilon (=0.0)"))
        #expect(try message { _ = try Adam(groups, weightDecay: -0.1) }.contains("weight decay (=-0.1)"))
    }

    /// A step's number without the averages, averages without it, a foreign key and other shapes, all in one error.
    @Test func adamStateThatDoesNotFit() throws {
        let group = try group()
        let optimizer = try Adam([group])
        for (_, tensor) in group.parameters { try tensor.setGradient(.ones(tensor.shape)) }
        try optimizer.step(learningRate: 0.1)
        let before = try bits(optimizer.state())
        let expected = StateError.mismatch(
            missing: ["b.exp_avg", "b.exp_avg_sq", "w.step"], unexpected: ["v.exp_avg", "b.momentum"],
            misshapen: [StateError.Misshapen(key: "w.exp_avg_sq", expected: [2, 3], found: [6])])
        #expect(throws: expected) {
            try optimizer.load([
                ("w.exp_avg", .zeros([2, 3])), ("w.exp_avg_sq", .zeros([6])), ("b.step", .zeros([])),
                ("v.exp_avg", .zeros([1])), ("b.momentum", .zeros([3])),
            ])
        }
        #expect(try bits(optimizer.state()) == before)
    }

    @Test func sgdStateThatDoesNotFit() throws {
        let optimizer = try SGD([group()], momentum: 0.9)
        let expected = StateError.mismatch(
            missing: [], unexpected: ["x"],
            misshapen: [StateError.Misshapen(key: "w.momentum", expected: [2, 3], found: [])])
        #expect(throws: expected) { try optimizer.load([("w.momentum", .zeros([])), ("x", .zeros([]))]) }
    }
}
