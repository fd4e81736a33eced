import Experiments

/// Progress that nobody reads.
public final class Silence: ProgressOutput {
    /// A silence.
    public init() {}

    /// Not a terminal.
    public var columns: Int? { nil }
    /// Nothing.
    public func write(_ text: String) {}
}
