/// How far two ways to rank the same architectures agree.
public struct RankCorrelation: Sendable, Equatable {
    /// What the scores were compared with: `Multiply-adds`.
    public var name: String
    /// Kendall's τ (Kendall 1938, "A new measure of rank correlation"): −1 for opposite orders to 1 for the same.
    public var tau: Double

    /// A correlation as it was measured; the report checks its range.
    public init(_ name: String, tau: Double) {
        self.name = name
        self.tau = tau
    }

    /// Its strength, in words.
    var words: String {
        let strength =
            switch abs(tau) {
            case ..<0.1: "none"
            case ..<0.3: "weak"
            case ..<0.5: "moderate"
            case ..<0.7: "strong"
            default: "very strong"
            }
        return abs(tau) >= 0.1 && tau < 0 ? "\(strength), reversed" : strength
    }

    /// With two decimals and its sign.
    var figure: String {
        let text = NumberText.ticks([(abs(tau) * 100).rounded() / 100, 0.01])[0]
        return tau < 0 && text != "0" ? "−\(text)" : text
    }
}
