import Architectures
import NN
import Networks
import Support
import Torch

/// What follows from the settings of training a network.
extension NetworkTrainingConfiguration.TrainConfiguration {
    /// A network with its method, its initial values drawn from the seed.
    ///
    /// - Parameters:
    ///   - description: the network.
    ///   - weights: in place of the initial values, as far as they go; nil for none.
    ///   - strict: whether `weights` must hold every tensor.
    ///   - seed: of initial values, dropout and mixing.
    ///   - device: where it learns.
    /// - Throws: as `ClassificationNetwork`; `StateError.mismatch` for weights of another network.
    func method(
        _ description: NetworkDescription, weights: [(key: String, tensor: Tensor)]? = nil, strict: Bool = true,
        seed: UInt64, device: Device
    ) throws -> SupervisedMethod<ClassificationNetwork> {
        func make(_ seed: UInt64) throws -> ClassificationNetwork {
            try ClassificationNetwork(
                description, store: ParameterStore(seed: seed, device: device, format: .channelsLast))
        }
        var options = SupervisedMethod<ClassificationNetwork>.Options(classes: description.classes)
        options.labelSmoothing = labelSmoothing
        options.mixup = mixup
        options.cutmix = cutmix
        options.mixProbability = mixProbability
        options.averageDecay = averageDecay
        options.precision = precision
        options.device = device
        options.seed = seed
        let model = try make(SeededGenerator(seed: seed, 0x4E7).state)
        if let weights { try model.store.load(weights, strict: strict) }
        return try SupervisedMethod(model, options: options) { try make(0) }
    }

    /// SGD; normalisation and biases do not decay.
    func optimizer(_ store: ParameterStore) throws -> SGD {
        try SGD(
            ParameterGroup.splitByDecay(store), momentum: momentum, nesterov: nesterov, weightDecay: weightDecay)
    }

    /// Up to the whole rate, then along a cosine to 0, by step.
    func schedule(batches: Int) -> Schedule {
        let warmUp = Int((warmUpEpochs * Double(batches)).rounded())
        return .warmUp(ticks: warmUp, start: 0.01, then: .cosine(ticks: max(epochs * batches - warmUp, 1), floor: 0))
    }
}
