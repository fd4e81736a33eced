import Architectures
import Datasets
import Methods
import NN
import Networks
import Support
import Torch
import Training

/// How well a path tells images apart: less the cross-entropy of picking out an image's key, as other paths of the mean
/// teacher see another view of it, among the keys of its batch. No labels are used (Peng et al., "Pi-NAS", 2021: the
/// training loss, with keys averaged over fixed paths so that all paths are measured by one scale).
struct ContrastiveScorer: PathScorer {
    let encoder: SupernetEncoder
    let images: [Tensor]
    /// [N, dimension] of each batch, unit length.
    let keys: [Tensor]
    let temperature: Double

    var supernet: Supernet { encoder.supernet }

    /// - Parameters:
    ///   - encoder: whose paths are scored.
    ///   - teacher: gives the keys.
    ///   - batches: two views of each image.
    ///   - settings: precision, device, seed; the keys' paths are drawn from it.
    ///   - temperature: divides the similarities.
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

    func score(_ features: [Tensor]) throws -> PathScore {
        var (loss, correct, count) = (0.0, 0, 0)
        for (features, keys) in zip(features, keys) {
            let logits = try encoder.project(features).matrixProduct(keys.transposed(0, 1)).to(.float32) / temperature
            let target = try Tensor((0..<keys.size(0)).map(Int64.init), device: keys.device)
            loss += try logits.crossEntropy(target).item() * Double(keys.size(0))
            correct += try logits.argmax(1).equals(target).sum().integer()
            count += keys.size(0)
        }
        let mean = loss / Double(count)
        return PathScore(-mean, ["loss": mean, "retrieval": Double(correct) / Double(count)])
    }
}
