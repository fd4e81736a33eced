import Archives
import Experiments
import Foundation
import Support

/// A run that is under way as a page: how far it is, what was measured, and what its search has found so far.
public struct WatchReport: PageReport {
    /// A part of the run with measurements of its own.
    public struct Phase: Sendable {
        /// The folder of the part, seen from that of the run; empty for the run itself.
        public var name: String
        /// What was measured so far.
        public var curves: TrainingCurves

        /// A part with its measurements.
        public init(_ name: String, _ rows: [MetricsRow]) { (self.name, curves) = (name, TrainingCurves(rows: rows)) }
    }

    /// The name of the run.
    public var name: String
    /// Who made the run, and when; nil where that is not known.
    public var record: RunRecord?
    /// How far the work was when it last said so; nil if it never did.
    public var progress: ProgressRecord?
    /// Whether a process works at the run.
    public var isRunning: Bool
    /// The parts, the latest first.
    public var phases: [Phase]
    /// What the search has scored so far, in its order.
    public var entries: [ArchiveEntry]
    /// The address of the finished page; nil while there is none.
    public var finished: String?
    /// When all this was so.
    public var time: Date

    /// A run as it stands.
    ///
    /// - Parameters:
    ///   - name: of the run.
    ///   - record: who made it, and when.
    ///   - progress: how far the work was when it last said so.
    ///   - isRunning: whether a process works at it.
    ///   - phases: the parts, the latest first.
    ///   - entries: what the search has scored so far.
    ///   - finished: the address of the finished page.
    ///   - time: when all this was so.
    public init(
        name: String, record: RunRecord?, progress: ProgressRecord?, isRunning: Bool, phases: [Phase],
        entries: [ArchiveEntry], finished: String?, time: Date = Date()
    ) {
        (self.name, self.record, self.progress, self.isRunning) = (name, record, progress, isRunning)
        (self.phases, self.entries, self.finished, self.time) = (phases, entries, finished, time)
    }

    /// The page.
    ///
    /// - Throws: ``ReportError`` with everything in the archive that cannot be shown.
    public func page() throws(ReportError) -> Page {
        // What a score is, the archive does not say; an accuracy is known by its own column.
        let isAccuracy = !entries.isEmpty && entries.allSatisfy { $0.metrics["accuracy"] == $0.score }
        let history = SearchHistory(
            entries: entries, strategy: "the strategy's choice",
            scoreName: isAccuracy ? "Validation accuracy" : "Score", scoreFormat: isAccuracy ? .percent : .number)
        guard history.problems.isEmpty else { throw ReportError(history.problems) }
        var content = [header.markup]
        if let now { content.append(now) }
        if let finished {
            let link = Markup("a", ["href": finished], text: "The page of the finished run")
            content.append(Markup("p", ["class": "statement"], [link]))
        }
        content += phases.prefix(1).compactMap { $0.curves.section($0.heading) }
        content += [
            SearchSection(history: history).markup, BestArchitectures(history: history, correlations: []).markup,
        ]
        .compactMap(\.self)
        content += phases.dropFirst().compactMap { $0.curves.section($0.heading) }
        if content.count == 1 { content.append(Markup("p", ["class": "lead"], text: "Nothing has been measured yet.")) }
        let command = record?.starts.last.map { CommandText.text($0.command) } ?? ""
        content += [ReportFooter(command: command, configuration: "").markup].compactMap(\.self)
        return Page(title: "\(share.map { "\($0) " } ?? "")\(name)", content: content)
    }

    private var header: ReportHeader {
        var facts: [Fact] = []
        if let start = record?.starts.last {
            facts.append(Fact("started", start.time.prefix(16).replacing("T", with: " ") + " UTC"))
        }
        if let record, record.starts.count > 1 { facts.append(Fact("starts", "\(record.starts.count)")) }
        if let left = progress?.secondsLeft, isRunning {
            facts.append(Fact("left of this phase", Quantity.duration(left)))
        }
        if !entries.isEmpty { facts.append(Fact("paths scored", NumberText.grouped(entries.count))) }
        let state = isRunning ? "under way" : finished == nil ? "not under way" : "finished"
        return ReportHeader(title: name, subtitle: state, facts: facts)
    }

    /// How far the phase under way is, as a bar and in words.
    private var now: Markup? {
        guard let progress, finished == nil || isRunning else { return nil }
        let seconds = max(0, time.timeIntervalSince(progress.time))
        let ago = seconds < 5 ? "" : ", \(Quantity.duration(seconds)) ago"
        var bar: [Markup] = []
        if let steps = progress.steps, steps > 0 {
            let done = min(max(progress.step, 0), steps)
            bar = [Markup("progress", ["max": "\(steps)", "value": "\(done)", "aria-label": progress.phase])]
        }
        return Page.section("Now", lead: progress.line + ago, bar)
    }

    /// The share of the phase that is done, for the title of the window.
    private var share: String? {
        guard isRunning, let progress, let steps = progress.steps, steps > 0 else { return nil }
        return "\(Int(100 * min(1, Double(progress.step) / Double(steps))))%"
    }
}

extension WatchReport.Phase {
    fileprivate var heading: String { name.isEmpty ? "Training" : name }
}
