import ArgumentParser
import Catalogue
import Datasets
import Experiments
import Networks
import Results
import Support
import Tasks
import Torch

/// The command `supernet evaluate`: scores a network on labelled images.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Score a network on labelled images.",
        discussion: """
            The score follows from the network's task: accuracy, the error of ages in years, CMC and mAP, or the mean over \
            classes of intersection over union, of whole images at their own size. Classes \
            are matched by name, and the images may be of some of the network's classes. A file of results in COCO's \
            format, in place of a network, is held against the boxes and masks of the images: the twelve figures of COCO's \
            evaluation. Use images that played no \
            part in any choice: every look at a test split weakens it.
            """)

    @Argument(
        help: """
            A network's file, network.safetensors; an .onnx file of `supernet export`, where Python has onnxruntime; or what \
            any detector found, as COCO's results: a .json file.
            """)
    var network: String
    @Option(
        name: .long, help: "The images: \(DataSource.names), \(TaskSource.names), or a path.")
    var data: String
    @Option(
        name: .long,
        help: "The task whose labels the images have, such as gender for faces. Default: that of the network.")
    var task: String?
    @Option(
        name: .long,
        help: "The part: train, validation or test. Default: test, or all images where there is no test part.")
    var split: String?
    @OptionGroup var segmentation: SegmentationOptions
    @Option(name: .long, help: "For a detector: the file for its findings, as COCO's results.") var cocoResults: String?
    @Option(name: .long, help: "The precision of the backbone: float32 or bfloat16.") var precision = "float32"
    @Option(name: .long, help: "The device: cpu, cuda or cuda:1.") var device = "cpu"
    @Flag(name: .long, help: "Leave out unreadable images instead of stopping.") var skipBadImages = false

    func validate() throws {
        if let split, !["train", "validation", "test"].contains(split) {
            throw ValidationError("--split must be train, validation or test, not \(split)")
        }
        try TaskOption.validate(task)
        try ComputeOptions.validate(precision: precision, device: device)
    }

    private func chosenPart(of opened: OpenedDataset) throws -> any ImageDataset {
        let parts = ["train": opened.train, "validation": opened.validation, "test": opened.test]
        guard let split else { return opened.test ?? opened.train }
        guard let part = parts[split] ?? nil else { throw ValidationError("\(data) has no \(split) split") }
        return part
    }

    private var chosenPrecision: Precision { Precision(rawValue: precision) ?? .float32 }

    func run() throws { Console.result(Console.table(try rows())) }

    /// The rows of the result.
    func rows() throws -> [(String, String)] {
        if network.lowercased().hasSuffix(".json") { return try findings() }
        let device = Device(device) ?? .cpu
        try device.validate()
        if network.lowercased().hasSuffix(".onnx") { return try exported() + LeftOut.rows }
        return try score(NetworkFile.read(network, device: device)) + LeftOut.rows
    }

    private func score(_ file: NetworkFile) throws -> [(String, String)] {
        let learned = try file.task()
        let kind = try task.map { try TaskFamily.task(named: $0) } ?? learned
        if case .pixels = learned.outputs {
            guard kind == learned else { throw Self.wrongTask(network, learned, kind) }
            return try pixels(file, kind.scoring(data, with: TaskSource.open))
        }
        if case .objects = learned.outputs {
            guard kind == learned else { throw Self.wrongTask(network, learned, kind) }
            try refuseSegmentation()
            return try objects(file, hasMasks: learned == InstanceSegmentationTask.self)
        }
        return try score(
            Predictor(file, precision: chosenPrecision, skipBadImages: skipBadImages), file.card, learned, as: kind)
    }

    /// The score of an ONNX file, which onnxruntime computes.
    private func exported() throws -> [(String, String)] {
        guard chosenPrecision == .float32, device == "cpu" else {
            throw ValidationError(
                "an ONNX file computes on the processor, with its own precision: leave --precision and --device out")
        }
        let session = try ONNXRuntimeSession(network)
        let learned = try session.card.task(
            of: network, head: session.card.head ?? .linear(outputs: session.card.network.classes))
        switch learned.outputs {
        case .pixels, .objects:
            throw ValidationError(
                "\(network) is of the task `\(learned.name)`; ONNX files are scored where there is one answer for an image. "
                    + "Score the network's own file")
        case .classes, .readings, .embeddings: break
        }
        let predictor = Predictor(path: network, card: session.card, skipBadImages: skipBadImages) {
            try session.outputs(of: $0)
        }
        return try score(predictor, session.card, learned, as: task.map { try TaskFamily.task(named: $0) } ?? learned)
    }

    private func refuseSegmentation() throws {
        guard !segmentation.isGiven else {
            throw ValidationError("--scales and --mirror are for networks of the task `\(SegmentationTask.name)`")
        }
    }

    /// The score of a network with one answer for an image.
    private func score(
        _ predictor: Predictor, _ card: NetworkFile.Card, _ learned: any RecognitionTask.Type,
        as kind: any RecognitionTask.Type
    ) throws -> [(String, String)] {
        try refuseSegmentation()
        guard cocoResults == nil else {
            throw ValidationError("--coco-results is for detectors; \(network) is of the task `\(learned.name)`")
        }
        let isOfClasses = !card.classNames.isEmpty
        if case .classes = kind.outputs {
            guard isOfClasses else { throw Self.wrongTask(network, learned, kind) }
        } else {
            guard learned == kind else { throw Self.wrongTask(network, learned, kind) }
        }
        // Of people, the order of a gallery is scored, and only the test has one.
        if case .embeddings = kind.outputs, let split, split != "test" {
            throw ValidationError(
                "a network of the task `\(kind.name)` is scored on queries and their gallery: --split test")
        }
        let opened = try kind.scoring(data, with: TaskSource.open)
        var part = try chosenPart(of: opened.data)
        ImageNotes.orientation(of: part, card)
        var scored: any RecognitionTask = opened
        if isOfClasses {
            part = try NetworkClasses.labelled(part, by: card.classNames, name: data)
            scored = ClassificationTask(OpenedDataset(train: part))
        }
        let score = try predictor.score(scored, on: part)
        let metrics = scored.metrics.filter { !isOfClasses || $0 == .accuracy }
        return metrics.compactMap { metric in
            score.metrics[metric.name].map { (metric.name, metric.unit.text($0)) }
        } + (isOfClasses ? [("cross-entropy", String(score.metrics["loss"] ?? .nan))] : [])
            + [("images", Console.grouped(score.count ?? 0))]
    }

    /// The score of a network for segmentation on whole images.
    private func pixels(_ file: NetworkFile, _ task: any RecognitionTask) throws -> [(String, String)] {
        guard let task = task as? SegmentationTask else { throw ValidationError("\(data) has no label maps") }
        let part = try chosenPart(of: task.data)
        ImageNotes.orientation(of: part, file.card)
        let progress = ProgressReporter()
        defer { progress.finish() }
        let score = SegmentationScore(
            segmenter: try ImageSegmenter(file, options: segmentation.options(), precision: chosenPrecision),
            skipBadImages: skipBadImages)
        return try score.rows(task, part, name: data) {
            progress.update(ProgressState(phase: "evaluate", step: $0, steps: part.count, imagesPerStep: 1))
        }
    }

    /// The scores of a detector on whole images.
    private func objects(_ file: NetworkFile, hasMasks: Bool) throws -> [(String, String)] {
        let (parts, part) = try detectionPart()
        if let cocoResults { try AtomicFile.check(cocoResults) }
        ImageNotes.orientation(of: part, file.card)
        let known = file.card.classNames
        // Classes that the data has and the network does not know would only be missed.
        _ = try NetworkClasses.places(of: parts.classNames, among: known, name: data)
        let labels = known.map { name in parts.classNames.firstIndex(of: name).map { parts.categories[$0] } }
        let progress = ProgressReporter()
        defer { progress.finish() }
        let results = try ImageDetector(file, precision: chosenPrecision).results(
            on: part, labels: labels, skipBadImages: skipBadImages
        ) { progress.update(ProgressState(phase: "evaluate", step: $0, steps: part.count, imagesPerStep: 1)) }
        if let cocoResults {
            try AtomicFile.write(results.json(), to: cocoResults)
            Console.say("wrote \(cocoResults): \(Console.grouped(results.findings.count)) findings")
        }
        return try rows(results, parts, part, kinds: hasMasks && part.hasMasks ? [.boxes, .masks] : [.boxes])
    }

    /// The scores of a file of findings, of boxes and, where it has masks, of masks.
    private func findings() throws -> [(String, String)] {
        let results = try COCOResults(at: network)
        let (parts, part) = try detectionPart()
        return try rows(
            results, parts, part,
            kinds: results.findings.contains { $0.mask != nil } ? [.boxes, .masks] : [.boxes])
    }

    private func detectionPart() throws -> (DetectionParts, DetectionDataset) {
        let parts =
            DatasetCatalogue.detectionNames.contains(data)
            ? try DatasetCatalogue.openDetection(data) { Console.say($0) } : try DetectionParts.open(data)
        DataSource.say(parts.opened)
        let named = Dictionary(uniqueKeysWithValues: parts.named.map { ($0.name, $0.part) })
        // A lone validation part is what is scored at the end.
        let chosen = try split.map { split in
            guard let part = named[split] else { throw ValidationError("\(data) has no \(split) split") }
            return part
        }
        return (parts, chosen ?? parts.test ?? parts.validation ?? parts.train)
    }

    private func rows(
        _ results: COCOResults, _ parts: DetectionParts, _ part: DetectionDataset, kinds: [ObjectScoring.Kind]
    ) throws -> [(String, String)] {
        var rows: [(String, String)] = []
        for kind in kinds {
            let scores = try ObjectScoring(part, categories: parts.categories, kind: kind)(results)
            rows += scores.scores.figures.map { name, value in
                ((kinds.count > 1 ? "\(kind.rawValue) " : "") + name, value.map { String(format: "%.4f", $0) } ?? "–")
            }
            let shown = zip(parts.classNames, scores.averages()).compactMap { name, value in
                value.map { ("  " + name, String(format: "%.4f", $0)) }
            }
            rows += shown
        }
        return rows + [("images", Console.grouped(part.count)), ("findings", Console.grouped(results.findings.count))]
    }

    private static func wrongTask(
        _ network: String, _ learned: any RecognitionTask.Type, _ asked: any RecognitionTask.Type
    ) -> ValidationError {
        ValidationError("\(network) is a network of the task `\(learned.name)`, not of `\(asked.name)`")
    }
}

