import ArgumentParser
import Datasets
import Tasks

/// What a network of a task tells of images.
struct TaskPrediction {
    private let file: TaskNetworkFile
    private let gallery: ImageFiles?

    /// - Parameters:
    ///   - file: the network, on the device that is to compute.
    ///   - path: the file's, for messages.
    ///   - gallery: images and folders to look in, for embeddings.
    /// - Throws: `ValidationError` for a gallery where there is nothing to look for, or none where there is;
    ///   `DatasetError` for one without images.
    init(_ file: TaskNetworkFile, path: String, gallery: [String]) throws {
        self.file = file
        let task = file.card.task
        switch task.outputs {
        case .embeddings:
            guard !gallery.isEmpty else {
                throw ValidationError(
                    "\(path) is a network of the task `\(task.rawValue)`: name the images to look in with --gallery FOLDER"
                )
            }
            self.gallery = try ImageFiles(gallery)
        case .readings, .classes:
            guard gallery.isEmpty else {
                throw PredictionOptions.needlessGallery("\(path) is one of the task `\(task.rawValue)`")
            }
            self.gallery = nil
        }
    }

    /// - Throws: what the loader, the network or the comparison throws.
    func callAsFunction(_ images: ImageFiles, _ options: PredictionOptions) throws -> PredictionTable {
        let predictor = TaskPredictor(file, precision: options.precision, skipBadImages: options.skipBadImages)
        let card = file.card.network
        if case .readings(let reader) = file.card.task.outputs {
            let readings = try options.seeing(images, "predict", card) {
                try predictor.readings(images, by: reader, progress: $0)
            }
            return PredictionTable(readings, columns: reader.columns)
        }
        let known = try gallery.map { gallery in
            try options.seeing(gallery, "gallery", card) { try predictor.embeddings(gallery, progress: $0) }
        }
        let asked = try options.seeing(images, "predict", card) { try predictor.embeddings(images, progress: $0) }
        return PredictionTable(try known.map { try asked.nearest(in: $0, count: options.top) } ?? [], top: options.top)
    }
}
