import Datasets

/// An error that ends a training or an evaluation.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The loss, a weight or a statistic is not a number or infinite.
    case diverged(Divergence)
    /// No batch of the first pass has two readable images: the number of images and the key of the batch size.
    case nothingToLearn(images: Int, batchSize: String)
    /// There are too few images: how many there are and how many are needed, for what purpose, and what to do.
    case tooFewImages(found: Int, needed: Int, purpose: String, advice: String)
    /// The outputs of a network for an image are not finite; the image is named where it is known.
    case outputsWithoutNumbers(image: String?)
    /// Batches cannot be made; the key of the batch size is given where a user can set it.
    case batches(BatchLoaderError, batchSize: String?)
    /// A setting is out of range: its name and the reason.
    case badOption(String, String)
    /// No image of a set could be read.
    case nothingToScore
    /// A checkpoint cannot be continued from: its path and the reason.
    case badCheckpoint(path: String, reason: String)

    /// The error for fewer than two images where two are needed: `nothingToScore` for none, otherwise `tooFewImages`.
    public static func needsTwo(_ found: Int, purpose: String, advice: String) -> TrainingError {
        found == 0 ? .nothingToScore : .tooFewImages(found: found, needed: 2, purpose: purpose, advice: advice)
    }

    /// A message that says what happened, and which setting to change or which file to delete.
    public var description: String {
        switch self {
        case .diverged(let divergence): return divergence.description
        case .nothingToLearn(let images, let batchSize):
            return
                "there are too few readable training images (of \(images)) to learn from: batch norm needs at least 2 "
                + "in a batch; give more images, or raise `\(batchSize)` where images were left out of every batch"
        case .tooFewImages(let found, let needed, let purpose, let advice):
            return
                "there are too few readable images \(purpose): \(found), and at least \(needed) are needed; \(advice)"
        case .outputsWithoutNumbers(let image):
            return
                "what the network gives for \(image ?? "some images") is not a number: its weights are of a training that "
                + "diverged, or suit images that are prepared in another way; train it again with a lower learning rate"
        case .batches(let error, let batchSize):
            switch error {
            case .options, .outOfMemory:
                return "\(error)" + (batchSize.map { "; the batch size is `\($0)`" } ?? "")
            case .threads: return "\(error); the number of threads is `data.threads`"
            case .noSamples, .noReadableSample, .shape, .augmentation: return "\(error)"
            }
        case .badOption(let name, let reason): return "\(name) \(reason)"
        case .nothingToScore: return "there is no readable image to score"
        case .badCheckpoint(let path, let reason):
            return "\(path) cannot be continued from: \(reason); delete it to go on from the one before"
        }
    }
}
