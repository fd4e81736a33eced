/// Which weights of a training: programs that keep an average of them write both into one file.
public enum WeightsKind: String, Sendable, CaseIterable {
    /// Those that the optimiser moves.
    case plain
    /// A moving average of them: an `ema`, a teacher, a momentum encoder.
    case ema

    private static let names: Set = ["teacher", "swa", "average", "averaged", "avg", "momentum", "target"]

    /// What the weights behind a prefix are, by its words: `model_ema.`, `state_dict_ema.`, `teacher.backbone.`, and the
    /// `encoder_k.` of MoCo are averaged.
    public init(prefix: String) {
        let isAveraged = prefix.split(separator: ".").contains { component in
            if component == "encoder_k" { return true }
            return component.lowercased().split { !$0.isLetter }.contains {
                Self.names.contains(String($0)) || $0.hasPrefix("ema") || $0.hasSuffix("ema")
            }
        }
        self = isAveraged ? .ema : .plain
    }

    /// For people: `plain weights`, `averaged weights`.
    public var words: String { self == .plain ? "plain weights" : "averaged weights" }
}
