import Distributed
import NN
import Torch

/// The sums of loss and correct predictions over the steps since the last row of the log, kept on the device until they
/// are read.
struct RunningTotals {
    /// The sums of loss times images and of correct predictions, float64.
    private let sums: Tensor
    private var images = 0
    private var predicted = 0
    private(set) var shownLoss: Double?
    private(set) var shownAccuracy: Double?

    init(device: Device) throws { sums = try .zeros([2], dtype: .float64, device: device) }

    mutating func add(_ outcome: StepOutcome, images count: Int) throws {
        try withoutGradients {
            try sums.select(0).addInPlace(outcome.loss.to(.float64).reshaped([]), scale: Double(count))
            if let correct = outcome.correct { try sums.select(1).addInPlace(correct.to(.float64).reshaped([])) }
        }
        images += count
        if outcome.correct != nil { predicted += count }
    }

    /// The mean loss since the last `take`, 0 if there was no step. Waits for the device.
    func loss() throws -> Double {
        images > 0 ? try sums.select(0).item() / Double(images) : 0
    }

    /// Returns the means since the last call and resets the sums. Waits for the device.
    mutating func take() throws -> (loss: Double, accuracy: Double?) {
        let loss = try loss()
        let accuracy = predicted > 0 ? try sums.select(1).item() / Double(predicted) : nil
        try sums.fillInPlace(0)
        (images, predicted) = (0, 0)
        (shownLoss, shownAccuracy) = (loss, accuracy)
        return (loss, accuracy)
    }

    /// Gives rank 0 the sums of all processes, and the others none.
    mutating func gather(_ ranks: Ranks?) throws {
        guard let ranks else { return }
        let counts = try Tensor([Int64(images), Int64(predicted)])
        try ranks.addUp([sums, counts])
        let all = try counts.array(Int64.self)
        (images, predicted) = ranks.isFirst ? (Int(all[0]), Int(all[1])) : (0, 0)
        if !ranks.isFirst { try sums.fillInPlace(0) }
    }

    /// The tensors that a checkpoint keeps.
    func state() throws -> [(key: String, tensor: Tensor)] {
        [("sums", sums), ("counts", try Tensor([images, predicted]))]
    }

    /// Restores the tensors that a checkpoint kept.
    ///
    /// - Throws: `StateError.mismatch` if it is not all there.
    mutating func load(_ state: [(key: String, tensor: Tensor)]) throws {
        let given = Dictionary(state.map { ($0.key, $0.tensor) }, uniquingKeysWith: { $1 })
        guard let saved = given["sums"], saved.shape == [2], let counts = given["counts"], counts.shape == [2] else {
            throw StateError.mismatch(missing: ["sums", "counts"], unexpected: [], misshapen: [])
        }
        try sums.copyInPlace(from: saved)
        let values = try counts.to(.int64).array(Int.self)
        (images, predicted) = (values[0], values[1])
    }
}
