import Architectures
import Archives
import Experiments
import Foundation
import SearchStrategies

/// The loop of a search: asks a strategy for paths, evaluates those that are not in the archive, and tells the strategy
/// their scores. A search that was killed repeats its rounds with the scores of the archive and continues.
struct SearchLoop {
    let judge: any PathJudge
    let archive: ArchitectureArchive
    let check: BudgetCheck
    let options: SearchConfiguration
    let seed: UInt64
    let progress: ProgressReporter
    var phase = "search"
    /// Whether scores are accuracies, which progress shows.
    var isAccuracy: Bool

    /// Runs to the end. A path without a finite score is reported, told to the strategy as NaN, which ranks last, and
    /// not archived.
    ///
    /// - Returns: for each round, the seconds that the strategy itself took: to be asked, and to be told the scores of
    ///   the round before. A search that continues measures all rounds anew, as its strategy goes through all of them.
    /// - Throws: `WorkflowError.noNumbers` if no path has a finite score; what the strategy, evaluating or the archive
    ///   throws.
    @discardableResult
    func callAsFunction(_ strategy: inout any SearchStrategy) throws -> [Double] {
        var (round, done) = (0, 0)
        var strategySeconds: [Double] = []
        var told = 0.0
        var best: Double?
        while done < options.evaluations {
            let wanted = min(round == 0 ? options.initial : options.round, options.evaluations - done)
            let began = ProgressReporter.uptime()
            let asked = try strategy.ask(wanted)
            strategySeconds.append(told + ProgressReporter.uptime() - began)
            guard !asked.isEmpty else { break }
            try evaluate(asked, round: round) { evaluated, score in
                if let score { best = max(best ?? score, score) }
                progress.update(
                    ProgressState(
                        phase: phase, step: done + evaluated, steps: options.evaluations,
                        accuracy: isAccuracy ? best : nil))
            }
            let scores = try asked.map { try archive.entry($0.description)?.score }
            for score in scores.compactMap(\.self) { best = max(best ?? score, score) }
            let scored = ProgressReporter.uptime()
            try strategy.tell(
                zip(asked, scores).map { Evaluation($0, score: $1 ?? .nan, costs: objectives(of: $0)) })
            told = ProgressReporter.uptime() - scored
            done += asked.count
            round += 1
        }
        progress.finish()
        guard done == 0 || best != nil else { throw WorkflowError.noNumbers("any of the \(done) paths") }
        return strategySeconds
    }

    private func objectives(of architecture: Architecture) -> [Double] {
        guard options.usesObjectives else { return [] }
        let cost = check.costs.cost(of: architecture)
        return options.objectives.map { objective in
            switch objective {
            case .params: return Double(cost.parameters)
            case .macs: return Double(cost.multiplyAdds)
            case .latency: return check.latencies?.latency(of: architecture) ?? 0
            }
        }
    }

    /// Evaluates the paths that the archive lacks, sorted, in chunks.
    private func evaluate(
        _ asked: [Architecture], round: Int, _ report: (_ evaluated: Int, _ score: Double?) -> Void
    ) throws {
        let missing = try asked.filter { try archive.entry($0.description) == nil }.sorted()
        var evaluated = asked.count - missing.count
        for start in stride(from: 0, to: missing.count, by: judge.chunk) {
            let chunk = Array(missing[start..<min(start + judge.chunk, missing.count)])
            let began = ProgressReporter.uptime()
            let scores = try judge.scores(of: chunk)
            let seconds = (ProgressReporter.uptime() - began) / Double(chunk.count)
            let results = zip(chunk, scores)
            func isNumber(_ result: PathScore) -> Bool {
                result.value.isFinite && result.metrics.values.allSatisfy(\.isFinite)
            }
            for (architecture, result) in results where !isNumber(result) {
                progress.print("left out: what the path \(architecture) gives is not a number, so that it has no score")
            }
            let numbers = results.filter { isNumber($1) }
            try archive.add(
                numbers.map { architecture, result in
                    entry(architecture, result.value, result.metrics, round: round, seconds: seconds)
                })
            evaluated += chunk.count
            report(evaluated, numbers.map(\.1.value).max())
        }
    }

    private func entry(
        _ architecture: Architecture, _ score: Double, _ metrics: [String: Double], round: Int, seconds: Double
    ) -> ArchiveEntry {
        let cost = check.costs.cost(of: architecture)
        var costs = ["parameters": Double(cost.parameters), "multiplyAdds": Double(cost.multiplyAdds)]
        if let latencies = check.latencies { costs["latencyMilliseconds"] = latencies.latency(of: architecture) }
        return ArchiveEntry(
            architecture: architecture.description, score: score, metrics: metrics, costs: costs,
            policy: options.statistics.rawValue, seed: seed, round: round, seconds: seconds, time: Date())
    }
}
