import Datasets

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
