import Architectures
import Experiments
import Networks
import Results
import Support
import Tasks
import Torch

/// The controls in which a source is made smaller by hand.
extension Adaptation {
    /// The scales that keep a budget, each as wide as it allows: of all blocks, and of fewer, where that makes another
    /// network.
    func scales(_ found: Found, _ original: Supernet) throws -> [ScaledSource.Scale] {
        let scaled = try scaledSource(original)
        // In stages of few blocks, a larger and a smaller share leave out the same ones, whatever the width.
        var shapes: [Layer] = []
        return try [4, 3, 2, 1, 0].compactMap { depth in
            let shape = try scaled.layer(.init(width: 32, depth: depth))
            guard !shapes.contains(shape) else { return nil }
            shapes.append(shape)
            return try scaled.widest(depth: depth) { try keepsBudget(scaled, $0, found.check) }
        }
    }

    /// The source's own network, to be made smaller.
    func scaledSource(_ original: Supernet) throws -> ScaledSource {
        ScaledSource(
            backbone: try source.card.supernet.fixed(to: sourcePath), channels: supernet.channels,
            state: try original.state(of: sourcePath)
        ) { [task, supernet] in try task.layers(on: $0, channels: supernet.channels) }
    }

    /// Whether the source at a scale keeps a budget, the head included; a latency is predicted from the table that
    /// paths are predicted from.
    private func keepsBudget(
        _ scaled: ScaledSource, _ scale: ScaledSource.Scale, _ check: BudgetCheck
    ) throws -> Bool {
        let budget = check.budget
        let layer = try scaled.layer(scale)
        let head = task.networkHead(features: try TensorLayout(of: layer, inputs: supernet.channels).outputs)
        let network = NetworkDescription(channels: supernet.channels, classes: head.linearOutputs, backbone: layer)
        let size = options.data.imageSize
        let cost =
            try network.cost(imageSize: size)
            + head.cost(on: layer, channels: supernet.channels, imageSize: size)
        if let most = budget.parameters, cost.parameters > most { return false }
        if let most = budget.multiplyAdds, cost.multiplyAdds > most { return false }
        guard let most = budget.latency, let table = check.latencies else { return true }
        return try scaled.latency(scale, in: supernet, costs: check.costs, table: table) <= most
    }

    /// Trains a few networks that were made narrower and shallower, each for a part of the epochs, and lets the best of
    /// them on the validation images learn on. Nil if none keeps the budget.
    func scaling(
        _ found: Found, _ original: Supernet, _ ranking: Ranking, epochs: Int, _ device: Device
    ) throws -> NetworkResult? {
        let scales = try scales(found, original).filter { $0.depth < 4 }
        // Three depths, evenly: of more, each would learn too little to be judged.
        let tried = [
            scales.first, scales.count > 2 ? scales[scales.count / 2] : nil, scales.count > 1 ? scales.last : nil,
        ]
        .compactMap(\.self)
        guard !tried.isEmpty else { return nil }
        let scaled = try scaledSource(original)
        let name = found.budget.map { "\($0.name)/" } ?? ""
        if tried.count == 1 {
            // Nothing to choose from.
            return try learn(
                Row(
                    name: name + AdaptationControl.scaling.rawValue, layer: scaled.layer(tried[0]), scale: tried[0],
                    epochs: epochs, before: teacherCost, teacher: ranking.largest
                ) { try scaled.weights(tried[0]) + sourceHead }, device)
        }
        let trial = max(epochs / (2 * tried.count), 1)
        var best: (scale: ScaledSource.Scale, row: String, score: Double)?
        for scale in tried {
            let row = "\(name)scaling-trials/depth-\(scale.depth)"
            let outcome = try learn(
                Row(
                    name: row, layer: scaled.layer(scale), scale: scale, epochs: trial, teacher: ranking.largest,
                    isTrial: true
                ) { try scaled.weights(scale) + sourceHead }, device)
            if outcome.validation.value > best?.score ?? -.infinity {
                best = (scale, row, outcome.validation.value)
            }
        }
        guard let best else { return nil }
        let spent = trial * tried.count
        return try learn(
            Row(
                name: name + AdaptationControl.scaling.rawValue, layer: scaled.layer(best.scale), scale: best.scale,
                epochs: max(epochs - spent, 1), before: teacherCost + Double(spent), teacher: ranking.largest
            ) {
                try NetworkFile.read(FilePath.join(folder(best.row), NetworkTraining.networkName)).network.store.state
            },
            device)
    }
}
