/// What a progress line can tell. Nil fields are left out.
public struct ProgressState: Equatable, Sendable {
    /// `train`, `evaluate` …
    public var phase: String
    /// The epoch under way, counted from 1, and how many there are.
    public var epoch: Int?
    public var epochs: Int?
    /// Steps done, and how many there are in all.
    public var step: Int
    public var steps: Int?
    public var loss: Double?
    /// From 0 to 1.
    public var accuracy: Double?
    /// Images in one step, from which images per second follow.
    public var imagesPerStep: Int?

    public init(
        phase: String, epoch: Int? = nil, epochs: Int? = nil, step: Int, steps: Int? = nil, loss: Double? = nil,
        accuracy: Double? = nil, imagesPerStep: Int? = nil
    ) {
        self.phase = phase
        self.epoch = epoch
        self.epochs = epochs
        self.step = step
        self.steps = steps
        self.loss = loss
        self.accuracy = accuracy
        self.imagesPerStep = imagesPerStep
    }
}
