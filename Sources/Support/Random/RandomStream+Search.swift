extension RandomStream {
    /// What a search strategy draws, mutates and crosses architectures by.
    public static let architectureSampling: UInt64 = 0x5EA6C4
    /// Weights and noise of the Zen-score.
    public static let zenScore: UInt64 = 0x2E4
}
