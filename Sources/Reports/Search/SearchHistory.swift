import Archives
import Results

/// All architectures that a search scored, in the order in which it did.
struct SearchHistory {
    /// A run of evaluations that belong together: those before the strategy had anything to go by, and its own.
    struct Phase: Equatable {
        let name: String
        let count: Int
    }

    /// The entries of the search's archive.
    var entries: [ArchiveEntry] = []
    /// The architecture that was taken; nil if none was.
    var chosen: String?
    /// The most multiply-adds that were allowed; nil for no limit.
    var budget: Int?
    /// The name of the strategy, as `search.strategy` names it.
    var strategy = ""
    /// The name of the score.
    var scoreName = "Validation accuracy"
    /// The format of scores.
    var scoreFormat = NumberFormat.percent

    /// The position of the architecture that was taken.
    var place: Int? { entries.firstIndex { $0.architecture == chosen } }

    /// The phases in the order of the search.
    var phases: [Phase] {
        let first = entries.count { $0.round == 0 }
        return [Phase(name: "random", count: first), Phase(name: strategy, count: entries.count - first)]
            .filter { $0.count > 0 }
    }

    /// The axis of scores. Shares end at 1, even if the best of them is near it.
    var scoreAxis: Axis {
        let isShare =
            scoreFormat == .percent && entries.allSatisfy { !$0.score.isFinite || (0...1).contains($0.score) }
        return Axis(scoreName, format: scoreFormat, limits: isShare ? 0...1 : nil)
    }

    /// The positions of architectures by score, best first; of one that was scored repeatedly, its best score alone.
    /// Scores that are not finite are left out.
    func ranking() -> [Int] {
        var seen: Set<String> = []
        return entries.indices.filter { entries[$0].score.isFinite }
            .sorted { (-entries[$0].score, $0) < (-entries[$1].score, $1) }
            .filter { seen.insert(entries[$0].architecture).inserted }
    }

    /// Everything in the data that cannot be shown.
    var problems: [String] {
        var problems: [String] = []
        for entry in entries {
            for (what, count) in [("parameters", entry.parameters), ("multiply-adds", entry.multiplyAdds)]
            where count < 0 {
                problems.append("architecture \(entry.architecture): it has \(count) \(what)")
            }
        }
        if let budget, budget <= 0 { problems.append("the budget is \(budget) multiply-adds") }
        return problems
    }
}

extension ArchiveEntry {
    /// The number of parameters.
    var parameters: Int { Int(exactly: (costs["parameters"] ?? 0).rounded()) ?? 0 }
    /// The number of multiply-adds for one image.
    var multiplyAdds: Int { Int(exactly: (costs["multiplyAdds"] ?? 0).rounded()) ?? 0 }
}
