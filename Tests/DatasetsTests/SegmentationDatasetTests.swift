import TestImages
import Testing

@testable import Datasets

@Suite final class SegmentationDatasetTests {
    /// Folders that last as long as a test.
    private var kept: [TemporaryFolder] = []

    /// A grey picture of one value, or of these.
    private func grey(_ values: UInt8..., width: Int = 2, height: Int = 2) throws -> [UInt8] {
        let pixels = values.count == 1 ? [UInt8](repeating: values[0], count: width * height) : values
        return try Image(width: width, height: height, channels: 1, pixels: pixels).pngData()
    }

    private func colours(_ colours: PixelColour...) throws -> [UInt8] {
        let pixels = colours.flatMap { [$0.red, $0.green, $0.blue] }
        return try Image(width: colours.count, height: 1, channels: 3, pixels: pixels).pngData()
    }

    private func folder(_ files: [(String, [UInt8])], classes: String? = nil) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, bytes) in files { try folder.write(bytes, to: name) }
        if let classes { try folder.write(classes, to: "classes.txt") }
        return folder
    }

    private func open(_ folder: TemporaryFolder) throws -> SegmentationParts {
        kept.append(folder)
        let parts = try SegmentationParts.open(folder.path)
        let opened = try openDataset(at: folder.path)
        #expect(opened.layout == parts.layout && opened.train.annotationKind == .map)
        #expect(opened.train.count == parts.train.count && opened.notes == parts.notes)
        return parts
    }

    private func classes(_ dataset: SegmentationDataset, _ index: Int = 0) throws -> [UInt8] {
        guard case .map(let map) = try dataset.annotation(at: index) else { throw AnnotationError("no map") }
        return map.classes
    }

    // MARK: - Layouts

    @Test func theLayoutOfADE20KCountsFromOneAndIgnoresNought() throws {
        let files = [
            ("images/training/ADE_train_00000001.jpg", try grey(9)),
            ("annotations/training/ADE_train_00000001.png", try grey(0, 1, 2, 150)),
            ("images/training/ADE_train_00000002.jpg", try grey(9)),
            ("images/validation/ADE_val_00000001.jpg", try grey(9)),
            ("annotations/validation/ADE_val_00000001.png", try grey(3)),
            ("annotations/validation/ADE_val_00000007.png", try grey(3)), ("objectInfo150.txt", Array("Idx".utf8)),
        ]
        let folder = try folder(files)
        let parts = try open(folder)
        #expect(parts.layout == .ade20k && parts.classes == .ade20k && parts.classes.names.count == 150)
        #expect(parts.train.count == 1 && parts.validation?.count == 1 && parts.test == nil)
        #expect(try classes(parts.train) == [255, 0, 1, 149])
        #expect(parts.leftOut.images == [folder.file("images/training/ADE_train_00000002.jpg")])
        #expect(parts.leftOut.masks == [folder.file("annotations/validation/ADE_val_00000007.png")])
        #expect(parts.notes.first?.contains("1 image without a mask, such as") == true)
        // Another set in that layout names its classes.
        try folder.write("wall\ntree\n", to: "classes.txt")
        let other = try open(folder)
        #expect(other.classes.names == ["wall", "tree"])
        expectError(.malformed, "ADE_train_00000001.png", "row 1, column 1 has the value 150", "none of the 2 classes")
        {
            _ = try classes(other.train)
        }
        expectError(.unrecognised, "a class for each pixel") {
            _ = try openDataset(at: folder.path).withSeveralClasses(folder.path)
        }
        guard case .segmentation = try TaskDataset.open(at: folder.path) else { throw AnnotationError("no maps") }
    }

    @Test func theLayoutOfCityscapesHasNineteenClasses() throws {
        func pair(_ split: String, _ city: String, _ mask: [UInt8]) throws -> [(String, [UInt8])] {
            let stem = "\(split)/\(city)/\(city)_000000_000019"
            return [
                ("leftImg8bit/\(stem)_leftImg8bit.png", try grey(9)), ("gtFine/\(stem)_gtFine_labelIds.png", mask),
                ("gtFine/\(stem)_gtFine_instanceIds.png", try grey(9)),
            ]
        }
        let parts = try open(
            folder(
                pair("train", "ulm", grey(7, 33, 4, 255)) + pair("train", "aachen", grey(8))
                    + pair("val", "lindau", grey(0)) + pair("test", "bonn", grey(0))))
        #expect(parts.layout == .cityscapes && parts.train.count == 2 && parts.validation?.count == 1)
        #expect(parts.test == nil && parts.notes.contains { $0.contains("1 images of test") })
        #expect(try classes(parts.train, 0) == [1, 1, 1, 1])
        #expect(try classes(parts.train, 1) == [0, 18, 255, 255])
        #expect(parts.classes.names.count == 19 && parts.classes.names[18] == "bicycle")
        #expect(
            PixelClasses.cityscapesIDs == [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33])
    }

    @Test func theLayoutOfVOCListsItsImagesAndHasAPalette() throws {
        let palette = try #require(SegmentationGoldens.shared.get().masks.first { $0.name == "palette of 4 bits" })
        let folder = try folder([
            ("JPEGImages/a.jpg", grey(9, width: 11, height: 7)), ("SegmentationClass/a.png", Array(palette.file)),
            ("JPEGImages/b.jpg", grey(9)), ("SegmentationClass/b.png", grey(0, 20, 255, 1)),
            ("JPEGImages/c.jpg", grey(9)), ("Annotations/a.xml", []),
            ("ImageSets/Segmentation/train.txt", Array("b\nc\n".utf8)),
            ("ImageSets/Segmentation/val.txt", Array("a\n".utf8)),
        ])
        let parts = try open(folder)
        #expect(parts.layout == .voc && parts.classes == .pascalVOC && parts.train.count == 1)
        #expect(try classes(parts.train) == [0, 20, 255, 1])
        // Indices, not colours.
        #expect(try classes(#require(parts.validation)) == palette.values)
        #expect(parts.leftOut.images == [folder.file("JPEGImages/c.jpg")] && parts.leftOut.masks.isEmpty)
        #expect(PixelClasses.pascalVOC.colours[1] == PixelColour(128, 0, 0))
        #expect(PixelClasses.pascalVOC.colours[15] == PixelColour(192, 128, 128))
        try folder.write("b\nb\nd\n", to: "ImageSets/Segmentation/train.txt")
        expectError(.malformed, "line 2: b stands twice", "line 3: there is neither") { _ = try open(folder) }
    }

    @Test func plainMasksAreReadByNumbersAndByColours() throws {
        let (red, green, black) = (PixelColour(255, 0, 0), PixelColour(0, 255, 0), PixelColour(0, 0, 0))
        let images = [("images/a.jpg", try grey(9)), ("images/deep/b.png", try grey(9, width: 3, height: 1))]
        let masks = [
            ("masks/a.png", try grey(0, 1, 255, 1)), ("masks/deep/b.png", try colours(red, black, green)),
            ("masks/deep/c.jpg", try grey(1)),
        ]
        let parts = try open(
            folder(images + masks, classes: "ground  #ff0000\nbird of prey #00ff00\r\n\nignore #000000\n"))
        #expect(parts.layout == .imagesAndMasks && parts.classes.names == ["ground", "bird of prey"])
        #expect(parts.validation == nil && parts.train.count == 2)
        #expect(try classes(parts.train, 0) == [0, 1, 255, 1])
        #expect(try classes(parts.train, 1) == [0, 255, 1])
        let split = try stratifiedSplit(of: parts.train, validationFraction: 0.5, seed: 0)
        #expect(split.train.count == 1 && split.validation.annotationKind == .map)
        // What is ignored may stand anywhere: classes behind it move up.
        let shifted = try open(
            folder([("images/a.jpg", grey(9)), ("masks/a.png", grey(0, 1, 2, 2))], classes: "ignore\nx\ny\n"))
        #expect(shifted.classes.names == ["x", "y"] && shifted.classes.colours == PixelClasses.distinctColours(2))
        #expect(try classes(shifted.train) == [255, 0, 1, 1])
        let uncoloured = try open(folder(images + masks, classes: "ground\nbird\n"))
        expectError(.malformed, "b.png", "tells no colours") { _ = try classes(uncoloured.train, 1) }
        let other = try open(folder(images + masks, classes: "ground #ff0000\nbird #00fe00\nignore #000000\n"))
        expectError(.malformed, "row 0, column 2 has the colour #00ff00") { _ = try classes(other.train, 1) }
    }

    @Test func palettesAreReadByColoursWhereTheseAreTheClasses() throws {
        let mask = try #require(SegmentationGoldens.shared.get().masks.first { $0.name == "palette of 1 bits" })
        let palette = try #require(mask.palette)
        let (first, second) = (
            PixelColour(palette[0], palette[1], palette[2]), PixelColour(palette[3], palette[4], palette[5])
        )
        let files = [("images/a.png", try grey(9, width: 11, height: 7)), ("masks/a.png", Array(mask.file))]
        let swapped = try open(folder(files, classes: "b \(second.hex)\na \(first.hex)\n"))
        #expect(try classes(swapped.train) == mask.values.map { 1 - $0 })
        let indices = try open(folder(files, classes: "a #000001\nb #000002\n"))
        #expect(try classes(indices.train) == mask.values)
    }

    @Test func partsOfTheFoldersAreParts() throws {
        let one = try grey(0)
        var files = ["train/1", "train/2", "val/3"].flatMap { [("images/\($0).jpg", one), ("masks/\($0).png", one)] }
        files.append(("images/test/4.jpg", one))
        let parts = try open(folder(files, classes: "a\nb\n"))
        #expect(parts.train.count == 2 && parts.validation?.count == 1 && parts.test == nil)
        files.append(("masks/test/4.png", one))
        #expect(try open(folder(files, classes: "a\nb\n")).test?.count == 1)
        let uneven = try folder(
            [("images/train/1.png", one), ("masks/train/1.png", one), ("images/val/2.png", one)], classes: "a\nb\n")
        expectError(.unrecognised, "has no part for validation") { _ = try open(uneven) }
    }

    @Test func whatCannotBePairedIsSaid() throws {
        let one = try grey(0)
        let twins = try folder(
            [("images/a.png", one), ("images/a.jpg", one), ("masks/a.png", one)], classes: "a\nb\n")
        expectError(.malformed, "share the mask a.png") { _ = try open(twins) }
        let strangers = try folder([("images/a.png", one), ("masks/b.png", one)], classes: "a\nb\n")
        expectError(.empty, "no image to learn from", "1 image without a mask") { _ = try open(strangers) }
        let nameless = try folder([("images/a.png", one), ("masks/a.png", one)])
        expectError(.unrecognised, "segmentation", "classes.txt") { _ = try openDataset(at: nameless.path) }
        expectError(.unrecognised, "no images and masks") { _ = try SegmentationParts.open(nameless.path) }
        expectError(.unreadable, "cannot be read") { _ = try SegmentationParts.open(nameless.file("missing")) }
    }

    @Test(
        arguments: [
            ("a\nb\nA\n", "line 3: the class A stands twice"), ("a #ff0000\nb #FF0000\n", "line 2: the colour #ff0000"),
            ("a #ff00\nb #00ff00\n", "line 1: #ff00 is no colour"), ("a #ff0000\nb\n", "1 of 2 classes have colours"),
            ("\n\n", "names no class"), ("ignore\n", "names no class"),
            ((0..<256).map { "c\($0)" }.joined(separator: "\n"), "256 lines"),
        ])
    func classesThatMakeNoSenseAreRefused(text: String, words: String) throws {
        let one = try grey(0)
        let folder = try folder([("images/a.png", one), ("masks/a.png", one)], classes: text)
        expectError(.malformed, "classes.txt", words) { _ = try SegmentationParts.open(folder.path) }
    }

    // MARK: - Looking at them

    @Test func pixelsAreCountedAndWhatIsWrongIsSaid() throws {
        let files = [
            ("images/a.png", try grey(9)), ("masks/a.png", try grey(0, 0, 1, 255)),
            ("images/b.png", try grey(9)), ("masks/b.png", try grey(1)),
            ("images/c.png", try grey(9, width: 4)), ("masks/c.png", try grey(1)),
            ("images/d.png", try grey(9)), ("masks/d.png", try grey(7)),
            ("images/e.png", try grey(9)), ("masks/e.png", Array("nothing".utf8)),
        ]
        let parts = try open(folder(files, classes: "a\nb\nnever\n"))
        let counts = PixelCounts(of: parts.train)
        #expect(counts.classes == [2, 5, 0] && counts.ignored == 1 && counts.images == [1, 2, 0])
        #expect(counts.lookedAt == 5 && counts.total == 8 && counts.problems.count == 3)
        #expect(counts.problems[0].contains("masks/c.png: the mask has 2x2 pixels and its image 4x2"))
        #expect(counts.problems[1].contains("masks/d.png") && counts.problems[2].contains("masks/e.png"))
        let twice = counts + counts
        #expect(twice.classes == [4, 10, 0] && twice.lookedAt == 10 && twice.problems.count == 6)
        #expect(PixelCounts(of: parts.train, limit: 1).lookedAt == 1)
    }

    @Test func aSheetShowsImagesBesideTheirClasses() throws {
        let files = (0..<5).flatMap { number in
            [("images/\(number).png", try? grey(90)), ("masks/\(number).png", try? grey(UInt8(number % 3)))]
        }.compactMap { name, bytes in bytes.map { (name, $0) } }
        let parts = try open(folder(files, classes: "a #ff0000\nb #00ff00\nc #0000ff\n"))
        let sheet = ContactSheet(ofMaps: parts.train, title: "maps", pairsPerRow: 3, rows: 1, cell: 8)
        try #require(sheet.rows.count == 1)
        #expect(sheet.rows[0].images.count == 6 && sheet.rows[0].groupStarts == [0, 2, 4])
        // Each class is there, though there is room for three of five images.
        #expect(sheet.legend.map(\.name) == ["a", "b", "c"])
        let overlay = sheet.rows[0].images[1]
        #expect(overlay.width == 8 && overlay.height == 8)
        #expect(Set(sheet.rows[0].images.map(\.pixels)).count == 4)
        let drawn = sheet.render()
        let red = (0..<drawn.width * drawn.height).count {
            Array(drawn.pixels[3 * $0..<3 * $0 + 3]) == [255, 0, 0]
        }
        #expect(red == 16 * 16)
    }

    @Test func loadersGiveImagesWithTheirMaps() throws {
        let files = [
            ("images/a.png", try grey(9, width: 6, height: 4)), ("masks/a.png", try grey(1, width: 6, height: 4)),
            ("images/b.png", try grey(9, width: 3, height: 3)), ("masks/b.png", try grey(0, width: 3, height: 3)),
        ]
        let parts = try open(folder(files, classes: "a\nb\n"))
        let image = try parts.train.image(at: 0, decoding: ImageDecoding())
        let steps = try Augmentation.segmentationEvaluation(crop: 8).sample(
            width: image.width, height: image.height, seed: 0, epoch: 0, index: 0, view: 0)
        let result = try parts.train.annotation(at: 0).applying(steps, height: image.height, width: image.width)
        guard case .map(let map) = result else { throw AnnotationError("no map") }
        #expect(map.height == 8 && map.width == 8 && Set(map.classes) == [1])
        expectError(.invalidArgument, "no sample 2") { _ = try parts.train.annotation(at: 2) }
        #expect(parts.train.mark(at: 0).contains("+"))
    }
}
