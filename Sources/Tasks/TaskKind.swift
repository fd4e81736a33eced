import Datasets
import Training

/// The tasks by name, and how each reads its data.
public enum TaskKind: String, Sendable, Codable, CaseIterable {
    /// One folder per class, a list, or IDX files.
    case classification
    /// Faces in the naming of UTKFace, or a list with ages.
    case age
    /// The same with genders.
    case gender

    /// Opens the task's data; a validation part is drawn from the training images where there is none.
    ///
    /// - Parameters:
    ///   - source: a path, or a name that `open` knows.
    ///   - data: how the data is cut.
    ///   - labelSmoothing: of tasks with classes.
    ///   - open: opens a data set with one label an image.
    /// - Throws: `DatasetError` that names what is missing; what the split throws if the images are too few to part.
    public func task(
        _ source: String, data: DataConfiguration, labelSmoothing: Double,
        open: (String) throws -> OpenedDataset
    ) throws -> any RecognitionTask {
        switch self {
        case .classification:
            return ClassificationTask(try data.withValidation(open(source)), labelSmoothing: labelSmoothing)
        case .age: return AgeTask(try data.withValidation(FaceDataset.open(source, as: .age).opened))
        case .gender:
            return GenderTask(
                try data.withValidation(FaceDataset.open(source, as: .gender).opened), labelSmoothing: labelSmoothing)
        }
    }
}
