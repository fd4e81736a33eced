import Torch

/// A linear map that was fitted to frozen features, to compare features without training them (linear evaluation: G.
/// Wang et al., "Joint Learning of Neural Transfer and Architecture Adaptation for Image Recognition", 2021).
public protocol FittedMap {
    /// Computes outputs [N, K], float32, like those of the task's head, of features [N, F], float32.
    func outputs(_ features: Tensor) throws -> Tensor
    /// The tensors, by key, with which a new head of the task starts when the features are then fine-tuned; tensors
    /// that are not named start from initial values. A fitted head keeps features from being distorted by a random one
    /// (Kumar et al., "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution", 2022).
    func headState() throws -> [(key: String, tensor: Tensor)]
}

/// Several maps of the same features, whose outputs are concatenated.
struct MapsSideBySide: FittedMap {
    let maps: [LinearClassifierFit]

    func outputs(_ features: Tensor) throws -> Tensor {
        try .concatenated(maps.map { try $0.outputs(features) }, dimension: 1)
    }

    func headState() throws -> [(key: String, tensor: Tensor)] {
        let states = try maps.map { try $0.headState() }
        return try (states.first ?? []).indices.map { place in
            (states[0][place].key, try .concatenated(states.map { $0[place].tensor }))
        }
    }
}

/// A map for the case that there is nothing to fit to, whose outputs are zeros.
struct UnfittedMap: FittedMap {
    /// The number of outputs K.
    let width: Int

    func outputs(_ features: Tensor) throws -> Tensor {
        try .zeros([features.size(0), width], device: features.device)
    }

    func headState() throws -> [(key: String, tensor: Tensor)] { [] }
}
