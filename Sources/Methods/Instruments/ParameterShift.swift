import NN
import Torch
import Training

/// Measures the *parameter shift* of Pi-NAS: how much consecutive updates of shared weights disagree (Peng et al., ICCV
/// 2021, section 3.1). Each step's paths update the weights that all paths share; where the next step's paths reverse
/// the update, the distance between the two updates is large and their signs disagree.
///
/// The figure `parameter-shift` is the distance between consecutive updates divided by the sum of their norms, 0 for
/// equal and 1 for opposite updates; `sign-agreement` is the share of weights whose updates have the same sign.
public final class ParameterShift: Instrument {
    private let weights: [Tensor]
    private let previous: [Tensor]
    private let lastUpdate: [Tensor]
    /// The sum of distances, the sum of agreements and the number of pairs of updates.
    private let sums: Tensor
    /// The number of updates so far, of which the first has none to be compared with.
    private var seen = 0

    /// Creates the instrument.
    ///
    /// - Parameter entries: the shared weights to measure, of a few layers only, as they are copied in every step.
    /// - Throws: `TorchError`.
    public init(_ entries: [ParameterStore.Entry]) throws {
        weights = entries.filter { $0.role == .parameter }.map(\.tensor)
        (previous, lastUpdate) = try withoutGradients { [weights] in
            (try weights.map { try $0.detached().cloned() }, try weights.map { try Tensor.zeros(like: $0) })
        }
        sums = try .zeros([3], dtype: .float64, device: weights.first?.device ?? .cpu)
    }

    /// Compares this update with the last one.
    public func didUpdate(step: Int) throws {
        try withoutGradients {
            var squares: [Tensor] = []
            var (agreed, count) = ([Tensor](), 0)
            for index in weights.indices {
                let update = try weights[index].detached() - previous[index]
                if seen > 0 {
                    let last = lastUpdate[index]
                    squares.append(
                        try Tensor.stacked([
                            (update - last).power(2).sum(), update.power(2).sum(), last.power(2).sum(),
                        ]))
                    agreed.append(try (update * last).isGreater(than: 0).sum().to(.float64))
                    count += update.elementCount
                }
                try lastUpdate[index].copyInPlace(from: update)
                try previous[index].copyInPlace(from: weights[index])
            }
            if let first = squares.first {
                let total = try squares.dropFirst().reduce(first) { try $0 + $1 }.to(.float64).squareRoot()
                let distance = try total.select(0) / (total.select(1) + total.select(2) + 1e-30)
                let agreement = try agreed.dropFirst().reduce(agreed[0]) { try $0 + $1 } / Double(count)
                try sums.addInPlace(
                    Tensor.stacked([distance, agreement, .ones([], dtype: .float64, device: sums.device)]))
            }
            seen += 1
        }
    }

    /// Returns the means since the last call and resets the sums.
    public func measure(step: Int) throws -> [String: Double] {
        let values = try sums.array(Double.self)
        guard values[2] > 0 else { return [:] }
        try sums.fillInPlace(0)
        return ["parameter-shift": values[0] / values[2], "sign-agreement": values[1] / values[2]]
    }

    /// Copies of the weights and of their last update, and the sums.
    public func state() throws -> [(key: String, tensor: Tensor)] {
        previous.enumerated().map { ("previous.\($0)", $1) } + lastUpdate.enumerated().map { ("update.\($0)", $1) }
            + [("sums", sums), ("seen", try Tensor(Int64(seen)))]
    }

    /// Restores a state that `state()` returned.
    ///
    /// - Throws: `StateError.mismatch` if it does not fit.
    public func load(_ state: [(key: String, tensor: Tensor)]) throws {
        let given = Dictionary(state.map { ($0.key, $0.tensor) }, uniquingKeysWith: { $1 })
        let own = try self.state()
        let missing = own.map(\.key).filter { given[$0] == nil }
        guard missing.isEmpty else { throw StateError.mismatch(missing: missing, unexpected: [], misshapen: []) }
        try withoutGradients {
            for (key, tensor) in own where key != "seen" {
                if let saved = given[key] { try tensor.copyInPlace(from: saved) }
            }
        }
        seen = try given["seen"]?.integer() ?? 0
    }
}
