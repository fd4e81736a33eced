/// Why a ranking cannot be judged. Positions count from 0.
public enum RankingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Too few architectures for a judgement.
    case tooFewArchitectures(count: Int, least: Int)
    /// A measure has values for another number of architectures than the truth.
    case lengths(predictor: String, values: Int, architectures: Int)
    /// A measure has a value that cannot be ranked.
    case notFinite(predictor: String, position: Int, value: Double)
    /// A supernet that tells no architecture from another.
    case constant(predictor: String, architectures: Int)
    /// A truth that tells no architecture from another.
    case constantTruth(architectures: Int)
    /// An architecture without a trained score.
    case noTruth(position: Int)
    /// A trained score that is not a number, or infinite.
    case truthNotFinite(position: Int, seed: Int, value: Double)
    /// More than one supernet in one judgement.
    case severalSupernets(names: [String])
    /// A kind of measure that the judgement adds by itself.
    case addedByItself(predictor: String, kind: Ranker.Kind)
    /// Two measures of one name.
    case sameName(String)
    /// Too few draws for a 95 % interval.
    case tooFewResamples(count: Int, least: Int)

    /// What was wrong, where, and what to do, in words.
    public var description: String {
        switch self {
        case .tooFewArchitectures(let count, let least):
            return "\(count) architectures with known truth are too few to judge a ranking; "
                + "train at least \(least), better 30 or more"
        case .lengths(let predictor, let values, let architectures):
            return "\(predictor) has \(values) values, but the truth is of \(architectures) architectures; "
                + "give one value for each, in the same order"
        case .notFinite(let predictor, let position, let value):
            return "\(predictor) has the value \(value) for architecture \(position), which has no place in a ranking; "
                + "find out why its evaluation gives that, or leave the architecture out everywhere"
        case .constant(let predictor, let architectures):
            return "\(predictor): all \(architectures) architectures have the same score, which ranks nothing; "
                + "check that the supernet was trained and that each architecture's path was evaluated"
        case .constantTruth(let architectures):
            return "all \(architectures) architectures have the same truth, so no ranking of them is better than "
                + "another; check the scores of the trained networks"
        case .noTruth(let position):
            return "architecture \(position) has no truth; train it with one seed at least, or leave it out everywhere"
        case .truthNotFinite(let position, let seed, let value):
            return "the truth of architecture \(position) with seed \(seed) is \(value); "
                + "train it again, or leave that seed out"
        case .severalSupernets(let names):
            return "one judgement is of one supernet, not of \(names.joined(separator: ", ")); "
                + "judge each by itself"
        case .addedByItself(let predictor, let kind):
            return "\(predictor) is of the kind \(kind.rawValue), which the judgement adds by itself; leave it out"
        case .sameName(let name):
            return "two measures have the name \(name); rename one of them"
        case .tooFewResamples(let count, let least):
            return "\(count) resamples are too few for a 95 % interval; draw at least \(least), better 1000"
        }
    }
}
