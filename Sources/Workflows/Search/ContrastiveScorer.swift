import Architectures
import Datasets
import Methods
import NN
import Networks
import Support
import Torch
import Training

/// Scores paths without labels, by the negative contrastive loss: the cross-entropy of finding an image's key among
/// those of its batch, where keys are embeddings of another view, averaged over fixed paths of the mean teacher so that
/// all paths are scored on one scale (the training loss of Peng et al., "Pi-NAS", 2021).
struct ContrastiveScorer: PathScorer {
    let encoder: SupernetEncoder
    let images: [Tensor]
    /// The keys of each batch, [N, dimension], unit length.
    let keys: [Tensor]
    let temperature: Double

    var supernet: Supernet { encoder.supernet }

    /// Creates the scorer and computes the keys of all batches.
    ///
    /// - Parameters:
    ///   - encoder: the encoder whose paths are scored.
    ///   - teacher: the encoder that computes the keys.
    ///   - batches: the batches, with two views of each image.
    ///   - settings: the precision, the device, and the seed that the paths of the keys are drawn from.
    ///   - temperature: the temperature by which similarities are divided.
    init(
        _ encoder: SupernetEncoder, teacher: SupernetEncoder, batches: BatchIterator, settings: MethodSettings,
        temperature: Double
    ) throws {
        self.encoder = encoder
        self.temperature = temperature
        var generator = SeededGenerator(seed: settings.seed, RandomStream.keyPaths)
        let paths = (0..<4).flatMap { _ in
            let pair = encoder.supernet.space.disjointPair(using: &generator)
            return [pair.0, pair.1]
        }
        var (images, keys) = ([Tensor](), [Tensor]())
        var seen = 0
        try withoutGradients {
            while let batch = try batches.next() {
                seen = max(seen, batch.count)
                guard batch.isLearnable else { continue }
                images.append(try batch.images(view: 0).cloned().to(settings.device))
                let other = try batch.images(view: 1, on: settings.device)
                let words = try withPrecision(settings.precision, on: settings.device) {
                    try paths.map { try teacher.embed(other, $0, Mode(batchNorm: .batch)) }
                }
                keys.append(try words.dropFirst().reduce(words[0]) { try $0 + $1 }.normalized(1))
            }
        }
        guard !images.isEmpty else {
            throw TrainingError.needsTwo(
                seen, purpose: "in every batch, to tell apart",
                advice: "give more images, or raise `search.batch-size` and `data.validation-fraction`")
        }
        self.images = images
        self.keys = keys
    }

    func score(_ features: [FeatureMaps]) throws -> PathScore {
        var (loss, correct, count) = (0.0, 0, 0)
        for (features, keys) in zip(features, keys) {
            let logits =
                try encoder.project(features.output).matrixProduct(keys.transposed(0, 1)).to(.float32) / temperature
            let target = try Tensor((0..<keys.size(0)).map(Int64.init), device: keys.device)
            loss += try logits.crossEntropy(target).item() * Double(keys.size(0))
            correct += try logits.argmax(1).equals(target).sum().integer()
            count += keys.size(0)
        }
        let mean = loss / Double(count)
        return PathScore(-mean, ["loss": mean, "retrieval": Double(correct) / Double(count)])
    }
}
