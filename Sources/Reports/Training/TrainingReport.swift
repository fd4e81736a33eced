import Datasets

/// A finished training run as one page: the score, how it came about, and what it gets wrong.
///
/// Parts without data are left out.
public struct TrainingReport: PageReport {
    /// The main figure: a share of right answers.
    public struct Score: Sendable, Equatable {
        /// The name of the score, such as `Test accuracy`.
        public var name: String
        /// The number of right answers.
        public var correct: Int
        /// The number of answers.
        public var count: Int

        /// A score of counts; the report checks that there are not more right answers than answers.
        public init(_ name: String, correct: Int, count: Int) {
            (self.name, self.correct, self.count) = (name, correct, count)
        }
    }

    /// A small fact for the header, such as the number of parameters.
    public struct Fact: Sendable, Equatable {
        /// The name of the fact, such as `Parameters`.
        public var name: String
        /// The value as it is to be read, with its unit.
        public var value: String

        /// A fact in words.
        public init(_ name: String, _ value: String) {
            (self.name, self.value) = (name, value)
        }
    }

    /// An image with what was predicted for it.
    public struct Example: Sendable, Equatable {
        /// The image of any size; small ones are enlarged.
        public var image: Image
        /// The position of the class in the report's class names.
        public var truth: Int
        /// The position of the predicted class.
        public var prediction: Int
        /// The probability of the predicted class, 0 to 1.
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
    /// The line below the title, such as the data set and the network; empty for none.
    public var subtitle: String
    /// The main figure; nil for none.
    public var score: Score?
    /// Small facts in the order to be read; eight fit into a line.
    public var facts: [Fact]
    /// The curves of the training.
    public var curves: TrainingCurves
    /// The confusion matrix: rows are true classes, columns predicted ones; empty for none.
    public var confusion: [[Int]]
    /// The names of the classes, one for each row of the confusion matrix.
    public var classNames: [String]
    /// A sample, in the order to be shown: right ones and wrong ones as they come.
    public var examples: [Example]
    /// Wrong predictions, of which the report shows the most confident; right ones are left out.
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

    /// The most mistakes that the report shows: a row, where the page is wide.
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
