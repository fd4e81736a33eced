import Datasets

/// The keys by which a user sets the options of a training, for messages that say which one to change.
public struct SettingNames: Sendable, Hashable {
    /// The key of the highest learning rate.
    public var learningRate: String
    /// The key of the batch size.
    public var batchSize: String
    /// The key of the norm at which gradients are clipped.
    public var clipNorm: String
    /// The key of the length of the warm-up; nil where there is no warm-up.
    public var warmUp: String?

    /// Creates the keys within a section of a configuration.
    ///
    /// - Parameter section: the name of the section, such as `train` or `supernet`.
    public init(section: String) {
        learningRate = "\(section).learning-rate"
        batchSize = "\(section).batch-size"
        clipNorm = "\(section).clip-norm"
        warmUp = "\(section).warm-up-epochs"
    }
}

/// Runs a closure and adds to an error about batches the key of the batch size.
///
/// - Parameters:
///   - batchSize: the key of the batch size; nil where a user cannot set it.
///   - body: the closure that makes batches.
/// - Throws: `TrainingError.batches` in place of a `BatchLoaderError`; other errors of `body` unchanged.
public func namingBatchSize<Result>(_ batchSize: String?, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as BatchLoaderError {
        throw TrainingError.batches(error, batchSize: batchSize)
    }
}
