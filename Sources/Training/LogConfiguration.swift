import Experiments

/// The intervals at which logs, evaluations and checkpoints are written, and how many checkpoints are kept.
public struct LogConfiguration: Configuration {
    /// The number of steps between two rows of the log.
    public var every = 50
    /// The number of steps between two checkpoints.
    public var checkpointEvery = 100
    /// The number of epochs between two evaluations on the validation split.
    public var evaluateEvery = 1
    /// The number of newest checkpoints that are kept.
    public var keepLast = 2
    /// The number of best checkpoints that are kept, by validation accuracy.
    public var keepBest = 0

    /// Creates the default intervals: a row every 50 steps, a checkpoint every 100, of which the newest two are kept.
    public init() {}

    /// Checks that intervals are at least 1.
    public func validate() throws {
        var check = ConfigurationCheck()
        for (name, value) in [
            ("every", every), ("checkpoint-every", checkpointEvery), ("evaluate-every", evaluateEvery),
        ] {
            check.require(value >= 1, name, "must be at least 1, is \(value)")
        }
        try check.finish()
    }
}
