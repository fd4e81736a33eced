import Testing

@testable import Datasets

/// A data set in memory whose annotations are given.
struct AnnotatedImages: ImageDataset {
    let images: [Image]
    let annotations: [Annotation]
    var annotationKind: AnnotationKind
    var classNames = ["sky", "road", "car"]
    /// The samples that cannot be read.
    var bad: Set<Int> = []
    /// The samples whose annotation cannot be read.
    var badAnnotations: Set<Int> = []

    var count: Int { images.count }
    func label(at index: Int) -> Int { 0 }
    func source(at index: Int) -> String { "scene-\(index).png" }

    func image(at index: Int, decoding: ImageDecoding) throws -> Image {
        if bad.contains(index) { throw Unreadable(source: source(at: index)) }
        return images[index]
    }

    func annotation(at index: Int) throws -> Annotation {
        if badAnnotations.contains(index) { throw AnnotationError("a polygon has 3 values") }
        return annotations[index]
    }
}

@Suite struct AnnotationTests {
    private let map = LabelMap(height: 2, width: 3, classes: [0, 1, 2, 255, 1, 9])
    private let boxes = [
        AnnotatedBox(BoundingBox(x0: 0, y0: 0, x1: 2, y1: 1), label: 1),
        AnnotatedBox(BoundingBox(x0: 1, y0: 0, x1: 3, y1: 2), label: 2, isCrowd: true, area: 3),
    ]

    private func dataset(_ annotations: [Annotation], _ kind: AnnotationKind) -> AnnotatedImages {
        AnnotatedImages(
            images: annotations.indices.map { noise(3, 2, seed: UInt64($0)) }, annotations: annotations,
            annotationKind: kind)
    }

    @Test func annotationsAreLabelsUnlessADataSetSaysOtherwise() throws {
        let dataset = NoiseDataset(4)
        #expect(dataset.annotationKind == .number)
        #expect(try dataset.annotation(at: 3) == .number(1))
        let subset = try Subset(of: dataset, indices: [3, 0])
        #expect(subset.annotationKind == .number)
        #expect(try subset.annotation(at: 0) == .number(1))
        let relabelled = try RelabelledDataset(dataset, classNames: ["odd", "even"], name: "noise")
        #expect(try relabelled.annotation(at: 3) == .number(0))
    }

    @Test func subsetsKeepTheAnnotationsOfTheirSamples() throws {
        let empty = LabelMap(height: 2, width: 3, classes: [0, 0, 0, 0, 0, 0])
        let subset: any ImageDataset = try Subset(of: dataset([.map(map), .map(empty)], .map), indices: [1, 0, 1])
        #expect(subset.annotationKind == .map)
        #expect(try (0..<3).map { try subset.annotation(at: $0) } == [.map(empty), .map(map), .map(empty)])
        #expect(throws: DatasetError.self) { try subset.annotation(at: 3) }
    }

    @Test func relabellingNumbersTheClassesOfMapsAndBoxesAnew() throws {
        let names = ["car", "tree", "sky"]
        let maps: any ImageDataset = try RelabelledDataset(dataset([.map(map)], .map), classNames: names, name: "a")
        #expect(maps.annotationKind == .map)
        let ignored = LabelMap.ignored
        #expect(
            try maps.annotation(at: 0)
                == .map(LabelMap(height: 2, width: 3, classes: [2, ignored, 0, ignored, ignored, ignored])))
        let scenes: any ImageDataset = try RelabelledDataset(
            dataset([.boxes(boxes)], .boxes), classNames: names, name: "a")
        var car = boxes[1]
        car.label = 0
        #expect(try scenes.annotation(at: 0) == .boxes([car]))
    }

    @Test func relabellingAMapIgnoresWhatIsNoClass() {
        // ADE20K's files count from 1 and have 0 for what belongs to no class.
        let file = LabelMap(height: 1, width: 4, classes: [0, 1, 150, 255])
        #expect(file.relabelled { $0 - 1 }.classes == [255, 0, 149, 255])
        #expect(file.relabelled { $0 == 1 ? 300 : nil }.classes == [255, 255, 255, 255])
    }

    @Test func boxesAreClippedToTheImage() {
        let box = BoundingBox(x0: -3, y0: 2, x1: 9, y1: 14)
        #expect(box.clipped(height: 10, width: 8) == BoundingBox(x0: 0, y0: 2, x1: 8, y1: 10))
        #expect(box.area == 144 && !box.isEmpty)
        #expect(BoundingBox(x0: 9, y0: 0, x1: 12, y1: 4).clipped(height: 5, width: 8).isEmpty)
        #expect(BoundingBox(x0: .nan, y0: 0, x1: 12, y1: 4).isEmpty)
        #expect(boxes[0].area == 2 && boxes[1].area == 3)
    }
}