/// Matches the classes of images with those of a network.
enum NetworkClasses {
    /// Relabels images by the network's classes, which are matched by name. The images may be of some of the classes,
    /// in any order.
    ///
    /// - Parameters:
    ///   - images: the images, labelled by their own classes.
    ///   - known: the network's classes.
    ///   - name: the name of the images, for messages.
    /// - Throws: `DatasetError` that names each unknown class that has images, and the nearest known ones.
    static func labelled(
        _ images: any ImageDataset, by known: [String], name: String
    ) throws -> any ImageDataset {
        guard images.classNames != known else { return images }
        let used = Set((0..<images.count).map(images.label)).sorted().map { images.classNames[$0] }
        _ = try places(of: used, among: known, name: name)
        return try RelabelledDataset(images, classNames: known, name: name)
    }

    /// The places of class names among those of a network.
    ///
    /// - Parameters:
    ///   - names: the names.
    ///   - known: the network's classes.
    ///   - name: the name of the images, for messages.
    /// - Throws: `DatasetError` that names each unknown class, and the nearest known ones.
    static func places(of names: [String], among known: [String], name: String) throws -> [Int] {
        let unknown = names.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw DatasetError(
                .malformed, file: name,
                problems: unknown.map { className in
                    let nearest = NearestKeys.of(className, among: known)
                    return .init(
                        "the network does not know the class `\(className)`"
                            + (nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: ", "))?"))
                },
                advice: "Rename the classes, or leave them out. The network knows "
                    + "\(known.prefix(12).joined(separator: ", "))"
                    + (known.count > 12 ? " and \(known.count - 12) others." : "."))
        }
        return names.compactMap(known.firstIndex(of:))
    }
}
