import ArgumentParser
import Datasets
import Foundation
import Metrics
import Networks
import Support
import Tasks
import Torch
import Training

/// How networks for segmentation look at whole images, as options of commands.
struct SegmentationOptions: ParsableArguments {
    @Option(
        name: .long,
        help:
            "For segmentation: the scales at which whole images are seen, such as 0.5,0.75,1,1.25,1.5,1.75. Default: 1."
    )
    var scales: String?
    @Flag(name: .long, help: "For segmentation: see every image mirrored, too.") var mirror = false

    func validate() throws { _ = try options() }

    /// Whether anything was asked for.
    var isGiven: Bool { scales != nil || mirror }

    /// How images are looked at.
    ///
    /// - Throws: `ValidationError` for scales that are none.
    func options() throws -> ImageSegmenter.Options {
        guard let scales else { return .init(mirrors: mirror) }
        let values = scales.split(separator: ",", omittingEmptySubsequences: false).map {
            Double($0.trimmingCharacters(in: .whitespaces))
        }
        guard !values.isEmpty, values.count <= 32, values.allSatisfy({ $0.map { (0.05...8).contains($0) } ?? false })
        else {
            throw ValidationError(
                "--scales must be up to 32 numbers from 0.05 to 8, divided by commas, not \(scales)")
        }
        return .init(scales: values.compactMap(\.self), mirrors: mirror)
    }
}

extension MaskNumbering: ExpressibleByArgument {}

/// The classes of an image's pixels.
struct SegmentedImage: Encodable {
    /// The path of the image.
    var image: String
    /// The share of each class that occurs, by name.
    var shares: [String: Double]
    /// The path of the mask; nil where none was written.
    var mask: String?
}

/// Labels images and writes masks.
struct SegmentationPrediction {
    let segmenter: ImageSegmenter
    /// The folder of masks; nil for none.
    let folder: String?
    /// The numbers that masks hold for the classes.
    let numbering: MaskNumbering
    let skipBadImages: Bool

    private var names: [String] { segmenter.file.card.classNames }

    /// Labels images.
    ///
    /// - Parameters:
    ///   - images: the images.
    ///   - progress: called with the number of images so far.
    /// - Throws: what reading an image throws, unless such images are left out; `FileError`.
    func callAsFunction(_ images: ImageFiles, progress: (Int) -> Void) throws -> PredictionTable {
        let card = segmenter.file.card
        let decoding = ImageDecoding(
            channels: card.network.channels == 1 ? .grey : .rgb, orientation: card.orientation)
        let colours = PixelClasses(asKnown: names).colours
        let numbers = try numbering.numbers(of: names)
        if let folder { try FilePath.makeFolder(folder) }
        let places = folder.map { MaskNames(images.paths, in: $0) }
        var found: [(image: SegmentedImage, counts: [Int])] = []
        for place in 0..<images.count {
            let image: Image
            do { image = try images.image(at: place, decoding: decoding) } catch  where skipBadImages {
                UnreadableImages.shared.note(.init(error, in: images, at: place))
                continue
            }
            let map = try segmenter(image)
            var counts = [Int](repeating: 0, count: names.count)
            for label in map.classes where Int(label) < counts.count { counts[Int(label)] += 1 }
            let shares = zip(names, counts).filter { $0.1 > 0 }.map { ($0, Double($1) / Double(map.classes.count)) }
            if let places {
                try AtomicFile.write(map.pngData(colours: colours, numbers: numbers), to: places.mask(place))
                let overlay = image.inColours.overlaid(with: map, colours)
                try AtomicFile.write(overlay.pngData(), to: places.overlay(place))
            }
            found.append(
                (
                    SegmentedImage(
                        image: images.source(at: place), shares: Dictionary(shares, uniquingKeysWith: { $0 + $1 }),
                        mask: places?.mask(place)), counts
                ))
            progress(found.count)
        }
        return PredictionTable(found, names: names)
    }
}

/// The names of the masks of images in a folder: those of the images, with a number where two are alike.
struct MaskNames {
    private let stems: [String]

