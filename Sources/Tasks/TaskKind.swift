import Datasets
import Seeding
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
        case .age: return AgeTask(try Self.faces(source, as: .age, data))
        case .gender:
            return GenderTask(try Self.faces(source, as: .gender, data), labelSmoothing: labelSmoothing)
        }
    }

    /// Faces with a validation part that is drawn face by face: of many ages there are only one or two.
    private static func faces(
        _ source: String, as target: FaceDataset.Target, _ data: DataConfiguration
    ) throws -> OpenedDataset {
        let parts = try FaceDataset.open(source, as: target)
        let count = parts.train.count
        let held = Int((data.validationFraction * Double(count)).rounded())
        guard held > 0, held < count else {
            throw DatasetError(
                .invalidArgument, file: source,
                "a validation fraction of \(data.validationFraction) of \(count) faces leaves one part empty",
                advice: "Give more faces, or another data.validation-fraction.")
        }
        var generator = SeededGenerator(seed: 0, 0xFACE)
        let order = generator.permutation(count)
        return OpenedDataset(
            train: try Subset(of: parts.train, indices: order.dropFirst(held).sorted()),
            validation: try Subset(of: parts.train, indices: order.prefix(held).sorted()), test: parts.test)
    }
}
