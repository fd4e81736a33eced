import Datasets
import NN
import Torch

/// How well a network classifies a set of images.
public struct ClassificationScore: Sendable, Codable, Equatable {
    /// The share of images whose most likely class is the right one.
    public var accuracy: Double
    /// The mean cross-entropy.
    public var loss: Double
    /// Images that were scored; those that could not be read are not among them.
    public var count: Int
    /// Rows: the true class; columns: the predicted one.
    public var confusion: [[Int]]
    /// The predicted class of each image, and the probability that it was given, by position in the data set.
    public var predictions: [Prediction]

    /// One image's outcome.
    public struct Prediction: Sendable, Codable, Equatable {
        /// The image's position in the data set.
        public var index: Int
        /// The true class.
        public var label: Int
        /// The most likely class.
        public var predicted: Int
        /// The softmax of that class, 0...1.
        public var probability: Double
    }

    /// Runs a network over batches with running statistics and without gradients.
    ///
    /// - Parameters:
    ///   - network: gives logits [N, classes].
    ///   - batches: read to their end.
    ///   - classes: how many there are; labels are in 0..<classes.
    ///   - precision: what the forward pass computes in.
    ///   - device: where batches are moved to; must be the network's.
    ///   - mirrored: logits are the mean over an image and its mirror image, at twice the cost.
    ///   - progress: called after each batch with the number of images scored so far.
    /// - Throws: what the loader or the network throws; `TrainingError.nothingToScore` if no image was left.
    public static func measure(
        _ network: some Network, _ batches: BatchIterator, classes: Int, precision: Precision = .float32,
        device: Device = .cpu, mirrored: Bool = false, progress: ((Int) -> Void)? = nil
    ) throws -> ClassificationScore {
        var predictions: [Prediction] = []
        var loss = 0.0
        try withoutGradients {
            while let batch = try batches.next() {
                guard batch.count > 0 else { continue }
                let images = try batch.images(on: device)
                let logits = try withPrecision(precision, on: device) {
                    let plain = try network(images, .evaluation)
                    guard mirrored else { return plain }
                    return try (plain + network(images.flipped([3]), .evaluation)) * 0.5
                }
                guard logits.rank == 2, logits.size(1) == classes else {
                    throw TorchError(
                        .invalidArgument, operation: "ClassificationScore", shapes: [logits.shape],
                        message: "the network must give [N, \(classes)] logits, one for each class of the data")
                }
                let targets = try batch.targets(on: device)
                loss += try logits.crossEntropy(targets).item() * Double(batch.count)
                let top = try logits.softmax(1).topK(1, dimension: 1)
                let classes = try top.positions.array(Int.self)
                let probabilities = try top.values.to(.float32).array(Float.self)
                for slot in 0..<batch.count {
                    predictions.append(
                        Prediction(
                            index: batch.indices[slot], label: Int(batch.labels[slot]), predicted: classes[slot],
                            probability: Double(probabilities[slot])))
                }
                progress?(predictions.count)
            }
        }
        guard !predictions.isEmpty else { throw TrainingError.nothingToScore }
        var confusion = [[Int]](repeating: [Int](repeating: 0, count: classes), count: classes)
        for prediction in predictions { confusion[prediction.label][prediction.predicted] += 1 }
        let right = predictions.count { $0.label == $0.predicted }
        return ClassificationScore(
            accuracy: Double(right) / Double(predictions.count), loss: loss / Double(predictions.count),
            count: predictions.count, confusion: confusion, predictions: predictions)
    }
}
