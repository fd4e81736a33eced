import Torch

/// A linear map that was fitted to frozen features, to compare features without training them (G. Wang et al., "Joint
/// Learning of Neural Transfer and Architecture Adaptation for Image Recognition", 2021: linear evaluation).
public protocol FittedMap {
    /// Outputs as those of the task's head: [N, F], float32, to [N, K], float32.
    func outputs(_ features: Tensor) throws -> Tensor
    /// What a new head of the task begins with to go on from what this map was fitted to, by its keys; what is not named
    /// begins anew. A head that says something from the start spares the features what they would unlearn for the sake of
    /// a random one (Kumar et al., "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution",
    /// 2022).
    func headState() throws -> [(key: String, tensor: Tensor)]
}

/// Maps of the same features, their outputs side by side.
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

/// What can be said where there is nothing to fit a map to: nothing.
struct UnfittedMap: FittedMap {
    /// K.
    let width: Int

    func outputs(_ features: Tensor) throws -> Tensor {
        try .zeros([features.size(0), width], device: features.device)
    }

    func headState() throws -> [(key: String, tensor: Tensor)] { [] }
}
