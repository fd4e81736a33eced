import Support
import TestImages
import Testing

@testable import Datasets

@Suite final class DetectionDatasetTests {
    private func png(_ width: Int = 20, _ height: Int = 10) throws -> [UInt8] {
        try Image(
            width: width, height: height, channels: 1, pixels: [UInt8](repeating: 90, count: width * height)
        ).pngData()
    }

    private func folder(_ files: [(String, String)], images: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(text, to: name) }
        for name in images { try folder.write(png(), to: name) }
        return folder
    }

    /// A file of COCO with these annotations, of two images and two categories.
    private func coco(
        _ annotations: String, images: String? = nil,
        categories: String = #"{"id": 7, "name": "dog"}, {"id": 2, "name": "cat"}"#
    ) -> String {
        let images =
            images
            ?? #"{"id": 5, "file_name": "b.png", "height": 10, "width": 20}, "#
            + #"{"id": 3, "file_name": "a.png", "height": 10, "width": 20}"#
        return """
            {"info": {}, "images": [\(images)], "categories": [\(categories)], "annotations": [\(annotations)]}
            """
    }

    @Test func cocoIsReadWithBoxesMasksAndCrowds() throws {
        let annotations = """
            {"id": 1, "image_id": 3, "category_id": 7, "bbox": [1.5, 2, 4, 5.25], "area": 12.5, "iscrowd": 0,
             "segmentation": [[1, 2, 5, 2, 5, 7], [1, 1, 2]]},
            {"id": 2, "image_id": 5, "category_id": 2, "bbox": [0, 0, 20, 10], "area": 3, "iscrowd": 1,
             "segmentation": {"size": [10, 20], "counts": [190, 10]}},
            {"id": 3, "image_id": 5, "category_id": 2, "segmentation": {"size": [10, 20], "counts": "04dT6"}},
            {"id": 4, "image_id": 5, "category_id": 2, "bbox": [3, 3, 0, 4], "area": 1},
            {"id": 5, "image_id": 5, "category_id": 2, "bbox": [30, 3, 2, 4], "area": 1}
            """
        let whole = try RunLengths(height: 10, width: 20, counts: [0, 20, 180])
        let text = annotations.replacing("04dT6", with: whole.compressed)
        let folder = try folder(
            [
                ("annotations/instances_train2017.json", coco(text)), ("annotations/captions_train2017.json", "{"),
                (
                    "annotations/instances_val2017.json",
                    coco(#"{"id": 9, "image_id": 3, "category_id": 7, "bbox": [0, 0, 1, 1]}"#)
                ),
            ], images: ["train2017/a.png", "train2017/b.png", "val2017/a.png"])
        let parts = try DetectionParts.open(folder.path)
        #expect(parts.layout == .coco && parts.classNames == ["cat", "dog"] && parts.categories == [2, 7])
        #expect(parts.train.images.map(\.id) == [3, 5] && parts.train.count == 2)
        let first = try #require(parts.train.images.first?.objects.first)
        #expect(first.place == [1.5, 2, 4, 5.25] && first.label == 1 && first.area == 12.5 && !first.isCrowd)
        guard case .polygons(let polygons) = first.mask else { throw AnnotationError("no polygons") }
        #expect(polygons.count == 1)
        let others = parts.train.images[1].objects
        #expect(others.map(\.id) == [2, 3] && others[0].isCrowd)
        // The box of one that has a mask alone is that around it.
        #expect(others[1].place == [0, 0, 2, 10] && others[1].area == 20)
        #expect(parts.unusable == UnusableObjects(withoutArea: 1, outside: 1))
        #expect(parts.validation?.count == 1 && parts.missing == [folder.file("val2017/b.png")])
        #expect(parts.notes.contains { $0.contains("1 object without an area; 1 object outside of their image") })
        guard case .boxes(let boxes) = try parts.train.annotation(at: 0) else { throw AnnotationError("no boxes") }
        #expect(boxes[0].box == BoundingBox(x0: 1.5, y0: 2, x1: 5.5, y1: 7.25) && boxes[0].area == 12.5)
        guard case .detection(let again) = try TaskDataset.open(at: folder.path) else {
            throw AnnotationError("no detection")
        }
        #expect(again.train.images == parts.train.images && again.opened.train.annotationKind == .boxes)
        #expect(parts.train.hasMasks && parts.named.map(\.name) == ["train", "validation"])
        expectError(.unrecognised, "boxes") { _ = try parts.opened.withSeveralClasses("x") }
    }

    @Test func partsMayHaveFoldersOfTheirOwn() throws {
        let text = coco(#"{"id": 1, "image_id": 3, "category_id": 7, "bbox": [0, 0, 1, 1]}"#)
        let folder = try folder(
            [("train/_annotations.coco.json", text), ("valid/_annotations.coco.json", text)],
            images: ["train/a.png", "train/b.png", "valid/a.png", "valid/b.png"])
        let parts = try DetectionParts.open(folder.path)
        #expect(parts.train.count == 2 && parts.validation?.count == 2 && parts.notes.isEmpty)
        #expect(parts.validation?.source(at: 0) == folder.file("valid/a.png"))
    }

    @Test func whatIsWrongInCOCOIsListed() throws {
        func refused(_ text: String, _ words: String...) throws {
            let folder = try self.folder([("annotations/instances_train.json", text)], images: ["images/a.png"])
            do throws(DatasetError) {
                _ = try DetectionParts.open(folder.path)
                Issue.record("accepted: \(text)")
            } catch {
                for word in words { #expect("\(error)".contains(word), "\(error)") }
                #expect("\(error)".contains("instances_train.json"))
            }
        }
        let box = #""bbox": [0, 0, 1, 1]"#
        let good = #"{"id": 1, "image_id": 3, "category_id": 7, \#(box)}"#
        try refused(coco(#"{"id": 1, "image_id": 4, "category_id": 7, \#(box)}"#), "annotation 1", "image 4")
        try refused(coco(#"{"id": 1, "image_id": 3, "category_id": 8, \#(box)}"#), "category 8")
        try refused(coco(good + ", " + good), "two annotations have the id 1")
        try refused(coco(#"{"id": 1, "image_id": 3, "category_id": 7, "bbox": [0, 0, 1]}"#), "annotation 1", "bbox")
        try refused(coco(#"{"id": 1, "image_id": 3, "category_id": 7}"#), "neither a box nor a mask")
        let masked = #"{"id": 6, "image_id": 3, "category_id": 7, \#(box), "segmentation": "#
        try refused(coco(masked + #"{"size": [10, 20], "counts": [3, 4]}}"#), "annotation 6", "193 pixels")
        try refused(coco(masked + #"{"size": [9, 20], "counts": [180]}}"#), "[9, 20]", "[10, 20]")
        try refused(coco("", images: #"{"id": 3, "file_name": "a.png", "height": 0, "width": 20}"#), "no size")
        try refused(coco("", categories: ""), "no category")
        try refused(coco("", images: ""), "no image")
        let whole = coco(#"{"id": 1, "image_id": 3, "category_id": 7, \#(box)}"#)
        try refused(String(whole.prefix(whole.count / 2)), "middle of its JSON")
        try refused(#"{"images": 3, "annotations": [], "categories": []}"#, "images")
        try refused(#"{"images": [{"id": 3}], "annotations": [], "categories": []}"#, "images[0] has no file_name")
        try refused(#"{"annotations": []}"#, "has no images")
        try refused("{\"images\" }", "no JSON")
        // An image that is not there is left out, and where none is left it is said.
        let folder = try self.folder([("annotations/instances_train.json", whole)], images: [])
        expectError(.empty, "2 images that are not there") { _ = try DetectionParts.open(folder.path) }
    }

    /// Whatever a file holds, it is read or refused.
    @Test func damagedFilesAreRefused() throws {
        let text = Array(
            coco(
                #"{"id": 1, "image_id": 3, "category_id": 7, "bbox": [0, 0, 4, 4], "iscrowd": 0, "#
                    + #""segmentation": {"size": [10, 20], "counts": [3, 4, 193]}}"#
            ).utf8)
        let folder = try folder([], images: ["images/a.png", "images/b.png"])
        var generator = SeededGenerator(seed: 3)
        var refusals = 0
        for _ in 0..<400 {
            var bytes = text
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes.remove(at: place)
                case 1: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 2: bytes.insert(UInt8(ascii: "9"), at: place)
                default: bytes = Array(bytes.prefix(max(place, 1)))
                }
                if bytes.isEmpty { bytes = [0] }
            }
            try folder.write(bytes, to: "annotations/instances_train.json")
            do throws(DatasetError) { _ = try COCOFile(at: folder.file("annotations/instances_train.json")) } catch {
                refusals += 1
                #expect(error.file?.hasSuffix("instances_train.json") == true)
            }
        }
        #expect(refusals > 100)
    }

    private func voc(_ objects: String, name: String = "1.png") -> String {
        """
        <annotation><folder>x</folder><filename>\(name)</filename>
        <size><width>20</width><height>10</height><depth>3</depth></size>\(objects)</annotation>
        """
    }

    @Test func pascalVOCIsRead() throws {
        let object = """
            <object><name>tree &amp; bush</name><difficult>0</difficult>
            <bndbox><xmin>1</xmin><ymin>2</ymin><xmax>5</xmax><ymax>6</ymax></bndbox>
            <part><name>leaf</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>2</xmax><ymax>2</ymax></bndbox></part></object>
            """
        let second = object.replacing("tree &amp; bush", with: "bird").replacing("<difficult>0", with: "<difficult>1")
        let folder = try folder(
            [
                ("Annotations/1.xml", voc(object + second)), ("Annotations/2.xml", voc("", name: "2.png")),
                ("ImageSets/Main/train.txt", "1\n"), ("ImageSets/Main/val.txt", "2\n"),
            ], images: ["JPEGImages/1.png", "JPEGImages/2.png"])
        let parts = try DetectionParts.open(folder.path)
        #expect(
            parts.layout == .vocBoxes && parts.classNames == ["bird", "tree & bush"] && parts.categories == [1, 2])
        let objects = parts.train.images[0].objects
        #expect(objects.map(\.place) == [[0, 1, 5, 5], [0, 1, 5, 5]])
        #expect(objects.map(\.label) == [1, 0] && objects.map(\.isCrowd) == [false, true])
        #expect(parts.train.images[0].size == ImageSize(height: 10, width: 20) && parts.validation?.count == 1)
        try folder.write("1\n1\n3\n", to: "ImageSets/Main/train.txt")
        expectError(.malformed, "line 2: 1 stands twice", "line 3: there is no 3.xml") {
            _ = try DetectionParts.open(folder.path)
        }
        try folder.write("<annotation><object>", to: "Annotations/2.xml")
        expectError(.malformed, "2.xml", "is no XML, or ends too early") { _ = try DetectionParts.open(folder.path) }
        try folder.write(voc("<object><name>x</name></object>"), to: "Annotations/2.xml")
        expectError(.malformed, "the object x has no box") { _ = try DetectionParts.open(folder.path) }
        try folder.write("<html/>", to: "Annotations/2.xml")
        expectError(.malformed, "no element annotation") { _ = try DetectionParts.open(folder.path) }
        // Side by side, without lists.
        let beside = try self.folder([("1.xml", voc(object))], images: ["1.png"])
        #expect(try DetectionParts.open(beside.path).train.count == 1)
    }

    @Test func listsOfBoxesAreRead() throws {
        let text = """
            image_path,xmin,ymin,xmax,ymax,label,split
            a.png,1,2,5,8,cat,train
            b.png,,,,,,train
            a.png,0,0,2.5,2,dog,train
            a.png,3,3,3,4,dog,train
            c.png,0,0,1,1,cat,val
            """
        let folder = try folder([("boxes.csv", text)], images: ["a.png", "b.png", "c.png"])
        for path in [folder.path, folder.file("boxes.csv")] {
            let parts = try DetectionParts.open(path)
            #expect(parts.layout == .boxList && parts.classNames == ["cat", "dog"])
            #expect(parts.train.images.map(\.objects.count) == [2, 0] && parts.validation?.count == 1)
            #expect(parts.train.images[0].objects[1].place == [0, 0, 2.5, 2])
            #expect(parts.unusable.withoutArea == 1)
        }
        try folder.write("path,x1,y1,x2,y2,label\na.png,1,2,x,4,cat\nb.png,1,2,3,4\n", to: "boxes.csv")
        expectError(.malformed, "line 2: has no box of four numbers", "line 3: has 5 fields") {
            _ = try DetectionParts.open(folder.path)
        }
        try folder.write("path,x1,y1,x2,y2,label\na.png,,,,,\n", to: "boxes.csv")
        expectError(.empty, "no boxes") { _ = try DetectionParts.open(folder.path) }
        let nothing = try self.folder([("a.txt", "x")], images: [])
        expectError(.unrecognised, "no images and boxes") { _ = try DetectionParts.open(nothing.path) }
    }

    /// Files of other programs beside classes are not taken for boxes.
    @Test func classesWithStrayFilesStayClasses() throws {
        let folder = try self.folder(
            [("info.json", #"{"info": "mine", "images": 3}"#), ("project.xml", "<project/>")],
            images: ["cat/1.png", "cat/2.png", "dog/3.png"])
        #expect(try DetectionParts.find(at: folder.path) == nil)
        guard case .classification(let data) = try TaskDataset.open(at: folder.path) else {
            throw AnnotationError("no classes")
        }
        #expect(data.classNames == ["cat", "dog"])
    }

    @Test func theSheetShowsBoxesAndMasks() throws {
        let mask = Mask.runLengths(
            RunLengths(polygons: [[[4, 2], [14, 2], [14, 8], [4, 8]]], height: 10, width: 20))
        let objects = [
            DetectionObject(id: 1, place: [4, 2, 10, 6], label: 1, mask: mask),
            DetectionObject(id: 2, place: [-5, -5, 50, 50], label: 0, isCrowd: true),
        ]
        let image = Image(width: 20, height: 10, channels: 3, pixels: [UInt8](repeating: 100, count: 600))
        let colours = PixelClasses(["a", "b"]).colours
        let shown = image.showing(objects, of: image, colours)
        let inside = 3 * (5 * 20 + 9)
        #expect(Array(shown.pixels[inside..<inside + 3]) != [100, 100, 100])
        let outside = 3 * (5 * 20 + 17)
        #expect(Array(shown.pixels[outside..<outside + 3]) == [100, 100, 100])
        #expect(shown.pixels[0] != 100, "the corner of a crowd")
    }
}
