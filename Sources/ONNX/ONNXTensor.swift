/// A tensor of a network, for an export.
public struct ONNXTensor: Sendable, Equatable {
    /// The size of each dimension.
    public var shape: [Int]
    /// In row-major order, the last dimension fastest.
    public var values: [Float]

    /// A tensor; the export checks that the values fill the shape.
    public init(shape: [Int], values: [Float]) {
        self.shape = shape
        self.values = values
    }
}
