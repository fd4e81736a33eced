import NN
import Torch

/// Runs a layer on a case of one input: forward, backward from the case's upstream gradient, and compares the output,
/// all gradients and the buffers afterwards.
///
/// - Parameters:
///   - golden: with `input.x` and, where the layer has some, parameters and buffers under the layer's own keys.
///   - format: of the parameters, the input and the upstream gradient, as far as they are images.
///   - inputs: names of the inputs, for a layer of several.
///   - make: builds the layer in the given scope and returns its forward pass.
/// - Returns: what differs.
public func layerDiscrepancies(
    _ golden: GoldenCase, _ format: MemoryFormat, inputs: [String] = ["input.x"],
    _ make: (Scope) throws -> ([Tensor]) throws -> Tensor
) throws -> [String] {
    let store = try ParameterStore(seed: 0, format: format)
    let forward = try make(store.root)
    try store.load(golden.state("param.", "buffer."))
    let leaves = try inputs.map { try golden.tensor($0, format).requireGradient() }

    let output = try forward(leaves)
    try output.backward(golden.tensor("upstream", format))

    let comparison = Comparison(golden)
    try comparison.compare("output", output)
    for (name, leaf) in zip(inputs, leaves) { try comparison.compare("grad." + name, leaf.gradient) }
    try comparison.compareState(of: store, golden)
    return comparison.discrepancies
}

extension Comparison {
    /// Compares the gradient of every parameter, and every buffer as it is now.
    public func compareState(of store: ParameterStore, _ golden: GoldenCase) throws {
        for entry in store.entries {
            switch entry.role {
            case .parameter where golden.zeros.contains("grad.param." + entry.key):
                try compareZero("grad.param." + entry.key, entry.tensor.gradient)
            case .parameter: try compare("grad.param." + entry.key, entry.tensor.gradient)
            case .buffer: try compare("after.buffer." + entry.key, entry.tensor)
            }
        }
    }
}
