import Datasets
import NN
import Torch
import Training

/// Tells bars apart by their pixels: the smallest method that learns something, with nothing but a matrix product.
final class PixelClassifier: Method {
    let store: ParameterStore
    private let linear: Linear
    /// The numbers of the steps after whose update it was told so.
    private(set) var updates: [Int] = []

    init(seed: UInt64 = 1) throws {
        store = try ParameterStore(seed: seed)
        linear = try Linear(store.root / "fc", 144, 4)
    }

    /// How bars are prepared for it.
    static func data() throws -> DataConfiguration {
        var data = DataConfiguration()
        data.augmentation = try Augmentation([
            .randomCrop(size: 12, padding: 1), .normalize(mean: [0.3], std: [0.3]),
        ])
        data.evaluation = try Augmentation([.centerCrop(12), .normalize(mean: [0.3], std: [0.3])])
        return data
    }

    private func logits(_ batch: Batch) throws -> Tensor { try linear(batch.images().contiguous().flattened(from: 1)) }

    func computeGradients(_ batch: Batch, step: Int) throws -> StepOutcome {
        let (logits, labels) = (try logits(batch), try batch.targets())
        let loss = try logits.crossEntropy(labels)
        try loss.backward()
        return StepOutcome(loss: try loss.detached(), correct: try logits.detached().argmax(1).equals(labels).sum())
    }

    func didUpdate(step: Int) throws { updates.append(step) }

    func evaluate(_ batches: BatchIterator) throws -> [String: Double] {
        var (right, count) = (0, 0)
        try withoutGradients {
            while let batch = try batches.next() {
                right += try logits(batch).argmax(1).equals(batch.targets()).sum().integer()
                count += batch.count
            }
        }
        return ["accuracy": Double(right) / Double(max(count, 1))]
    }

    func state() throws -> [(key: String, tensor: Tensor)] { store.state }

    func load(_ state: [(key: String, tensor: Tensor)]) throws { try store.load(state) }
}
