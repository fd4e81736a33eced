import Datasets
import Detectors
import Metrics
import Results
import Support
import Torch
import Training

/// A meter of detectors: it holds what is found in each image against the image's objects, in pixels of the image as it is
/// stored, as COCO's evaluation does. For pages it keeps what is surest.
struct ObjectMeter: ScoreMeter {
    private let names: [String]
    private let hasMasks: Bool
    private var boxes: AveragePrecision?
    private var masks: AveragePrecision?
    private var images = 0
    private var kept: [ObjectExample] = []

    /// The least probability and the number of an image's findings that pages show.
    private static let (shownScore, mostShown) = (Float(0.5), 50)

    init(names: [String], hasMasks: Bool) {
        (self.names, self.hasMasks) = (names, hasMasks)
        boxes = try? AveragePrecision(classes: names.count)
        masks = hasMasks ? boxes : nil
    }

    mutating func add(_ outputs: Tensor, _ truth: ScoredBatch) throws {
        guard let objects = truth.boxes, truth.frames.count == objects.count else {
            throw TrainingError.badOption("task.name", "is for images with boxes, and these have none")
        }
        let found = try FoundObject.unpacked(outputs)
        for (number, objects) in objects.enumerated() {
            let frame = truth.frames[number]
            try add(
                found[number].compactMap { $0.scaled(from: frame.seen, to: frame.stored) },
                objects.enumerated().map { place, object in DetectionObject(object, id: place + 1) },
                size: frame.stored, place: truth.images[number])
        }
    }

    /// Adds what was found in an image, in pixels of the image.
    mutating func add(
        _ found: [FoundObject], _ objects: [DetectionObject], size: ImageSize, place: Int
    ) throws {
        let findings = found.map { $0.finding(image: place, category: $0.label, size: size) }
        let labels = Set(objects.map(\.label) + found.map(\.label)).filter(names.indices.contains).sorted()
        for label in labels {
            let own = objects.filter { $0.label == label }
            let named = findings.filter { $0.category == label }
            try boxes?.add(label, own, named, size: size, path: "image \(place)", comparing: .boxes)
            try masks?.add(label, own, named, size: size, path: "image \(place)", comparing: .masks)
        }
        images += 1
        let shown = zip(found, findings).filter { $0.0.score >= Self.shownScore }.prefix(Self.mostShown)
        kept.append(
            ObjectExample(
                image: place, height: size.height, width: size.width,
                actual: objects.map { ObjectExample.Shape($0, size: size) },
                found: shown.map { object, finding in
                    ObjectExample.Shape(
                        label: object.label, score: Double(object.score), place: finding.place ?? SIMD4(repeating: 0),
                        mask: finding.mask?.compressed)
                }))
    }

    func score() throws -> Score {
        guard images > 0, let boxes else { throw TrainingError.nothingToScore }
        func metrics(_ scores: AveragePrecision, _ prefix: String) -> [String: Double] {
            Dictionary(
                scores.scores.figures.compactMap { figure in figure.value.map { (prefix + figure.name, $0) } },
                uniquingKeysWith: { first, _ in first })
        }
        let main = masks ?? boxes
        guard let value = main.scores.ap else { throw TrainingError.nothingToScore }
        return Score(
            value, standardError: nil,
            metrics: metrics(boxes, "").merging(masks.map { metrics($0, "mask ") } ?? [:]) { first, _ in first },
            count: images)
    }

    /// The score and the main two averages: twelve curves would tell no more.
    func figures() throws -> [String: Double] {
        let main = hasMasks ? ["mask AP", "mask AP50"] : ["AP", "AP50"]
        return try score().figures.filter { $0.key == "score" || main.contains($0.key) }
    }

    func examples() throws -> [Examples] {
        guard images > 0, let main = masks ?? boxes else { return [] }
        let curves = names.indices.compactMap { main.curves($0) }
        func mean(_ thresholds: Range<Int>) -> [Double] {
            AveragePrecision.recalls.indices.map { point in
                let values = curves.flatMap { curve in thresholds.map { curve[$0].precisions[point] } }
                return values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
            }
        }
        let thresholds = AveragePrecision.thresholds.indices
        return [
            Examples(
                images: kept.map(\.image),
                .objects(
                    ObjectFigures(
                        names: names, comparesMasks: hasMasks,
                        curves: [
                            .init(name: "overlap 0.5", precisions: mean(0..<1)),
                            .init(name: "overlap 0.75", precisions: mean(5..<6)),
                            .init(name: "mean of 0.5 to 0.95", precisions: mean(thresholds)),
                        ],
                        classes: names.indices.map { label in
                            ObjectFigures.OfClass(
                                objects: AveragePrecision.Size.allCases.map { main.objectCount(label, $0) },
                                averages: AveragePrecision.Size.allCases.map { size in
                                    main.curves(label, size).map {
                                        $0.map(\.average).reduce(0, +) / Double($0.count)
                                    }
                                })
                        }), shown: ObjectExample.chosen(kept)))
        ]
    }
}

extension DetectionObject {
    /// An object as transforms took it along.
    init(_ object: AnnotatedBox, id: Int) {
        let box = object.box
        self.init(
            id: id, place: SIMD4(Double(box.x0), Double(box.y0), Double(box.width), Double(box.height)),
            label: object.label, isCrowd: object.isCrowd, area: object.area, mask: object.mask)
    }
}

extension FoundObject {
    /// The object as COCO's results have it, in an image of this size.
    ///
    /// - Parameters:
    ///   - image: the number of the image.
    ///   - category: the number of the class.
    ///   - size: the size of the image, in whose pixels the box is.
    public func finding(image: Int, category: Int, size: ImageSize) -> COCOResults.Finding {
        COCOResults.Finding(
            image: image, category: category, score: Double(score),
            place: SIMD4(Double(box[0]), Double(box[1]), Double(box[2] - box[0]), Double(box[3] - box[1])),
            mask: pixels(in: size))
    }
}

extension ObjectExample.Shape {
    /// An object of the data.
    init(_ object: DetectionObject, size: ImageSize) {
        self.init(
            label: object.label, score: nil, place: object.place, isCrowd: object.isCrowd,
            mask: object.mask?.runLengths(height: size.height, width: size.width).compressed)
    }
}
