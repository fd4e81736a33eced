/// What adapting architecture and weights together gives on many tasks, beside its controls and over several seeds: as
/// one page, and as text for documentation.
public struct TransferComparisonReport: Sendable {
    /// A task, learned in one way.
    public struct Section: Sendable, Equatable {
        /// `person re-identification`.
        public var task: String
        /// `supervised` or `unsupervised`; empty for none.
        public var variant: String
        /// Whether its images were rendered rather than taken: then the word stands beside its title wherever that
        /// stands.
        public var isSynthetic: Bool
        /// Below its title: the data, and what a reader should know; empty for none.
        public var note: String
        /// In the order to be read; the first is the one that tasks are judged by.
        public var metrics: [AdaptationReport.Metric]
        /// With the values of all seeds.
        public var rows: [AdaptationReport.Row]
        /// The p of joint against weights only as it is to be read among those of the other tasks; nil where there is none.
        public var correctedP: Double?

        /// A task with whatever was measured.
        public init(
            _ task: String, variant: String = "", isSynthetic: Bool = false, note: String = "",
            metrics: [AdaptationReport.Metric], rows: [AdaptationReport.Row], correctedP: Double? = nil
        ) {
            self.task = task
            self.variant = variant
            self.isSynthetic = isSynthetic
            self.note = note
            self.metrics = metrics
            self.rows = rows
            self.correctedP = correctedP
        }

        /// Task and variant, with the word that belongs to rendered images.
        var title: String { AdaptationReport.marked(plainTitle, isSynthetic: isSynthetic) }
        /// Without that word, for the names of files.
        var plainTitle: String { variant.isEmpty ? task : "\(task), \(variant)" }
    }

    /// The largest line, and the window's title.
    public var title: String
    /// What was found, in words; empty for none.
    public var verdict: String
    /// What a reader should know before believing it.
    public var warnings: [String]
    /// In the order to be read.
    public var facts: [TrainingReport.Fact]
    /// In the order to be read.
    public var sections: [Section]
    /// The command line that made the study; empty for none.
    public var command: String
    /// The resolved configuration, as text; empty for none.
    public var configuration: String

    /// A report of whatever is known. The data are checked when the page or the text is made.
    public init(
        title: String, verdict: String = "", warnings: [String] = [], facts: [TrainingReport.Fact] = [],
        sections: [Section], command: String = "", configuration: String = ""
    ) {
        self.title = title
        self.verdict = verdict
        self.warnings = warnings
        self.facts = facts
        self.sections = sections
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
}
