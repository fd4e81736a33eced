import ArgumentParser
import Datasets
import Detectors
import Foundation
import Networks
import Support
import Tasks

/// What a detector writes beside its table, as options of commands.
struct DetectionOptions: ParsableArguments {
    @Option(name: .long, help: "For detection: the folder for all images with their objects drawn.")
    var drawn: String?
    @Option(name: .long, help: "For detection: the file for the findings as COCO's results.")
    var cocoResults: String?
    @Option(
        name: .long,
        help: """
            For --coco-results: a file of annotations whose numbers of images and categories are taken, by the names of \
            files and classes. Default: images and classes are numbered from 1.
            """)
    var imageIds: String?

    func validate() throws {
        guard imageIds == nil || cocoResults != nil else {
            throw ValidationError("--image-ids is for --coco-results, which is not given")
        }
    }

    /// Whether anything was asked for.
    var isGiven: Bool { drawn != nil || cocoResults != nil }
}

/// An image with the objects that were found in it.
struct DetectedImage: Encodable {
    /// An object.
    struct Object: Encodable {
        /// The name of the class.
        var label: String
        var probability: Double
        /// x and y of the top left corner, width and height, in pixels.
        var box: [Double]
        /// The pixels; nil without masks.
        var mask: Runs?
    }

    /// Run lengths as COCO compresses them.
    struct Runs: Encodable {
        /// Height and width.
        var size: [Int]
        var counts: String
    }

    /// The path of the image.
    var image: String
    var objects: [Object]
}

/// Finds objects in images, and writes what was asked for.
struct DetectionPrediction {
    let detector: ImageDetector
    let options: DetectionOptions
    let skipBadImages: Bool

    private var names: [String] { detector.file.card.classNames }

    /// Finds objects.
    ///
    /// - Parameters:
    ///   - images: the images.
    ///   - progress: called with the number of images so far.
    /// - Throws: what reading an image throws, unless such images are left out; `DatasetError` for annotations that cannot be
    ///   read, or lack an image or a class; `FileError`.
    func callAsFunction(_ images: ImageFiles, progress: (Int) -> Void) throws -> PredictionTable {
        let card = detector.file.card
        let decoding = ImageDecoding(
            channels: card.network.channels == 1 ? .grey : .rgb, orientation: card.orientation)
        let colours = PixelClasses(names).colours
        let numbers = try COCONumbers(options.imageIds, images: images.paths, classes: names)
        if let file = options.cocoResults { try AtomicFile.check(file) }
        if let folder = options.drawn { try FilePath.makeFolder(folder) }
        let places = options.drawn.map { MaskNames(images.paths, in: $0) }
        var found: [DetectedImage] = []
        var findings: [COCOResults.Finding] = []
        for place in 0..<images.count {
            let image: Image
            do { image = try images.image(at: place, decoding: decoding) } catch  where skipBadImages {
                UnreadableImages.shared.note(.init(error, in: images, at: place))
                continue
            }
            let size = ImageSize(height: image.height, width: image.width)
            let own = try detector(image).map {
                $0.finding(image: numbers.images[place], category: $0.label, size: size)
            }
            found.append(DetectedImage(image: images.source(at: place), objects: own.map(object)))
            findings += own.map { finding in
                var finding = finding
                finding.category = numbers.categories[finding.category]
                return finding
            }
            if let places {
                let shown = own.enumerated().map { number, finding in
                    DetectionObject(
                        id: number, place: finding.place ?? SIMD4(repeating: 0), label: finding.category,
                        mask: finding.mask.map { .runLengths($0) })
                }
                let base = image.inColours
                try AtomicFile.write(
                    base.showing(shown, of: base, colours).pngData(), to: places.mask(place))
            }
            progress(found.count)
        }
        if let file = options.cocoResults {
            let paths = Dictionary(zip(numbers.images, images.paths), uniquingKeysWith: { first, _ in first })
            try AtomicFile.write(
                COCOResults(findings).json { number in
                    paths[number].map { URL(fileURLWithPath: $0).lastPathComponent }
                }, to: file)
        }
        return PredictionTable(found)
    }

    private func object(_ finding: COCOResults.Finding) -> DetectedImage.Object {
        let place = finding.place ?? SIMD4(repeating: 0)
        return .init(
            label: names[finding.category], probability: finding.score, box: (0..<4).map { place[$0] },
            mask: finding.mask.map { .init(size: [$0.height, $0.width], counts: $0.compressed) })
    }
}

/// The numbers of images and categories in a file of results.
private struct COCONumbers {
    let images: [Int]
    let categories: [Int]

    /// Takes the numbers of a file of annotations, or counts from 1.
    init(_ path: String?, images paths: [String], classes: [String]) throws {
        guard let path else {
            (images, categories) = (Array(1...max(paths.count, 1)), Array(1...max(classes.count, 1)))
            return
        }
        let file = try COCOFile(at: path)
        let byName = Dictionary(
            file.images.map { (URL(fileURLWithPath: $0.path).lastPathComponent, $0.id) },
            uniquingKeysWith: { first, _ in first })
        var problems: [DatasetError.Problem] = []
        images = paths.map { path in
            let name = URL(fileURLWithPath: path).lastPathComponent
            if byName[name] == nil { problems.append(.init("has no image \(name)")) }
            return byName[name] ?? 0
        }
        let byClass = Dictionary(zip(file.classNames, file.categories), uniquingKeysWith: { first, _ in first })
        categories = classes.map { name in
            if byClass[name] == nil { problems.append(.init("has no category `\(name)`")) }
            return byClass[name] ?? 0
        }
        guard problems.isEmpty else {
            throw DatasetError(
                .malformed, file: path, problems: problems,
                advice: "Give the annotations of the images that are looked at.")
        }
    }
}

extension PredictionTable {
    /// Creates the table of the objects in images: one row an object.
    init(_ images: [DetectedImage]) {
        columns = ["label", "probability", "xmin", "ymin", "xmax", "ymax"]
        rows = images.flatMap { image in
            image.objects.map { object in
                let corners = [
                    object.box[0], object.box[1], object.box[0] + object.box[2], object.box[1] + object.box[3],
                ]
                return Row(
                    image: image.image, words: "",
                    cells: [.text(object.label), .number(String(format: "%.4f", object.probability))]
                        + corners.map { .number(String(format: "%.2f", $0)) })
            }
        }
        json = images
        lines = images.map { image in
            var counts: [String: Int] = [:]
            for object in image.objects where object.probability >= 0.5 { counts[object.label, default: 0] += 1 }
            let words = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
            return (image.image, words.isEmpty ? "nothing above 50 %" : words.joined(separator: ", "))
        }
    }
}
