import Datasets

/// Why training cannot go on.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The loss, a weight or a statistic is not a number or infinite.
    case diverged(Divergence)
    /// Images from which no network can learn: one, or none, in every batch of the first pass.
    case nothingToLearn(images: Int, batchSize: String)
    /// Images that are too few for what is done with them; what that is, and what to do.
    case tooFewImages(found: Int, needed: Int, purpose: String, advice: String)
    /// What a network gives for an image is not a number; which image, where that is known.
    case outputsWithoutNumbers(image: String?)
    /// Batches cannot be made; with the name of the setting that is their size, where it is one.
    case batches(BatchLoaderError, batchSize: String?)
    /// A setting of the loop makes no sense.
    case badOption(String, String)
    /// Every image of a set was unreadable.
    case nothingToScore
    /// A checkpoint lacks what it should hold.
    case badCheckpoint(path: String, reason: String)

    /// Less than two images where several are needed; of none, that there is none to score.
    public static func needsTwo(_ found: Int, purpose: String, advice: String) -> TrainingError {
        found == 0 ? .nothingToScore : .tooFewImages(found: found, needed: 2, purpose: purpose, advice: advice)
    }

    /// What happened, and which setting to change or which file to delete.
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
