/// What adapting a supernet to a target gave, as one page: the method beside its controls, what of the architecture was
/// changed, and what the adapted network answers.
///
/// Parts without data are left out.
public struct AdaptationReport: Sendable {
    /// A training on the way.
    public struct Phase: Sendable, Equatable {
        /// Names its section: `Supernet on the target`.
        public var name: String
        /// Below its name; empty for none.
        public var detail: String
        /// What was measured.
        public var curves: TrainingCurves

        /// A phase with whatever was measured.
        public init(_ name: String, detail: String = "", curves: TrainingCurves) {
            self.name = name
            self.detail = detail
            self.curves = curves
        }
    }

    /// The largest line, and the window's title.
    public var title: String
    /// Whether the target's images were rendered rather than taken: then the word stands beside the title.
    public var isSynthetic: Bool
    /// Below the title, such as the source and the target; empty for none.
    public var subtitle: String
    /// What was found, in a sentence; empty for none.
    public var verdict: String
    /// What a reader should know before believing it.
    public var warnings: [String]
    /// In the order to be read; eight fit into a line.
    public var facts: [TrainingReport.Fact]
    /// In the order to be read; differences are those of the first.
    public var metrics: [Metric]
    /// The method, then the controls and further rows.
    public var rows: [Row]
    /// The source's path and the adapted one; nil for none.
    public var path: AdaptedPath?
    /// In the order to be shown.
    public var examples: [AdaptationExamples]
    /// In the order of the run.
    public var phases: [Phase]
    /// Likewise.
    public var timings: [SearchReport.Timing]
    /// The command line that made the run; empty for none.
    public var command: String
    /// The resolved configuration, as text; empty for none.
    public var configuration: String

    /// A report of whatever is known. The data are checked when the page is made.
    public init(
        title: String, isSynthetic: Bool = false, subtitle: String = "", verdict: String = "", warnings: [String] = [],
        facts: [TrainingReport.Fact] = [], metrics: [Metric] = [], rows: [Row] = [], path: AdaptedPath? = nil,
        examples: [AdaptationExamples] = [], phases: [Phase] = [], timings: [SearchReport.Timing] = [],
        command: String = "", configuration: String = ""
    ) {
        self.title = title
        self.isSynthetic = isSynthetic
        self.subtitle = subtitle
        self.verdict = verdict
        self.warnings = warnings
        self.facts = facts
        self.metrics = metrics
        self.rows = rows
        self.path = path
        self.examples = examples
        self.phases = phases
        self.timings = timings
        self.command = command
        self.configuration = configuration
    }

    /// The page's file content.
    ///
    /// - Throws: ``ReportError``.
    public func html() throws(ReportError) -> String { try page().html() }

    /// Writes the page: whoever looks finds the old file or the whole new one.
    ///
    /// - Throws: ``ReportError``, `FileError`.
    public func write(to path: String) throws { try page().write(to: path) }

    /// A title with the word that belongs to rendered images.
    static func marked(_ title: String, isSynthetic: Bool) -> String { isSynthetic ? "\(title) (synthetic)" : title }
}
