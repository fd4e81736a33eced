import Experiments

/// What is written down, and how often.
public struct LogConfiguration: Configuration {
    /// Steps between two rows of the log.
    public var every = 50
    /// Steps between two checkpoints.
    public var checkpointEvery = 100
    /// Epochs between two evaluations on the validation split.
    public var evaluateEvery = 1
    /// The newest checkpoints to keep.
    public var keepLast = 2
    /// The best checkpoints to keep, by validation accuracy.
    public var keepBest = 0

    /// The defaults: a row every 50 steps, a checkpoint every 100, the newest two kept.
    public init() {}

    /// Refuses intervals below 1.
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