    init(_ paths: [String], in folder: String) {
        var taken: Set<String> = []
        stems = paths.map { path in
            let stem = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
            var (name, copy) = (stem, 2)
            while !taken.insert(name).inserted {
                name = "\(stem)-\(copy)"
                copy += 1
            }
            return FilePath.join(folder, name)
        }
    }

    /// The mask, whose values are the classes.
    func mask(_ place: Int) -> String { stems[place] + ".png" }

    /// The image under the colours of its classes.
    func overlay(_ place: Int) -> String { stems[place] + ".overlay.png" }
}

extension PredictionTable {
    /// Creates the table of the classes of images' pixels.
    ///
    /// - Parameters:
    ///   - images: the images, with the numbers of pixels of each class.
    ///   - names: the names of the classes.
    init(_ images: [(image: SegmentedImage, counts: [Int])], names: [String]) {
        let shown = 8
        columns = names + (images.contains { $0.image.mask != nil } ? ["mask"] : [])
        rows = images.map { image, counts in
            let all = Double(max(counts.reduce(0, +), 1))
            let largest = counts.indices.filter { counts[$0] > 0 }.sorted { (counts[$1], $0) < (counts[$0], $1) }
            let words = largest.prefix(shown).map {
                "\(names[$0]) \(String(format: "%.1f %%", 100 * Double(counts[$0]) / all))"
            }
            let rest = largest.count - words.count
            return Row(
                image: image.image,
                words: words.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : ""),
                cells: counts.map { .number("\(Double($0) / all)") } + (image.mask.map { [.text($0)] } ?? []))
        }
        json = images.map(\.image)
    }
}

/// Scores a network for segmentation on whole images.
struct SegmentationScore {
    let segmenter: ImageSegmenter
    let skipBadImages: Bool

    /// The score of whole images with their label maps at full size.
    ///
    /// - Parameters:
    ///   - task: the opened images, whose classes are the network's by name.
    ///   - part: the part of them.
    ///   - progress: called with the number of images so far.
    /// - Throws: `DatasetError` for a class that the network does not know, and what reading an image throws.
    func rows(
        _ task: SegmentationTask, _ part: any ImageDataset, name: String, progress: (Int) -> Void
    ) throws -> [(String, String)] {
        let card = segmenter.file.card
        let known = card.classNames
        let places = try NetworkClasses.places(of: task.classes.names, among: known, name: name)
        let decoding = ImageDecoding(
            channels: card.network.channels == 1 ? .grey : .rgb, orientation: card.orientation)
        var confusion = try PixelConfusion(classes: known.count)
        var seen = 0
        for place in 0..<part.count {
            do {
                let image = try part.image(at: place, decoding: decoding)
                guard case .map(let stored) = try part.annotation(at: place) else { continue }
                let map = stored.relabelled { places.indices.contains($0) ? places[$0] : nil }
                guard map.height == image.height, map.width == image.width else {
                    throw DatasetError(
                        .malformed, file: part.source(at: place),
                        "is \(image.width) x \(image.height) pixels, its mask \(map.width) x \(map.height)",
                        advice: "Give masks of the size of their images, or leave both out.")
                }
                try confusion.add(
                    predicted: segmenter(image).classes, actual: map.classes, ignored: LabelMap.ignored)
                seen += 1
            } catch let error as DatasetError where skipBadImages {
                UnreadableImages.shared.note(.init(error, in: part, at: place))
            }
            progress(place + 1)
        }
        guard confusion.labelled > 0 else { throw TrainingError.nothingToScore }
        func percent(_ share: Double) -> String { Console.percent(share) }
        let absent = task.options.absentClasses
        var rows = [
            ("mIoU", percent(confusion.meanIntersectionOverUnion(absent: absent))),
            ("pixel accuracy", percent(confusion.pixelAccuracy)), ("images", Console.grouped(seen)),
        ]
        let missing = confusion.intersectionsOverUnions.count { $0 == nil }
        if missing > 0 {
            rows.append(
                (
                    "mean of those that occur",
                    "\(percent(confusion.meanIntersectionOverUnion(absent: .leftOut))); \(missing) classes occur neither "
                        + "in labels nor in predictions"
                ))
        }
        rows += zip(known, confusion.intersectionsOverUnions).compactMap { name, share in
            share.map { ("  " + name, percent($0)) }
        }
        return rows
    }
}
