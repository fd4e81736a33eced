import Datasets

/// What the settings of a training are called where a user gives them, for messages that say which one to change.
public struct SettingNames: Sendable, Hashable {
    /// Of the highest learning rate.
    public var learningRate: String
    /// Of the images of a batch.
    public var batchSize: String
    /// Of the norm to which gradients are scaled down.
    public var clipNorm: String
    /// Of the length of the warm-up; nil where there is none to be had.
    public var warmUp: String?

    /// The names within a section of a configuration.
    ///
    /// - Parameter section: such as `train` or `supernet`.
    public init(section: String) {
        learningRate = "\(section).learning-rate"
        batchSize = "\(section).batch-size"
        clipNorm = "\(section).clip-norm"
        warmUp = "\(section).warm-up-epochs"
    }
}

/// Has an error about batches name the setting that is their size.
///
/// - Parameters:
///   - batchSize: the setting's name; nil where the size is none.
///   - body: makes batches.
/// - Throws: `TrainingError.batches` in place of a `BatchLoaderError`; all else as `body` throws it.
public func namingBatchSize<Result>(_ batchSize: String?, _ body: () throws -> Result) throws -> Result {
    do {
        return try body()
    } catch let error as BatchLoaderError {
        throw TrainingError.batches(error, batchSize: batchSize)
    }
}
