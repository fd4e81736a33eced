import Architectures

/// One architecture, trained alone with one seed: a line of a truth table.
public struct BenchmarkRow: Sendable, Equatable {
    /// Which half of a table a row belongs to. What is tuned by looking at a truth is tuned on one half and reported on
    /// the other.
    public enum Half: String, Sendable, Codable, CaseIterable {
        /// What choices are made by.
        case choose
        /// What figures are reported of.
        case report
    }

    /// Which network.
    public var architecture: Architecture
    /// Which of its trainings, from 1 on.
    public var seed: Int
    /// On images that were not learned from, 0...1.
    public var accuracy: Double
    /// The mean cross-entropy on the same images.
    public var loss: Double
    /// Learned values of the network, the classifier included.
    public var parameters: Int
    /// For one image.
    public var multiplyAdds: Int
    /// Of the training, with one thread.
    public var seconds: Double
    /// Its architecture's half.
    public var half: Half

    /// A row as it was measured.
    public init(
        architecture: Architecture, seed: Int, accuracy: Double, loss: Double, parameters: Int, multiplyAdds: Int,
        seconds: Double, half: Half
    ) {
        self.architecture = architecture
        self.seed = seed
        self.accuracy = accuracy
        self.loss = loss
        self.parameters = parameters
        self.multiplyAdds = multiplyAdds
        self.seconds = seconds
        self.half = half
    }
}
