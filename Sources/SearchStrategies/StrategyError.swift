import Architectures

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

    /// What is wrong, and what to do.
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
