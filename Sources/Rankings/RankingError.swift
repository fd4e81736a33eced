/// Why a ranking cannot be judged. Positions count from 0.
public enum RankingError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Too few architectures for a judgement.
    case tooFewArchitectures(count: Int, least: Int)
    /// A ranker has values for another number of architectures than there are in the benchmark table.
    case lengths(ranker: String, values: Int, architectures: Int)
    /// A ranker has a value that cannot be ranked.
    case notFinite(ranker: String, position: Int, value: Double)
    /// A supernet that tells no architecture from another.
    case constant(ranker: String, architectures: Int)
    /// Accuracies that tell no architecture from another.
    case constantReference(architectures: Int)
    /// An architecture that was not trained.
    case untrained(position: Int)
    /// A figure of a trained network that is infinite or not a number.
    case referenceNotFinite(position: Int, seed: Int, value: Double)
    /// More than one supernet in one judgement.
    case severalSupernets(names: [String])
    /// A kind of ranker that the judgement adds by itself.
    case addedByItself(ranker: String, kind: Ranker.Kind)
    /// Two rankers of one name.
    case sameName(String)
    /// Too few draws for a 95 % interval.
    case tooFewResamples(count: Int, least: Int)

    /// What was wrong, where, and what to do, in words.
    public var description: String {
        switch self {
        case .tooFewArchitectures(let count, let least):
            return "\(count) trained architectures are too few to judge a ranking; "
                + "train at least \(least), better 30 or more"
        case .lengths(let ranker, let values, let architectures):
            return "\(ranker) has \(values) values, but the benchmark table has \(architectures) architectures; "
                + "give one value for each, in the same order"
        case .notFinite(let ranker, let position, let value):
            return "\(ranker) has the value \(value) for architecture \(position), which has no place in a ranking; "
                + "find out why its evaluation gives that, or leave the architecture out everywhere"
        case .constant(let ranker, let architectures):
            return "\(ranker): all \(architectures) architectures have the same score, which ranks nothing; "
                + "check that the supernet was trained and that each architecture's path was evaluated"
        case .constantReference(let architectures):
            return
                "all \(architectures) architectures of the benchmark table are equally good, so no ranking of them is "
                + "better than another; check the scores of the trained networks"
        case .untrained(let position):
            return "architecture \(position) was never trained; train it with one seed at least, or leave it out "
                + "everywhere"
        case .referenceNotFinite(let position, let seed, let value):
            return "the figure of architecture \(position) with seed \(seed) is \(value); "
                + "train it again, or leave that seed out"
        case .severalSupernets(let names):
            return "one judgement is of one supernet, not of \(names.joined(separator: ", ")); "
                + "judge each by itself"
        case .addedByItself(let ranker, let kind):
            return "\(ranker) is of the kind \(kind.rawValue), which the judgement adds by itself; leave it out"
        case .sameName(let name):
            return "two rankers have the name \(name); rename one of them"
        case .tooFewResamples(let count, let least):
            return "\(count) resamples are too few for a 95 % interval; draw at least \(least), better 1000"
        }
    }
}
