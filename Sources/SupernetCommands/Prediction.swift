import ArgumentParser
import Datasets
import Networks
import Tasks

/// The prediction of a network for images, by its task.
struct Prediction {
    private let file: NetworkFile
    private let task: any RecognitionTask.Type
    private let options: PredictionOptions
    private let gallery: ImageFiles?

    /// Creates a prediction.
    ///
    /// - Parameters:
    ///   - file: the network, on the device that is to compute.
    ///   - options: the options of the prediction.
    ///   - gallery: the paths of gallery images and folders, for embeddings.
    /// - Throws: `ValidationError` for a gallery where the task needs none, or for none where it needs one;
    ///   `DatasetError` for a gallery without images; `NetworkFileError` for an unknown task.
    init(_ file: NetworkFile, _ options: PredictionOptions, gallery: [String]) throws {
        (self.file, self.options) = (file, options)
        task = try file.task()
        switch task.outputs {
        case .embeddings:
            guard !gallery.isEmpty else {
                throw ValidationError(
                    "\(file.path) is a network of the task `\(task.name)`: name the images to look in with --gallery FOLDER"
                )
            }
            self.gallery = try ImageFiles(gallery)
        case .readings, .classes:
            guard gallery.isEmpty else {
                throw ValidationError(
                    "--gallery is for networks of the task `\(ReidentificationTask.name)`; \(file.path) is one of the task "
                        + "`\(task.name)`")
            }
            self.gallery = nil
        }
    }

    /// Predicts images.
    ///
    /// - Throws: what the loader, the network or the comparison throws.
    func callAsFunction(_ images: ImageFiles) throws -> PredictionTable {
        let predictor = Predictor(file, precision: options.precision, skipBadImages: options.skipBadImages)
        func seeing<Result>(_ images: ImageFiles, _ body: ((Int) -> Void) throws -> Result) rethrows -> Result {
            try options.seeing(images, "predict", file.card, body)
        }
        switch task.outputs {
        case .classes:
            let all = try seeing(images) { try predictor.classes(images, top: options.top, progress: $0) }
            return PredictionTable(all, top: min(options.top, file.card.classNames.count))
        case .readings(let reader):
            let readings = try seeing(images) { try predictor.readings(images, by: reader, progress: $0) }
            return PredictionTable(readings, columns: reader.columns)
        case .embeddings:
            let known = try gallery.map { gallery in
                try options.seeing(gallery, "gallery", file.card) { try predictor.embeddings(gallery, progress: $0) }
            }
            let asked = try seeing(images) { try predictor.embeddings(images, progress: $0) }
            return PredictionTable(
                try known.map { try asked.nearest(in: $0, count: options.top) } ?? [], top: options.top)
        }
    }
}
