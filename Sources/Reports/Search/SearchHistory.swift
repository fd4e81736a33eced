/// All architectures that a search scored, in the order in which it did.
public struct SearchHistory: Sendable, Equatable {
    /// One architecture with its score.
    public struct Evaluation: Sendable, Equatable {
        /// The chosen candidates as text: `3 0 1 3`. The same architecture has the same code.
        public var code: String
        /// The score with the supernet's weights; more is better.
        public var score: Double
        /// The number of parameters.
        public var parameters: Int
        /// The number of multiply-adds for one image.
        public var multiplyAdds: Int

        /// An architecture as it was scored, with whatever score.
        public init(code: String, score: Double, parameters: Int, multiplyAdds: Int) {
            (self.code, self.score, self.parameters, self.multiplyAdds) = (code, score, parameters, multiplyAdds)
        }
    }

    /// A run of evaluations that belong together, such as a generation.
    public struct Phase: Sendable, Equatable {
        /// The name of the phase, such as `random` or `round 1`.
        public var name: String
        /// The number of its evaluations.
        public var count: Int

        /// A phase by its length; the report checks that all phases together are the history.
        public init(_ name: String, count: Int) {
            (self.name, self.count) = (name, count)
        }
    }

    /// The name of the score, such as `Validation accuracy`.
    public var scoreName: String
    /// The format of scores.
    public var scoreFormat: NumberFormat
    /// The evaluations in the order of the search.
    public var evaluations: [Evaluation]
    /// The position of the one that was taken; nil if none was.
    public var chosen: Int?
    /// The most multiply-adds that were allowed; nil for no limit.
    public var budget: Int?
    /// The phases in the order of the search; empty if it had none.
    public var phases: [Phase]

    /// A history of any length, also none.
    public init(
        _ evaluations: [Evaluation] = [], chosen: Int? = nil, budget: Int? = nil, phases: [Phase] = [],
        scoreName: String = "Validation accuracy", scoreFormat: NumberFormat = .percent
    ) {
        (self.evaluations, self.chosen, self.budget, self.phases) = (evaluations, chosen, budget, phases)
        (self.scoreName, self.scoreFormat) = (scoreName, scoreFormat)
    }

    /// The axis of scores. Shares end at 1, even if the best of them is near it.
    var scoreAxis: Axis {
        let isShare =
            scoreFormat == .percent && evaluations.allSatisfy { !$0.score.isFinite || (0...1).contains($0.score) }
        return Axis(scoreName, format: scoreFormat, limits: isShare ? 0...1 : nil)
    }

    /// The positions of architectures by score, best first; of one that was scored repeatedly, its best score alone.
    /// Scores that are not finite are left out.
    func ranking() -> [Int] {
        var seen: Set<String> = []
        return evaluations.indices.filter { evaluations[$0].score.isFinite }
            .sorted { (-evaluations[$0].score, $0) < (-evaluations[$1].score, $1) }
            .filter { seen.insert(evaluations[$0].code).inserted }
    }

    /// Everything in the data that does not fit together.
    var problems: [String] {
        var problems: [String] = []
        for (index, evaluation) in evaluations.enumerated() {
            for (what, count) in [("parameters", evaluation.parameters), ("multiply-adds", evaluation.multiplyAdds)]
            where count < 0 {
                problems.append("evaluation \(index), architecture \(evaluation.code): it has \(count) \(what)")
            }
        }
        if let chosen, !evaluations.indices.contains(chosen) {
            problems.append("the chosen architecture is evaluation \(chosen) of \(evaluations.count)")
        }
        if let budget, budget <= 0 { problems.append("the budget is \(budget) multiply-adds") }
        for phase in phases where !(0...evaluations.count).contains(phase.count) {
            problems.append("phase \(phase.name) has \(phase.count) of \(evaluations.count) evaluations")
        }
        let sum = phases.reduce(0.0) { $0 + Double($1.count) }
        if !phases.isEmpty, sum != Double(evaluations.count) {
            problems.append(
                "the phases have \(NumberText.coordinate(sum)) evaluations together, but there are "
                    + "\(evaluations.count)")
        }
        return problems
    }
}
