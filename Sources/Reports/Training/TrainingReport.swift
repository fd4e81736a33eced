import Datasets

/// A finished training run as one page: the score, how it came about, and what it gets wrong.
///
/// Parts without data are left out.
public struct TrainingReport: PageReport {
    /// The main figure: a share of right answers.
    public struct Score: Sendable, Equatable {
        /// What was measured: `Test accuracy`.
        public var name: String
        /// How many answers were right.
        public var correct: Int
        /// How many there were.
        public var count: Int

        /// A score of counts; the report checks that there are not more right answers than answers.
        public init(_ name: String, correct: Int, count: Int) {
            (self.name, self.correct, self.count) = (name, correct, count)
        }
    }

    /// A small fact for the header, such as the number of parameters.
    public struct Fact: Sendable, Equatable {
        /// What it is: `Parameters`.
        public var name: String
        /// As it is to be read, with its unit.
        public var value: String

        /// A fact in words.
        public init(_ name: String, _ value: String) {
            (self.name, self.value) = (name, value)
        }
    }

    /// An image with what was predicted for it.
    public struct Example: Sendable, Equatable {
        /// Of any size; small ones are enlarged.
        public var image: Image
        /// The position of the class in the report's class names.
        public var truth: Int
        /// The position of the predicted class.
        public var prediction: Int
        /// Of the prediction, 0 to 1.
        public var probability: Double

        /// An example; the report checks that the classes exist.
        public init(image: Image, truth: Int, prediction: Int, probability: Double) {
            (self.image, self.truth, self.prediction, self.probability) = (image, truth, prediction, probability)
        }

        /// Whether the prediction is wrong.
        public var isMistake: Bool { truth != prediction }
    }

    /// The largest line, and the window's title.
    public var title: String
    /// Below the title, such as the data set and the network; empty for none.
    public var subtitle: String
    /// Nil for none.
    public var score: Score?
    /// In the order to be read; eight fit into a line.
    public var facts: [Fact]
    /// What was measured on the way.
    public var curves: TrainingCurves
    /// Rows: the true class; columns: the predicted one. Empty for none.
    public var confusion: [[Int]]
    /// One for each row of the confusion matrix.
    public var classNames: [String]
    /// A sample, in the order to be shown: right ones and wrong ones as they come.
    public var examples: [Example]
    /// Wrong ones; the report shows the most confident of them, most confident first, and leaves out right ones.
    public var mistakes: [Example]
    /// The command line that made the run; empty for none.
    public var command: String
    /// The resolved configuration, as text; empty for none.
    public var configuration: String

    /// A report of whatever is known. The data are checked when the page is made.
    public init(
        title: String, subtitle: String = "", score: Score? = nil, facts: [Fact] = [],
        curves: TrainingCurves = TrainingCurves([]), confusion: [[Int]] = [], classNames: [String] = [],
        examples: [Example] = [], mistakes: [Example] = [], command: String = "", configuration: String = ""
    ) {
        (self.title, self.subtitle, self.score, self.facts) = (title, subtitle, score, facts)
        (self.curves, self.confusion, self.classNames, self.examples) = (curves, confusion, classNames, examples)
        (self.mistakes, self.command, self.configuration) = (mistakes, command, configuration)
    }

    /// How many mistakes the report shows at most: a row, where the page is wide.
    public static let mostMistakes = 8

    /// The page.
    ///
    /// - Throws: ``ReportError`` with everything in the data that does not fit together.
    public func page() throws(ReportError) -> Page {
        let problems = predictions.confusionProblems + header.problems + predictions.pictureProblems
        if !problems.isEmpty { throw ReportError(problems) }
        var content = [header.markup]
        let charts = curves.charts()
        if !charts.isEmpty {
            content.append(Page.section("Training", [Page.row(charts.map { $0.svg() })]))
        }
        content += try predictions.markup()
        if let footer = ReportFooter(command: command, configuration: configuration).markup { content.append(footer) }
        return Page(title: title, content: content)
    }

    private var header: ReportHeader {
        ReportHeader(title: title, subtitle: subtitle, score: score, facts: facts)
    }

    private var predictions: PredictionSections {
        PredictionSections(confusion: confusion, classNames: classNames, examples: examples, mistakes: mistakes)
    }
}
