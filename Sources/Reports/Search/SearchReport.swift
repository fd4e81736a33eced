/// A finished search as one page: the score of the network it found, that network, how it was found, and what it gets
/// wrong.
///
/// Parts without data are left out.
public struct SearchReport: Sendable {
    /// How long a phase of the run took.
    public struct Timing: Sendable, Equatable {
        /// `Supernet training`.
        public var name: String
        /// On the clock.
        public var seconds: Double

        /// A phase with its duration; the report checks that it is one.
        public init(_ name: String, seconds: Double) {
            self.name = name
            self.seconds = seconds
        }
    }

    /// The largest line, and the window's title.
    public var title: String
    /// Below the title, such as the data set and the space; empty for none.
    public var subtitle: String
    /// Of the network that was found; nil for none.
    public var score: TrainingReport.Score?
    /// In the order to be read; eight fit into a line.
    public var facts: [TrainingReport.Fact]
    /// The network that was found; nil for none.
    public var architecture: ArchitectureDiagram?
    /// What was evaluated on the way to it.
    public var history: SearchHistory
    /// Of the scores with counts such as parameters and multiply-adds.
    public var correlations: [RankCorrelation]
    /// What was measured while the supernet was trained.
    public var supernet: TrainingCurves
    /// How far paths shift the features and the parameters that they share: metrics such as `feature-shift`.
    public var shifts: TrainingCurves
    /// What was measured while the network that was found was trained by itself.
    public var fineTuning: TrainingCurves
    /// Whether that training began anew, without the weights that the network inherited.
    public var isFromScratch = false
    /// Rows: the true class; columns: the predicted one. Empty for none.
    public var confusion: [[Int]]
    /// One for each row of the confusion matrix.
    public var classNames: [String]
    /// A sample, in the order to be shown: right ones and wrong ones as they come.
    public var examples: [TrainingReport.Example]
    /// Wrong ones; the report shows the most confident of them, most confident first, and leaves out right ones.
    public var mistakes: [TrainingReport.Example]
    /// In the order of the run.
    public var timings: [Timing]
    /// The command line that made the run; empty for none.
    public var command: String
    /// The resolved configuration, as text; empty for none.
    public var configuration: String

    /// A report of whatever is known. The data are checked when the page is made.
    public init(
        title: String, subtitle: String = "", score: TrainingReport.Score? = nil, facts: [TrainingReport.Fact] = [],
        architecture: ArchitectureDiagram? = nil, history: SearchHistory = SearchHistory(),
        correlations: [RankCorrelation] = [], supernet: TrainingCurves = TrainingCurves([]),
        shifts: TrainingCurves = TrainingCurves([]), fineTuning: TrainingCurves = TrainingCurves([]),
        confusion: [[Int]] = [], classNames: [String] = [], examples: [TrainingReport.Example] = [],
        mistakes: [TrainingReport.Example] = [], timings: [Timing] = [], command: String = "",
        configuration: String = ""
    ) {
        self.title = title
        self.subtitle = subtitle
        self.score = score
        self.facts = facts
        self.architecture = architecture
        self.history = history
        self.correlations = correlations
        self.supernet = supernet
        self.shifts = shifts
        self.fineTuning = fineTuning
        self.confusion = confusion
        self.classNames = classNames
        self.examples = examples
        self.mistakes = mistakes
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
}
