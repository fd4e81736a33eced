/// How well a supernet ranks architectures whose truth is known, beside rankings that come for nothing, as one page.
///
/// Parts without data are left out.
public struct RankingReport: Sendable {
    /// What ranks, and how well.
    public struct Row: Sendable, Equatable {
        /// What kind of measure it is.
        public enum Kind: String, Sendable, CaseIterable {
            /// The scores of a trained supernet.
            case supernet
            /// What can be counted, such as parameters.
            case cost
            /// A zero-cost proxy.
            case proxy
            /// Random orders.
            case random
            /// One seed of the truth against another: no measure can be expected to do better.
            case ceiling
        }

        /// `multiply-adds`.
        public var name: String
        /// Decides its colour.
        public var kind: Kind
        /// How well it ranks.
        public var figures: RankingFigures

        /// A measure with whatever is known of it.
        public init(_ name: String, kind: Kind, figures: RankingFigures) {
            self.name = name
            self.kind = kind
            self.figures = figures
        }
    }

    /// An architecture with its score in the supernet and its truth.
    public struct Point: Sendable, Equatable {
        /// Its code; shown when the pointer rests on it.
        public var name: String
        /// In the supernet.
        public var score: Double
        /// Of the network trained by itself: the mean over seeds, a share of one.
        public var truth: Double
        /// The least and the highest truth over seeds; nil for a single seed.
        public var seeds: ClosedRange<Double>?

        /// An architecture; values that are not finite are left out of the plot, with a note.
        public init(_ name: String, score: Double, truth: Double, seeds: ClosedRange<Double>? = nil) {
            self.name = name
            self.score = score
            self.truth = truth
            self.seeds = seeds
        }
    }

    /// The largest line, and the window's title.
    public var title: String
    /// In words: whether the supernet ranks better than what comes for nothing. Empty for none.
    public var verdict: String
    /// What a reader should know before believing the verdict.
    public var warnings: [String]
    /// Space, method, truth table, counts of architectures and seeds, in the order to be read.
    public var facts: [TrainingReport.Fact]
    /// In the order to be read: the supernet first.
    public var rows: [Row]
    /// One for each architecture; empty for no plot.
    public var points: [Point]
    /// What the supernet's score is: `validation accuracy in the supernet`.
    public var scoreName: String
    /// How it is written.
    public var scoreFormat: Axis.Format
    /// The command line that made the ranking; empty for none.
    public var command: String

    /// A report of whatever is known. The data are checked when the page is made.
    ///
    /// - Parameters:
    ///   - title: the largest line; `Ranking of cells-tiny` by default, with the space's name.
    ///   - space: name of the search space.
    ///   - method: how the supernet was trained.
    ///   - truth: name of the truth table.
    ///   - architectures: how many were judged.
    ///   - seeds: of the truth, per architecture at least.
    ///   - facts: further ones, after these.
    ///   - verdict: in words; empty for none.
    ///   - warnings: what a reader should know before believing the verdict.
    ///   - rows: what ranks, the supernet first.
    ///   - points: one for each architecture.
    ///   - scoreName: what the supernet's score is.
    ///   - scoreFormat: how the score is written.
    ///   - command: the command line; empty for none.
    public init(
        title: String? = nil, space: String, method: String, truth: String, architectures: Int, seeds: Int,
        facts: [TrainingReport.Fact] = [], verdict: String = "", warnings: [String] = [], rows: [Row] = [],
        points: [Point] = [], scoreName: String = "score in the supernet", scoreFormat: Axis.Format = .percent,
        command: String = ""
    ) {
        self.title = title ?? "Ranking of \(space)"
        self.verdict = verdict
        self.warnings = warnings
        self.facts =
            [
                .init("Space", space), .init("Supernet", method), .init("Truth", truth),
                .init("Architectures", NumberText.grouped(architectures)),
                .init("Seeds of the truth", NumberText.grouped(seeds)),
            ] + facts
        self.rows = rows
        self.points = points
        self.scoreName = scoreName
        self.scoreFormat = scoreFormat
        self.command = command
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
