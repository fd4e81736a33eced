import Datasets
import Training

extension DataConfiguration {
    /// The settings with everything filled in that they leave to the images and the task: as `prepared(for:)` of images,
    /// with the transforms of a task that has its own where none are set.
    ///
    /// - Parameter task: the task with its images.
    /// - Throws: `AugmentationError` for images of no usual size.
    public func prepared(for task: any RecognitionTask) throws -> DataConfiguration {
        var own = try prepared(for: task.data.train)
        guard augmentation.transforms.isEmpty, evaluation.transforms.isEmpty else { return own }
        let (mean, std) = own.normalization
        if let preparation = try type(of: task).preparation(size: own.imageSize, mean: mean, std: std) {
            (own.augmentation, own.evaluation) = (preparation.augmentation, preparation.evaluation)
        }
        return own
    }
}
