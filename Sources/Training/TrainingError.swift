/// Why training cannot go on.
public enum TrainingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The loss is not a number or infinite.
    case diverged(step: Int, learningRate: Double)
    /// A setting of the loop makes no sense.
    case badOption(String, String)
    /// Every image of a set was unreadable.
    case nothingToScore
    /// A checkpoint lacks what it should hold.
    case badCheckpoint(path: String, reason: String)
    /// The result of a finished run cannot be read.
    case badResult(path: String)

    /// What happened, and which setting to change or which file to delete.
    public var description: String {
        switch self {
        case .diverged(let step, let learningRate):
            return "the loss is no longer a number at step \(step), with a learning rate of \(learningRate); "
                + "lower `train.learning-rate`, lengthen `train.warm-up-epochs`, or set `train.clip-norm`"
        case .badResult(let path):
            return "\(path) is damaged; delete it, and the same command scores the finished network again"
        case .badOption(let name, let reason): return "\(name) \(reason)"
        case .nothingToScore: return "there is no readable image to score"
        case .badCheckpoint(let path, let reason):
            return "\(path) cannot be continued from: \(reason); delete it to go on from the one before"
        }
    }
}
