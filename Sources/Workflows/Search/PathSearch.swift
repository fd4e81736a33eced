import Architectures
import Archives
import Experiments
import Networks
import SearchStrategies
import Support
import Torch

/// Evaluates paths of a supernet within a budget and stores all of them in an archive. It is used by the search of a
/// study, by that of an adaptation, and by the ranking of given architectures.
struct PathSearch {
    /// The paths that are evaluated.
    enum Candidates {
        /// The paths that the strategy asks for, after some initial ones.
        case asked(seed: UInt64, beginning: [Architecture] = [])
        /// Given paths, in their order.
        case given([Architecture])
    }

    /// The result of a search.
    struct Found {
        let archive: ArchitectureArchive
        let entries: [ArchiveEntry]
        let check: BudgetCheck
        /// For each round, the seconds that the strategy itself took.
        let strategySeconds: [Double]
    }

    /// The path of the folder of the archive and the latencies.
    let folder: String
    /// A description of what the scores depend on, one item on each line; an archive with another description is
    /// refused.
    let context: String
    /// Whether an archive's description is equivalent to `context`; nil to compare them literally.
    var isSame: ((String) -> Bool)?
    /// The settings of the search.
    let options: SearchConfiguration
    /// The cost of every candidate, including the head.
    let costs: CostTable
    /// The size of the images, in pixels.
    let imageSize: ImageSize
    /// The seed that the archive records.
    let seed: UInt64
    let progress: ProgressReporter
    /// The name of the phase in the progress line.
    var phase = "search"
    /// Whether scores are accuracies, which progress shows.
    var isAccuracy: Bool

    /// The budgets to search within, in their order: those that `options` lists, or its single one.
    ///
    /// - Parameters:
    ///   - description: the supernet, whose candidates are measured where a latency is limited.
    ///   - device: the device that they are measured on.
    /// - Throws: `SpaceError.impossibleBudget`; what measuring throws.
    func budgets(
        _ description: SupernetDescription, device: Device
    ) throws -> [(request: BudgetRequest?, check: BudgetCheck)] {
        try FilePath.makeFolder(folder)
        let latencies = try options.latencies(
            description, imageSize: imageSize, device: device, file: FilePath.join(folder, Self.latencyName), progress)
        guard !options.budgets.isEmpty else {
            return [(nil, try BudgetCheck(options.budget, costs: costs, latencies: latencies))]
        }
        return try options.budgetRequests.map { request in
            let budget = try Self.budget(request, options, costs, latencies)
            return (request, try BudgetCheck(budget, costs: costs, latencies: latencies))
        }
    }

    /// One of several budgets, beside which the single limits hold.
    private static func budget(
        _ request: BudgetRequest, _ options: SearchConfiguration, _ costs: CostTable, _ latencies: LatencyTable?
    ) throws -> Budget {
        var budget = try request.budget(costs: costs, latencies: latencies)
        let own = options.budget
        budget.parameters = [budget.parameters, own.parameters].compactMap(\.self).min()
        budget.multiplyAdds = [budget.multiplyAdds, own.multiplyAdds].compactMap(\.self).min()
        budget.latency = [budget.latency, own.latency].compactMap(\.self).min()
        return budget
    }

    /// The name of the file of latencies in its folder.
    static let latencyName = "latency.json"
    /// The name of the archive in its folder.
    static let archiveName = "archive.sqlite"

    /// Checks that some path is within the budget before anything is written; the latency is left out unless the
    /// settings name a table of it, as it takes measurements.
    ///
    /// - Throws: `SpaceError.impossibleBudget`; `LatencyTableError` for a table that does not fit.
    static func refuseImpossible(
        _ options: SearchConfiguration, _ costs: CostTable, of description: SupernetDescription, imageSize: ImageSize
    ) throws {
        let latencies = try options.givenLatencies(description, imageSize: imageSize)
        func refuse(_ budget: Budget) throws {
            var budget = budget
            if latencies == nil { budget.latency = nil }
            _ = try BudgetCheck(budget, costs: costs, latencies: latencies)
        }
        try refuse(options.budget)
        for request in options.budgetRequests where request.quantity != .latency || latencies != nil {
            try refuse(budget(request, options, costs, latencies))
        }
    }

    /// Runs the search, or continues it.
    ///
    /// - Parameters:
    ///   - candidates: the paths that are evaluated.
    ///   - judge: the judge that scores paths.
    ///   - within: the budget; nil for that of the options.
    /// - Throws: `WorkflowError.noNumbers` if no path has a finite score; what the strategy, evaluating or the archive
    ///   throws.
    func callAsFunction(
        _ candidates: Candidates, _ judge: any PathJudge, within given: BudgetCheck? = nil
    ) throws -> Found {
        try FilePath.makeFolder(folder)
        try AtomicFile.removeLeftovers(in: folder)
        let space = judge.supernet.space
        var options = options
        let check: BudgetCheck
        var strategy: any SearchStrategy
        switch candidates {
        case .asked(let seed, let beginning):
            check = try given ?? budgets(judge.supernet.description, device: judge.supernet.store.device)[0].check
            strategy = try options.makeStrategy(space, seed: seed, check: check, beginningWith: beginning)
        case .given(let architectures):
            check = try BudgetCheck(Budget(), costs: costs)
            (options.evaluations, options.initial) = (architectures.count, architectures.count)
            strategy = GivenArchitectures(architectures)
        }
        let path = FilePath.join(folder, Self.archiveName)
        let archive =
            try isSame.map { try ArchitectureArchive(path: path, context: context, isSame: $0) }
            ?? ArchitectureArchive(path: path, context: context)
        // What an earlier start evaluated must be of use before more is.
        _ = try archive.entries(in: space)
        let loop = SearchLoop(
            judge: judge, archive: archive, check: check, options: options, seed: seed, progress: progress,
            phase: phase, isAccuracy: isAccuracy)
        let strategySeconds = try loop(&strategy)
        return Found(
            archive: archive, entries: try archive.entries(in: space), check: check, strategySeconds: strategySeconds)
    }
}

/// A strategy that asks for given architectures in their order.
private struct GivenArchitectures: SearchStrategy {
    private var rest: ArraySlice<Architecture>

    init(_ architectures: [Architecture]) { rest = architectures[...] }

    mutating func next() throws -> Architecture? { rest.popFirst() }

    mutating func tell(_ evaluations: [Evaluation]) throws {}
}
