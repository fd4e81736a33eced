/// The shape of one image's features: [C, H, W], or [C] once they are pooled.
public struct FeatureShape: Hashable, Sendable, CustomStringConvertible {
    /// C.
    public var channels: Int
    /// H; 1 for a vector.
    public var height: Int
    /// W; 1 for a vector.
    public var width: Int
    /// Whether there are no positions any more.
    public var isVector: Bool

    /// [channels, height, width].
    public init(_ channels: Int, _ height: Int, _ width: Int) {
        self.channels = channels
        self.height = height
        self.width = width
        isVector = false
    }

    /// [channels].
    public init(vector channels: Int) {
        self.channels = channels
        height = 1
        width = 1
        isVector = true
    }

    /// The number of values.
    public var count: Int { channels * height * width }

    /// `64 x 14 x 14`, or `64`.
    public var description: String { isVector ? "\(channels)" : "\(channels) x \(height) x \(width)" }
}
