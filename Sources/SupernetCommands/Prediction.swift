import ArgumentParser
import Datasets
import Experiments
import Networks
import Tasks
import Torch

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
                    "\(file.path) is a network of the task `\(task.name)`: name the images to look in with --gallery "
                        + "FOLDER"
                )
            }
            self.gallery = try ImageFiles(gallery)
        case .readings, .classes, .pixels, .objects:
            guard gallery.isEmpty else {
                throw ValidationError(
                    "--gallery is for networks of the task `\(ReidentificationTask.name)`; \(file.path) is one of the "
                        + "task `\(task.name)`")
            }
            self.gallery = nil
        }
        if case .objects = task.outputs {
        } else {
            guard !options.detection.isGiven else {
                throw ValidationError(
                    "--drawn, --coco-results and --image-ids are for networks that find objects; \(file.path) is one of "
                        + "the task `\(task.name)`")
            }
        }
        if case .pixels = task.outputs { return }
        guard options.masks == nil, options.segmentation == nil else {
            throw ValidationError(
                "--masks, --scales and --mirror are for networks of the task `\(SegmentationTask.name)`; \(file.path) is "
                    + "one of the task `\(task.name)`")
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
        case .pixels:
            let segmenter = try ImageSegmenter(
                file, options: options.segmentation ?? .init(), precision: options.precision)
            let prediction = SegmentationPrediction(
                segmenter: segmenter, folder: options.masks, numbering: options.maskNumbering,
                skipBadImages: options.skipBadImages)
            return try seeing(images) { try prediction(images, progress: $0) }
        case .objects:
            let prediction = DetectionPrediction(
                detector: try ImageDetector(file, precision: options.precision), options: options.detection,
                skipBadImages: options.skipBadImages)
            return try seeing(images) { try prediction(images, progress: $0) }
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

/// The options of a prediction, with its progress and warnings.
struct PredictionOptions {
    /// The number of classes or matches for each image.
    var top: Int
    /// The precision of the network.
    var precision: Precision
    /// Whether unreadable images are left out instead of stopping.
    var skipBadImages: Bool
    /// For segmentation: the folder of masks; nil for none.
    var masks: String?
    /// For segmentation: the numbers that masks hold for the classes.
    var maskNumbering = MaskNumbering.classes
    /// For segmentation: how images are looked at; nil for the usual way.
    var segmentation: ImageSegmenter.Options?
    /// For detection: what is written beside the table.
    var detection = DetectionOptions()

    /// Runs a closure on images with a progress line, and prints how many could not be read.
    ///
    /// - Parameters:
    ///   - images: the images.
    ///   - phase: the name of the phase in the progress line.
    ///   - card: the card of the network, which says how images are prepared.
    ///   - body: a closure that runs the network and calls its argument with the number of images so far.
    func seeing<Result>(
        _ images: ImageFiles, _ phase: String, _ card: NetworkFile.Card, _ body: ((Int) -> Void) throws -> Result
    ) rethrows -> Result {
        ImageNotes.orientation(of: images, card)
        warnOfSize(images, card)
        let progress = ProgressReporter()
        var seen = 0
        let result = try body {
            seen = $0
            progress.update(ProgressState(phase: phase, step: seen, steps: images.count))
        }
        progress.finish()
        if seen < images.count { Console.say("\(images.count - seen) images could not be read and were left out") }
        return result
    }

    /// Warns that a network which was trained on unscaled images sees only the centre of larger ones.
    private func warnOfSize(_ images: ImageFiles, _ card: NetworkFile.Card) {
        guard card.steps.cutsUnscaled, images.count > 0,
            let first = try? images.image(at: 0, decoding: ImageDecoding(orientation: card.orientation)),
            first.width >= 2 * card.imageSize.width, first.height >= 2 * card.imageSize.height
        else { return }
        Console.say(
            "note: the network learned from images that were not scaled, so that of \(images.source(at: 0)) "
                + "(\(first.width) x \(first.height)) it sees the middle \(card.imageSize) pixels; scale large images "
                + "first")
    }
}
