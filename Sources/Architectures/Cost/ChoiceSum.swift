/// A quantity that can be added up.
public protocol Summable: Hashable, Sendable {
    /// Nothing of it.
    static var zero: Self { get }
    /// The sum of two.
    static func + (a: Self, b: Self) -> Self
}

extension Double: Summable {}

extension Cost: Summable {
    /// No cost.
    public static var zero: Cost { Cost() }
}

/// A quantity of every architecture of a space, as a sum: what all have, and terms each of which depends on the choices
/// at a few choice points. Where choices do not act on each other, as in most spaces, every term is that of one choice
/// point; a block that may be left out and whose width is another choice has a term of both.
public struct ChoiceSum<Value: Summable>: Sendable, Hashable {
    /// What a few choices have together.
    public struct Term: Sendable, Hashable {
        /// The positions of the choice points, ascending.
        public let points: [Int]
        /// The value for each combination of their candidates; the last point's candidates follow one another.
        public fileprivate(set) var values: [Value]
    }

    /// What every architecture has.
    public var fixed: Value
    /// The number of candidates of each choice point.
    public let counts: [Int]
    /// The terms, each of other choice points.
    public private(set) var terms: [Term] = []
    private var positions: [[Int]: Int] = [:]

    /// Nothing yet, of a space whose choice points have these numbers of candidates.
    public init(counts: [Int], fixed: Value = .zero) {
        self.counts = counts
        self.fixed = fixed
    }

    /// What every candidate adds by itself, whatever else is chosen.
    public init(fixed: Value, candidates: [[Value]]) {
        self.init(counts: candidates.map(\.count), fixed: fixed)
        for (point, values) in candidates.enumerated() {
            terms.append(Term(points: [point], values: values))
            positions[[point]] = point
        }
    }

    /// Adds a value for all architectures that take given candidates.
    ///
    /// - Parameters:
    ///   - value: what is added.
    ///   - conditions: the candidates that an architecture must take; those of one choice point must be the same.
    public mutating func add(_ value: Value, where conditions: [CandidateReference]) {
        var chosen: [Int: Int] = [:]
        for condition in conditions {
            // Two candidates of one choice point are never taken together.
            guard
                chosen.updateValue(condition.candidate, forKey: condition.point) ?? condition.candidate
                    == condition.candidate
            else { return }
        }
        guard !chosen.isEmpty else {
            fixed = fixed + value
            return
        }
        let points = chosen.keys.sorted()
        let term = term(of: points)
        let index = points.reduce(0) { $0 * counts[$1] + (chosen[$1] ?? 0) }
        terms[term].values[index] = terms[term].values[index] + value
    }

    private mutating func term(of points: [Int]) -> Int {
        if let known = positions[points] { return known }
        let size = points.reduce(1) { $0 * counts[$1] }
        terms.append(Term(points: points, values: [Value](repeating: .zero, count: size)))
        positions[points] = terms.count - 1
        return terms.count - 1
    }

    /// Adds a value for each combination of the candidates of some choice points.
    ///
    /// - Parameters:
    ///   - values: the values; the last point's candidates follow one another.
    ///   - points: the positions of the choice points, ascending.
    /// - Returns: whether they fit; otherwise nothing was added.
    public mutating func add(_ values: [Value], of points: [Int]) -> Bool {
        guard !points.isEmpty, points.allSatisfy(counts.indices.contains), zip(points, points.dropFirst()).allSatisfy(<)
        else { return false }
        var size = 1
        for point in points {
            let (product, overflow) = size.multipliedReportingOverflow(by: counts[point])
            guard !overflow, product <= values.count else { return false }
            size = product
        }
        guard size == values.count else { return false }
        let term = term(of: points)
        for (index, value) in values.enumerated() { terms[term].values[index] = terms[term].values[index] + value }
        return true
    }

    /// The quantity that an architecture of the space has.
    public func value(of architecture: Architecture) -> Value {
        terms.reduce(fixed) { $0 + value(of: $1, architecture) }
    }

    func value(of term: Term, _ architecture: Architecture) -> Value {
        term.values[term.points.reduce(0) { $0 * counts[$1] + architecture[$1] }]
    }

    /// What each candidate adds by itself, by choice point; zero where it only matters together with others.
    public var candidates: [[Value]] {
        counts.indices.map { point in
            positions[[point]].map { terms[$0].values } ?? [Value](repeating: .zero, count: counts[point])
        }
    }

    /// The sum with every value converted.
    public func map<Other: Summable>(_ convert: (Value) -> Other) -> ChoiceSum<Other> {
        var made = ChoiceSum<Other>(counts: counts, fixed: convert(fixed))
        made.terms = terms.map { .init(points: $0.points, values: $0.values.map(convert)) }
        made.positions = positions
        return made
    }
}

extension ChoiceSum where Value == Double {
    /// The mean over all combinations of candidates, each as likely.
    public var mean: Double {
        terms.reduce(fixed) { $0 + $1.values.reduce(0, +) / Double(max($1.values.count, 1)) }
    }

    /// The architecture that has the least of the quantity; of equal candidates the first is taken.
    ///
    /// Where every term depends on one choice point this is exact. Otherwise every choice takes the candidate that is
    /// best in the mean over the others, and then choices are changed one at a time for as long as that helps: exact
    /// where some candidate of each choice point is best whatever the others are, as the narrowest of a block is.
    public func least() -> Architecture {
        var choices = counts.indices.map { point in
            let means = marginals(of: point)
            return means.indices.min { means[$0] < means[$1] } ?? 0
        }
        guard terms.contains(where: { $0.points.count > 1 }) else { return Architecture(choices) }
        var best = value(of: Architecture(choices))
        var isBetter = true
        while isBetter {
            isBetter = false
            for point in counts.indices {
                for candidate in 0..<counts[point] where candidate != choices[point] {
                    let before = choices[point]
                    choices[point] = candidate
                    let found = value(of: Architecture(choices))
                    if found < best {
                        (best, isBetter) = (found, true)
                    } else {
                        choices[point] = before
                    }
                }
            }
        }
        return Architecture(choices)
    }

    /// What each candidate of a choice point adds, in the mean over the other choices.
    func marginals(of point: Int) -> [Double] {
        var sums = [Double](repeating: 0, count: counts[point])
        for term in terms {
            guard let place = term.points.firstIndex(of: point) else { continue }
            // The number of values from one candidate of the point to the next.
            let stride = term.points[(place + 1)...].reduce(1) { $0 * counts[$1] }
            let share = Double(counts[point]) / Double(term.values.count)
            for (index, value) in term.values.enumerated() {
                sums[index / stride % counts[point]] += value * share
            }
        }
        return sums
    }

    /// The sum of several quantities, each times a weight; a weight of 0 leaves a quantity out, even where it is
    /// infinite.
    static func combined(_ parts: [(weight: Double, sum: ChoiceSum)]) -> ChoiceSum {
        var made = ChoiceSum(counts: parts.first?.sum.counts ?? [])
        for (weight, sum) in parts where weight != 0 {
            made.fixed += weight * sum.fixed
            for term in sum.terms {
                let own = made.term(of: term.points)
                for index in term.values.indices { made.terms[own].values[index] += weight * term.values[index] }
            }
        }
        return made
    }
}
