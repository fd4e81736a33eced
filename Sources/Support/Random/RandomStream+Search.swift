/// Names of the streams of random numbers that a seed is divided into. The numbers are part of every result: none of
/// them may change, and no two may be equal.
public enum RandomStream {}

extension RandomStream {
    /// What a search strategy draws, mutates and crosses architectures by.
    public static let architectureSampling: UInt64 = 0x5EA6C4
    /// Weights and noise of the Zen-score.
    public static let zenScore: UInt64 = 0x2E4
}
