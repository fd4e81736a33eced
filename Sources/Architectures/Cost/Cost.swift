/// What a layer, or a whole network, costs for one image.
public struct Cost: Hashable, Sendable, Codable {
    /// Learned numbers.
    public var parameters: Int
    /// Multiply-adds of convolutions and linear layers. Normalisation, activations and pooling are not counted.
    public var multiplyAdds: Int
    /// As Pi-NAS counts (5.38 G for its ResNeSt-50 at 224 pixels): multiply-adds, one for every value to which a
    /// convolution adds its bias, two for every value that batch norm puts out, one for every value that ReLU puts out
    /// and that pooling over windows takes in. Global pooling is not counted there.
    public var paperOperations: Int

    /// A cost; zero unless told otherwise.
    public init(parameters: Int = 0, multiplyAdds: Int = 0, paperOperations: Int = 0) {
        self.parameters = parameters
        self.multiplyAdds = multiplyAdds
        self.paperOperations = paperOperations
    }

    /// Both together. Sums beyond 64 bits, which only a hostile description reaches, stay at the largest integer.
    public static func + (a: Cost, b: Cost) -> Cost {
        func sum(_ quantity: KeyPath<Cost, Int>) -> Int {
            let (sum, overflow) = a[keyPath: quantity].addingReportingOverflow(b[keyPath: quantity])
            return overflow ? .max : sum
        }
        return Cost(
            parameters: sum(\.parameters), multiplyAdds: sum(\.multiplyAdds), paperOperations: sum(\.paperOperations))
    }

    /// Adds to it.
    public static func += (a: inout Cost, b: Cost) { a = a + b }
}
