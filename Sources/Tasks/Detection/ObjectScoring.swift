import Datasets
import Metrics
import Support

/// Holds what a detector found against the objects of images, as COCO's evaluation does.
public struct ObjectScoring: Sendable {
    /// What is compared.
    public enum Kind: String, Sendable, CaseIterable {
        case boxes, masks
    }

    /// The images with their objects.
    public let images: DetectionDataset
    /// The number of each class in the findings.
    public let categories: [Int]
    /// What is compared.
    public let kind: Kind

    /// Scoring of boxes or masks.
    ///
    /// - Parameters:
    ///   - images: the images with their objects.
    ///   - categories: the number of each class in the findings.
    ///   - kind: what is compared.
    public init(_ images: DetectionDataset, categories: [Int], kind: Kind) {
        (self.images, self.categories, self.kind) = (images, categories, kind)
    }

    /// The scores of all findings. Findings without what is compared are passed over, and so are objects.
    ///
    /// - Throws: `DatasetError` that lists findings of images or categories that there are not, or whose masks have another
    ///   size than the objects'; `TaskMetricError` where there is no class.
    public func callAsFunction(_ results: COCOResults) throws -> AveragePrecision {
        let places = Dictionary(images.images.enumerated().map { ($1.id, $0) }) { first, _ in first }
        let labels = Dictionary(categories.enumerated().map { ($1, $0) }) { first, _ in first }
        var problems: [DatasetError.Problem] = []
        // By image and class, in the order of the file.
        var found = [[Int]](repeating: [], count: images.count * categories.count)
        for (number, finding) in results.findings.enumerated() {
            guard let place = places[finding.image] else {
                problems.append(
                    .init("finding \(number) is of image \(finding.image), which is not among those scored"))
                continue
            }
            guard let label = labels[finding.category] else {
                problems.append(.init("finding \(number) has the category \(finding.category), which there is not"))
                continue
            }
            if kind == .boxes || finding.mask != nil { found[place * categories.count + label].append(number) }
        }
        guard problems.isEmpty else {
            throw DatasetError(
                .malformed, problems: problems,
                advice: "Give the findings of the images that are scored, and of their categories.")
        }
        var scores = try AveragePrecision(classes: categories.count)
        for (place, image) in images.images.enumerated() {
            for label in categories.indices {
                let own = found[place * categories.count + label]
                let objects = image.objects.filter { $0.label == label }
                guard !own.isEmpty || !objects.isEmpty else { continue }
                try scores.add(
                    label, objects, own.map { results.findings[$0] }, size: image.size, path: image.path,
                    comparing: kind)
            }
        }
        return scores
    }
}

extension AveragePrecision {
    /// Adds what was found of one class in one image.
    ///
    /// - Parameters:
    ///   - label: the class.
    ///   - objects: the objects of the class in the image; those without what is compared are passed over.
    ///   - findings: what was found of it.
    ///   - size: the size of the image; nil where it is not known.
    ///   - path: the path of the image, for messages.
    ///   - kind: what is compared.
    /// - Throws: `DatasetError` for masks of another size than the image's; `TaskMetricError` for scores that are no numbers.
    mutating func add(
        _ label: Int, _ objects: [DetectionObject], _ findings: [COCOResults.Finding], size: ImageSize?, path: String,
        comparing kind: ObjectScoring.Kind
    ) throws {
        switch kind {
        case .boxes:
            let boxes = findings.map { finding -> SIMD4<Double> in
                finding.place
                    ?? finding.mask?.bounds.map {
                        SIMD4(Double($0.x0), Double($0.y0), Double($0.width), Double($0.height))
                    } ?? SIMD4(repeating: 0)
            }
            try add(
                class: label, objects: objects.map { .init(area: $0.area, isCrowd: $0.isCrowd) },
                detections: zip(findings, boxes).map { .init(score: $0.score, area: $1[2] * $1[3]) }
            ) {
                Self.overlap(of: boxes[$0], with: objects[$1].place, isCrowd: objects[$1].isCrowd)
            }
        case .masks:
            let masked = objects.filter { $0.mask != nil }
            let runs = masked.compactMap { object in
                size.flatMap { object.mask?.runLengths(height: $0.height, width: $0.width) }
            }
            let masks = findings.compactMap(\.mask)
            for mask in masks {
                guard let size, mask.height == size.height, mask.width == size.width else {
                    throw DatasetError(
                        .malformed, file: path,
                        "a finding has a mask of \(mask.width) x \(mask.height) pixels, the image "
                            + (size.map { "\($0.width) x \($0.height)" } ?? "no known size"),
                        advice: "Give masks of the size of their images.")
                }
            }
            guard runs.count == masked.count else { return }
            try add(
                class: label, objects: masked.map { .init(area: $0.area, isCrowd: $0.isCrowd) },
                detections: zip(findings, masks).map { .init(score: $0.score, area: Double($1.area)) }
            ) {
                masks[$0].overlap(with: runs[$1], isCrowd: masked[$1].isCrowd)
            }
        }
    }
}
