import Architectures

/// The result of a finished evaluation.
public struct Evaluation: Sendable, Hashable {
    /// The architecture that was evaluated.
    public let architecture: Architecture
    /// Higher is better.
    public let score: Double
    /// Lower is better, in an order that the search keeps; empty where only the score counts.
    public let costs: [Double]

    /// An evaluation. A score that is not a number, as a diverged training gives, becomes the worst there is, and so
    /// does such a cost.
    ///
    /// - Parameters:
    ///   - architecture: what was evaluated.
    ///   - score: higher is better.
    ///   - costs: lower is better.
    public init(_ architecture: Architecture, score: Double, costs: [Double] = []) {
        self.architecture = architecture
        self.score = score.isNaN ? -.infinity : score
        self.costs = costs.map { $0.isNaN ? .infinity : $0 }
    }

    /// All that counts, turned so that lower is better: the negative score, then the costs.
    public var objectives: [Double] { [-score] + costs }

    /// The better score first; equal scores in the order of the architectures, so that it does not matter which was
    /// told first.
    public static func isBetter(_ a: Evaluation, _ b: Evaluation) -> Bool {
        a.score == b.score ? a.architecture < b.architecture : a.score > b.score
    }
}

/// Decides which architectures to evaluate next. A strategy is asked for some, they are evaluated elsewhere, and it is
/// told what came out; in batches of any size, whose results may come in any order and late.
///
/// What is asked is a function of the seed and of the calls made before, nothing else: a search that was killed repeats
/// its calls with the evaluations that were kept, and goes on as if nothing had happened.
public protocol SearchStrategy: Sendable {
    /// An architecture that meets the constraint and was neither asked nor told before; nil when the space within the
    /// constraint is exhausted, or so nearly that nothing was found in bounded time.
    ///
    /// - Throws: `StrategyError.nothingAllowed` where no architecture that meets the constraint is known at all.
    mutating func next() throws -> Architecture?

    /// Takes in finished evaluations, also of architectures that were never asked. Only the first evaluation of an
    /// architecture counts.
    ///
    /// - Throws: `SpaceError.notInSpace` for an architecture of another space, `StrategyError.costs` for more or fewer
    ///   costs than were told before; then none of them was taken in.
    mutating func tell(_ evaluations: [Evaluation]) throws
}

extension SearchStrategy {
    /// Asks for up to `count` architectures that meet the constraint, none of which was asked or told before; fewer or
    /// none when the space within the constraint is exhausted, or nearly.
    ///
    /// - Throws: `StrategyError.nothingAllowed` where no architecture that meets the constraint is known at all.
    public mutating func ask(_ count: Int) throws -> [Architecture] {
        var asked: [Architecture] = []
        while asked.count < count, let next = try next() { asked.append(next) }
        return asked
    }
}

/// Why a search cannot begin or go on.
public enum StrategyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// None of this many architectures meets the constraint; `all` where these were all of the space.
    case nothingAllowed(space: String, tried: Int, all: Bool)
    /// An architecture to begin with does not meet the constraint.
    case initialNotAllowed(Architecture)
    /// A setting is below the least that makes sense.
    case tooSmall(setting: String, value: Int, least: Int)
    /// A probability is outside 0 to 1.
    case notAProbability(setting: String, value: Double)
    /// Evaluations of one search have different numbers of costs.
    case costs(Architecture, count: Int, expected: Int)

    /// The error in words: what is wrong, and what to do.
    public var description: String {
        switch self {
        case .nothingAllowed(let space, let tried, all: true):
            return "none of the \(tried) architectures of the space '\(space)' meets the constraint; loosen the budget"
        case .nothingAllowed(let space, let tried, all: false):
            return "none of \(tried) random architectures of the space '\(space)' meets the constraint; loosen the "
                + "budget, or give one that meets it to begin with"
        case .initialNotAllowed(let architecture):
            return "the architecture `\(architecture)`, with which the search should begin, does not meet the "
                + "constraint; loosen the budget, or begin with another"
        case .tooSmall(let setting, let value, let least):
            return "\(setting) is \(value); it must be at least \(least)"
        case .notAProbability(let setting, let value):
            return "\(setting) is \(value); it must be a probability, from 0 to 1"
        case .costs(let architecture, let count, let expected):
            return "the evaluation of `\(architecture)` has \(count) costs, those before it have \(expected); "
                + "give all evaluations of a search the same costs"
        }
    }

    static func require(_ value: Int, atLeast least: Int, _ setting: String) throws(StrategyError) {
        guard value >= least else { throw .tooSmall(setting: setting, value: value, least: least) }
    }

    static func requireProbability(_ value: Double, _ setting: String) throws(StrategyError) {
        guard value >= 0, value <= 1 else { throw .notAProbability(setting: setting, value: value) }
    }
}
