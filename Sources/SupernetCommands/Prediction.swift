import ArgumentParser
import Datasets
import Networks
import Tasks

/// What a network tells of images.
struct Prediction {
    private let file: NetworkFile
    private let task: any RecognitionTask.Type
    private let options: PredictionOptions
    private let gallery: ImageFiles?

    /// - Parameters:
    ///   - file: the network, on the device that is to compute.
    ///   - options: what every way of predicting is told.
    ///   - gallery: images and folders to look in, for embeddings.
    /// - Throws: `ValidationError` for a gallery where there is nothing to look for, or none where there is;
    ///   `DatasetError` for one without images; `NetworkFileError` for a task that is not known.
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
