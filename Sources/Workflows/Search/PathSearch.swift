import Architectures
import Archives
import Experiments
import Foundation
import Results
import SearchStrategies
import Supernets
import Support

/// Evaluates paths of a supernet within a budget and keeps every one in an archive: the search of a study and of an
/// adaptation, and the ranking of given architectures.
struct PathSearch {
    /// Which paths are evaluated.
    enum Candidates {
        /// Those that the strategy asks for, beginning with some.
        case asked(seed: UInt64, beginning: [Architecture] = [])
        /// Those that are given, in their order.
        case given([Architecture])
    }

    /// What came of it.
    struct Found {
        let archive: ArchitectureArchive
        let entries: [ArchiveEntry]
        let check: BudgetCheck
    }

    /// The folder of the archive and the latencies.
    let folder: String
    /// What the scores mean, one thing a line: an archive whose scores mean something else is refused.
    let context: String
    /// Whether the context of an archive says the same.
    var isSame: ((String) -> Bool)?
    /// How paths are evaluated, and which.
    let options: SearchConfiguration
    /// The cost of every candidate, the head included.
    let costs: CostTable
    /// The size of the images, in pixels.
    let imageSize: ImageSize
    /// The seed that the archive records.
    let seed: UInt64
    let progress: ProgressReporter
    /// The name of the phase, for progress.
    var phase = "search"
    /// Whether scores are accuracies, to be shown as such.
    var isAccuracy: Bool

    /// The name of the archive in its folder.
    static let archiveName = "archive.sqlite"

    /// Refuses a budget that no path keeps, latencies aside, before anything is made.
    ///
    /// - Throws: `SpaceError.impossibleBudget`.
    static func refuseImpossible(_ options: SearchConfiguration, _ costs: CostTable) throws {
        var exact = options.budget
        exact.latency = nil
        _ = try BudgetCheck(exact, costs: costs)
    }

    /// Searches, or continues.
    ///
    /// - Parameters:
    ///   - candidates: which paths are evaluated.
    ///   - judge: gives paths their scores.
    /// - Throws: `WorkflowError.noNumbers` if no path gave any; what the strategy, evaluating or the archive throws.
    func callAsFunction(_ candidates: Candidates, _ judge: any PathJudge) throws -> Found {
        try FilePath.makeFolder(folder)
        try AtomicFile.removeLeftovers(in: folder)
        let space = judge.supernet.space
        var options = options
        let check: BudgetCheck
        var strategy: any SearchStrategy
        switch candidates {
        case .asked(let seed, let beginning):
            check = try BudgetCheck(
                options.budget, costs: costs,
                latencies: options.latencies(
                    judge.supernet, imageSize: imageSize, file: FilePath.join(folder, "latency.json"), progress))
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
        try loop(&strategy)
        return Found(archive: archive, entries: try archive.entries(in: space), check: check)
    }
}

/// Asks for architectures in the order in which they are given, whatever it is told.
private struct GivenArchitectures: SearchStrategy {
    private var rest: ArraySlice<Architecture>

    init(_ architectures: [Architecture]) { rest = architectures[...] }

    mutating func next() throws -> Architecture? { rest.popFirst() }

    mutating func tell(_ evaluations: [Evaluation]) throws {}
}
