/// How well supernets rank, trained by several methods over several seeds in several spaces, beside rankings that come
/// for nothing: as one page, and as text for documentation.
///
/// Parts without data are left out.
public struct RankingComparisonReport: Sendable {
    /// One supernet. Nil: not measured, or without meaning.
    public struct Run: Sendable, Equatable {
        /// `seed 3`; shown when the pointer rests on it.
        public var name: String
        /// Kendall's τ between the supernet's scores and the truth.
        public var tau: Double?
        /// Spearman's rank correlation.
        public var spearman: Double?
        /// Kendall's τ among the quarter of the architectures that is best by truth.
        public var tauTopQuarter: Double?
        /// Truth of the best architecture less that of the one put first, as a share of one.
        public var regret: Double?
        /// How far paths shift the features that they share.
        public var featureShift: Double?
        /// How far paths shift the parameters that they share.
        public var parameterShift: Double?
        /// How long the supernet was trained.
        public var seconds: Double?

        /// A run with whatever is known of it; the report checks the ranges.
        public init(
            _ name: String, tau: Double? = nil, spearman: Double? = nil, tauTopQuarter: Double? = nil,
            regret: Double? = nil, featureShift: Double? = nil, parameterShift: Double? = nil, seconds: Double? = nil
        ) {
            self.name = name
            self.tau = tau
            self.spearman = spearman
            self.tauTopQuarter = tauTopQuarter
            self.regret = regret
            self.featureShift = featureShift
            self.parameterShift = parameterShift
            self.seconds = seconds
        }
    }

    /// A way to train supernets. A method has the same colour in all spaces.
    public struct Method: Sendable, Equatable {
        /// `fairnas`.
        public var name: String
        /// One for each seed.
        public var runs: [Run]

        /// A method with its runs, also none.
        public init(_ name: String, runs: [Run]) {
            self.name = name
            self.runs = runs
        }
    }

    /// A search space whose truth is known.
    public struct Space: Sendable, Equatable {
        /// Names its section and the files of its drawings.
        public var name: String
        /// Below its name: the truth table, how many architectures and seeds; empty for none.
        public var detail: String
        /// In the order to be read.
        public var methods: [Method]
        /// Rankings that come for nothing, the figures of each as one run; the best of them by τ is a line in the plot.
        public var trivial: [Run]
        /// One seed of the truth against another; nil where there is but one.
        public var ceiling: Run?

        /// A space with whatever was measured in it.
        public init(
            _ name: String, detail: String = "", methods: [Method], trivial: [Run] = [], ceiling: Run? = nil
        ) {
            self.name = name
            self.detail = detail
            self.methods = methods
            self.trivial = trivial
            self.ceiling = ceiling
        }

        /// The one with the highest τ; nil if none has one.
        var bestTrivial: Run? {
            trivial.filter { $0.tau != nil }.max { ($0.tau ?? 0) < ($1.tau ?? 0) }
        }
    }

    /// The largest line, and the window's title.
    public var title: String
    /// What was found, in words; empty for none.
    public var verdict: String
    /// What a reader should know before believing it.
    public var warnings: [String]
    /// In the order to be read.
    public var facts: [TrainingReport.Fact]
    /// A section each.
    public var spaces: [Space]
    /// The command line that made the study; empty for none.
    public var command: String
    /// The resolved configuration, as text; empty for none.
    public var configuration: String

    /// A report of whatever is known. The data are checked when the page or the text is made.
    public init(
        title: String, verdict: String = "", warnings: [String] = [], facts: [TrainingReport.Fact] = [],
        spaces: [Space], command: String = "", configuration: String = ""
    ) {
        self.title = title
        self.verdict = verdict
        self.warnings = warnings
        self.facts = facts
        self.spaces = spaces
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
