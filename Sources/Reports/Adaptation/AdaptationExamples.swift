import Datasets
import Metrics

/// What an adapted network answers on images of the target. Several kinds may stand on a page.
public enum AdaptationExamples: Sendable, Equatable {
    /// Queries with the images that the gallery gives first.
    case gallery([Query])
    /// Ages in years of all test images, as they are and as they were seen, and a few faces. Ages that are not finite
    /// are left out of the plot, with a note.
    case ages(actual: [Double], predicted: [Double], faces: [Face])
    /// Two matrices over the same classes, such as that of weights only and that of joint.
    case confusions(
        before: ConfusionMatrix, after: ConfusionMatrix, classNames: [String], beforeName: String, afterName: String)
    /// Images with wrong classes; the page shows the most confident of them, and leaves out right ones.
    case mistakes([TrainingReport.Example], classNames: [String])

    /// An image that is looked for.
    public struct Query: Sendable, Equatable {
        /// The query's image of any size; small ones are enlarged.
        public var image: Image
        /// Who it shows: `0042`.
        public var person: String
        /// The camera that took the image; empty if that is not known.
        public var camera: String
        /// The gallery's images, nearest first.
        public var ranked: [Ranked]

        /// A query with its ranking, also an empty one.
        public init(_ image: Image, person: String, camera: String = "", ranked: [Ranked]) {
            (self.image, self.person, self.camera, self.ranked) = (image, person, camera, ranked)
        }
    }

    /// An image of the gallery.
    public struct Ranked: Sendable, Equatable {
        /// The gallery's image of any size; small ones are enlarged.
        public var image: Image
        /// The camera that took the image; empty if that is not known.
        public var camera: String
        /// Whether it shows the query's person.
        public var isRight: Bool

        /// An image with its verdict.
        public init(_ image: Image, camera: String = "", isRight: Bool) {
            (self.image, self.camera, self.isRight) = (image, camera, isRight)
        }
    }

    /// A face with its age in years.
    public struct Face: Sendable, Equatable {
        /// The image of any size; small ones are enlarged.
        public var image: Image
        /// The true age.
        public var actual: Double
        /// The predicted age.
        public var predicted: Double

        /// A face; the report checks that its ages are finite.
        public init(_ image: Image, actual: Double, predicted: Double) {
            (self.image, self.actual, self.predicted) = (image, actual, predicted)
        }
    }

    /// The sections of a page; none without data.
    ///
    /// - Throws: ``ReportError`` for a picture that cannot be written.
    func markup() throws(ReportError) -> [Markup] {
        switch self {
        case .gallery(let queries): [try GallerySection(queries: queries).markup()].compactMap(\.self)
        case .ages(let actual, let predicted, let faces):
            [try AgeSection(actual: actual, predicted: predicted, faces: faces).markup()].compactMap(\.self)
        case .confusions(let before, let after, let classNames, let beforeName, let afterName):
            [
                ConfusionPair(
                    sides: [(beforeName, before), (afterName, after)], classNames: classNames
                ).markup
            ].compactMap(\.self)
        case .mistakes(let examples, let classNames):
            try Self.predictions(examples, classNames).markup()
        }
    }

    /// Everything in the examples that cannot be shown.
    var problems: [String] {
        switch self {
        case .gallery(let queries): GallerySection(queries: queries).problems
        case .ages(let actual, let predicted, let faces):
            AgeSection(actual: actual, predicted: predicted, faces: faces).problems
        case .confusions(let before, let after, let classNames, let beforeName, let afterName):
            ConfusionPair(sides: [(beforeName, before), (afterName, after)], classNames: classNames).problems
        case .mistakes(let examples, let classNames): Self.predictions(examples, classNames).pictureProblems
        }
    }

    private static func predictions(
        _ examples: [TrainingReport.Example], _ classNames: [String]
    ) -> PredictionSections {
        PredictionSections(confusion: [], classNames: classNames, examples: [], mistakes: examples)
    }
}

extension Image {
    /// What of the image cannot be shown, after its place.
    func problems(_ place: String) -> [String] {
        width < 1 || height < 1 ? ["\(place): its image is \(width)x\(height)"] : []
    }
}
