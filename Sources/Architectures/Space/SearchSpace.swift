import Support

/// A place in a network where one of several candidates is taken.
public struct ChoicePoint: Hashable, Sendable, Codable {
    /// The name, unique within the space, such as `layer2.0`.
    public var name: String
    /// The names of the candidates, unique within the point; an architecture holds positions in this list.
    public var candidates: [String]

    /// A choice point; the space checks it.
    public init(_ name: String, _ candidates: [String]) {
        self.name = name
        self.candidates = candidates
    }
}

/// All architectures that can be had: the product of the candidates of every choice point. This is all that a search
/// strategy knows of a network.
public struct SearchSpace: Hashable, Sendable {
    /// The name of the space, such as `resnest-tiny`.
    public let name: String
    /// The choice points, in the order of an architecture's choices.
    public let points: [ChoicePoint]

    /// A space of these choice points.
    ///
    /// - Throws: `SpaceError.invalid` with everything that is wrong: no choice points or more than 4,096, a point
    ///   without candidates, a name that stands twice or has more than 255 bytes.
    public init(_ name: String, _ points: [ChoicePoint]) throws {
        let problems = Self.problems(name, points)
        guard problems.isEmpty else { throw SpaceError.invalid(space: name, problems) }
        self.name = name
        self.points = points
    }

    /// More choice points than any network has; what goes through them takes a part of the stack for each.
    private static let mostPoints = 4096
    /// Names stand in tables and drawings; file systems end them here, too.
    private static let longestName = 255

    /// Everything that keeps choice points from being a space.
    static func problems(_ name: String, _ points: [ChoicePoint]) -> [String] {
        if let long = ([name] + points.flatMap { [$0.name] + $0.candidates }).first(where: {
            $0.utf8.count > longestName
        }) {
            return ["the name '\(long.prefix(40))…' has \(long.utf8.count) bytes; the most are \(longestName)"]
        }
        if points.count > mostPoints {
            return ["it has \(points.count) choice points; the most are \(mostPoints)"]
        }
        var problems: [String] = []
        if points.isEmpty { problems.append("it has no choice points") }
        problems += Self.repeated(points.map(\.name)).map { "two choice points are called '\($0)'" }
        for point in points {
            if point.candidates.isEmpty { problems.append("choice point '\(point.name)' has no candidates") }
            problems += Self.repeated(point.candidates).map {
                "choice point '\(point.name)' has two candidates called '\($0)'"
            }
        }
        return problems
    }

    /// The number of architectures, which may be beyond what an integer holds.
    public var size: Double { PathCount.product(points.map(\.candidates.count)).value }

    /// Checks that the space has an architecture.
    ///
    /// - Throws: `SpaceError.notInSpace` that says at which choice point an architecture leaves the space.
    public func validate(_ architecture: Architecture) throws {
        func refuse(_ reason: String) -> SpaceError { .notInSpace(architecture, space: name, reason) }
        guard architecture.choices.count == points.count else {
            throw refuse("it has \(architecture.choices.count) choices, the space has \(points.count) choice points")
        }
        for (point, choice) in zip(points, architecture.choices) where !point.candidates.indices.contains(choice) {
            throw refuse(
                "at '\(point.name)' it takes candidate \(choice); there are 0 to \(point.candidates.count - 1): "
                    + point.candidates.joined(separator: ", "))
        }
    }

    /// Reads an architecture of this space from its text.
    ///
    /// - Throws: `SpaceError.notInSpace`, or `SpaceError.unreadable` for a text that is no list of numbers.
    public func parse(_ text: String) throws -> Architecture {
        guard let architecture = Architecture(text) else { throw SpaceError.unreadable(text) }
        try validate(architecture)
        return architecture
    }

    /// The names of the chosen candidates, point by point.
    public func names(of architecture: Architecture) -> [String] {
        zip(points, architecture.choices).map { $0.candidates[$1] }
    }

    /// The names that stand more than once, each once, in their order.
    private static func repeated(_ names: [String]) -> [String] {
        let counts = Dictionary(names.map { ($0, 1) }, uniquingKeysWith: +)
        var told: Set<String> = []
        return names.filter { counts[$0, default: 0] > 1 && told.insert($0).inserted }
    }
}

/// A search space, or an architecture, that makes no sense.
public enum SpaceError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A space with everything that is wrong with it.
    case invalid(space: String, [String])
    /// An architecture of another space, and where it differs.
    case notInSpace(Architecture, space: String, String)
    /// A text that is no architecture.
    case unreadable(String)
    /// A layer at this path cannot take what comes in.
    case layer(path: String, String)
    /// No architecture meets a budget; the least that can be had of what was limited.
    case impossibleBudget([String])

    /// The error in words: what is wrong, where, and what to do.
    public var description: String {
        switch self {
        case .invalid(let space, let problems):
            return "the search space '\(space.prefix(300))' makes no sense: " + problems.joined(separator: "; ")
        case .notInSpace(let architecture, let space, let reason):
            return "the architecture `\(architecture)` is not in the space '\(space)': \(reason)"
        case .unreadable(let text):
            return "`\(text)` is no architecture; give the candidates' numbers, such as `3 0 1 3`"
        case .layer(let path, let reason): return "layer '\(path)': \(reason)"
        case .impossibleBudget(let reasons):
            return "no architecture of the space meets the budget: " + reasons.joined(separator: "; ")
        }
    }
}
