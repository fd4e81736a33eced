/// What a progress line can tell. Nil fields are left out.
public struct ProgressState: Equatable, Sendable {
    /// `train`, `evaluate` …
    public var phase: String
    /// The epoch under way, counted from 1.
    public var epoch: Int?
    /// How many epochs there are in all.
    public var epochs: Int?
    /// Steps done.
    public var step: Int
    /// How many steps there are in all, from which the share done and the time left follow.
    public var steps: Int?
    /// The latest training loss, or a running mean of it; shown with four significant digits.
    public var loss: Double?
    /// From 0 to 1.
    public var accuracy: Double?
    /// Images in one step, from which images per second follow.
    public var imagesPerStep: Int?

    /// The state at `step` of `phase`; what is not given is not shown.
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
