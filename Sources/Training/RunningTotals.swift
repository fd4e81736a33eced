import NN
import Torch

/// Sums over the steps since the last row of the log, kept on the device until they are asked for.
struct RunningTotals {
    /// Loss times images, right predictions, images that were predicted, images; float64.
    private let sums: Tensor
    private(set) var shownLoss: Double?
    private(set) var shownAccuracy: Double?

    init() throws { sums = try .zeros([4], dtype: .float64) }

    mutating func add(_ outcome: StepOutcome, images: Int) throws {
        try withoutGradients {
            let predicted = outcome.correct == nil ? 0.0 : Double(images)
            let counts = try Tensor([0, 0, predicted, Double(images)])
            let loss = try outcome.loss.to(.float64).to(.cpu).reshaped([1]) * Double(images)
            let correct = try outcome.correct?.to(.float64).to(.cpu).reshaped([1]) ?? .zeros([1], dtype: .float64)
            try sums.slice(0..<1).addInPlace(loss)
            try sums.slice(1..<2).addInPlace(correct)
            try sums.addInPlace(counts)
        }
    }

    /// The means since the last call.
    mutating func take() throws -> (loss: Double, accuracy: Double?) {
        let values = try sums.array(Double.self)
        try sums.fillInPlace(0)
        let loss = values[3] > 0 ? values[0] / values[3] : 0
        let accuracy = values[2] > 0 ? values[1] / values[2] : nil
        shownLoss = loss
        shownAccuracy = accuracy
        return (loss, accuracy)
    }

    var state: [(key: String, tensor: Tensor)] { [("sums", sums)] }

    mutating func load(_ state: [(key: String, tensor: Tensor)]) throws {
        guard let saved = state.first(where: { $0.key == "sums" }), saved.tensor.shape == sums.shape else {
            throw StateError.mismatch(missing: ["sums"], unexpected: [], misshapen: [])
        }
        try sums.copyInPlace(from: saved.tensor)
    }
}
