import Foundation
import TestImages
import Testing

@testable import Datasets

/// Folders whose folders are no classes: each is refused with what it is, or read as what it is.
@Suite struct ForeignLayoutTests {
    private func folder(_ names: [String]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in names { try folder.write([1], to: name) }
        return folder
    }

    /// Two images of each class below each folder.
    private func classes(_ outer: [String], _ inner: [String] = ["daisy", "rose", "tulip"]) -> [String] {
        outer.flatMap { outer in inner.flatMap { ["\(outer)/\($0)/1.png", "\(outer)/\($0)/2.png"] } }
    }

    @Test func aFolderAboveTheClassesNamesTheRightOne() throws {
        for place in ["flowers", "a/b/flowers"] {
            let outer = try folder(classes([place]) + ["README.txt"])
            expectError(
                .unrecognised, "would be the only class", "\(outer.path)/\(place) may be meant", "daisy, rose, tulip"
            ) {
                _ = try openDataset(at: outer.path)
            }
            #expect(try openDataset(at: outer.file(place)).classNames == ["daisy", "rose", "tulip"])
        }
        let parts = try folder(classes(["dataset/train", "dataset/test"]))
        expectError(.unrecognised, "\(parts.path)/dataset may be meant", "test, train") {
            _ = try openDataset(at: parts.path)
        }
        #expect(try openDataset(at: parts.file("dataset")).test?.count == 6)
    }

    @Test func aSingleClassIsRefused() throws {
        let single = try folder(["cat/1.png", "cat/more/2.png"])
        expectError(.unrecognised, "one class cat") { _ = try openDataset(at: single.path) }
        // Who names the layout knows what it is.
        #expect(try openDataset(at: single.path, layout: .classFolders).classNames == ["cat"])
        let parts = try folder(["train/cat/1.png", "val/cat/2.png"])
        let list = try single.write("cat/1.png,x\ncat/more/2.png,x\n", to: "list.csv")
        for (path, name) in [(parts.path, "cat"), (list, "x")] {
            let opened = try openDataset(at: path)
            expectError(.unrecognised, path, "training images are of the one class \(name)") {
                _ = try opened.withSeveralClasses(path)
            }
        }
        let prices = try folder(["1.png", "2.png", "3.png"])
        let opened = try openDataset(at: prices.write("1.png,17\n2.png,90\n3.png,4\n", to: "list.csv"))
        #expect(opened.notes.isEmpty)
        #expect(try opened.withSeveralClasses("list").notes.first?.contains("a label of its own") == true)
    }

    @Test(
        arguments: [
            ("YOLO", ["images/1.png", "labels/1.txt"]),
            ("YOLO", ["images/train/1.png", "labels/train/1.txt", "data.yaml"]),
            ("YOLO", ["train/images/1.png", "train/labels/1.txt", "valid/images/2.png", "valid/labels/2.txt"]),
            ("Pascal VOC", ["JPEGImages/1.jpg", "Annotations/1.xml", "ImageSets/Main/train.txt"]),
            ("COCO", ["train2017/1.jpg", "val2017/2.jpg", "annotations/instances_val2017.json"]),
            ("COCO", ["train2017/1.jpg", "val2017/2.jpg"]),
            ("COCO", ["train/1.jpg", "train/_annotations.coco.json", "valid/2.jpg"]),
            ("segmentation", ["images/1.png", "masks/1.png"]),
            ("segmentation", ["train/image/1.png", "train/label/1.png"]),
        ])
    func boxesAndMasksAreRecognised(kind: String, names: [String]) throws {
        let folder = try folder(names)
        expectError(.unrecognised, kind, "one folder for each class") { _ = try openDataset(at: folder.path) }
    }

    @Test(
        arguments: [
            ("parts of a data set", ["fold1", "fold2"], true),
            ("parts of a data set", ["images_part_1", "images_part_2"], false),
            ("dates", ["2023-05-01", "2023-06-12 Rome"], false), ("dates", ["100CANON", "101CANON"], false),
            ("more likely the classes", ["cam1", "cam2", "cam3", "cam4"], true),
            ("more likely the classes", ["Art", "Clipart"], true),
        ])
    func foldsDatesCamerasAndDomainsAreNoClasses(words: String, outer: [String], hasClasses: Bool) throws {
        let folder = try folder(hasClasses ? classes(outer) : outer.map { "\($0)/1.png" })
        expectError(.unrecognised, words, outer[0]) { _ = try openDataset(at: folder.path) }
    }

    @Test func foldersWithinClassesAreAllowed() throws {
        let sessions = try folder(classes(["a", "b", "c"], ["front", "side"]))
        #expect(try openDataset(at: sessions.path).classNames == ["a", "b", "c"])
        let kinds = try folder(
            classes(["cat"], ["siamese", "manx", "sphynx"]) + classes(["dog"], ["poodle", "pug", "boxer"]))
        #expect(try openDataset(at: kinds.path).classNames == ["cat", "dog"])
        let divided = try folder(classes(["cat", "dog"], ["train", "test"]))
        expectError(.unrecognised, "would mix", "train/cat") { _ = try openDataset(at: divided.path) }
    }

    @Test(
        arguments: [
            ("Training", "Testing"), ("training_set", "test_set"), ("seg_train/seg_train", "seg_test/seg_test"),
            ("TRAIN", "Dev"), ("trainset", "Validation"),
        ])
    func partsAreFoundUnderManyNames(train: String, heldOut: String) throws {
        // A longer name beside a plain one is of something else.
        let folder = try folder(classes([train, heldOut]) + (train == "TRAIN" ? ["train_images/x/1.png"] : []))
        let opened = try openDataset(at: folder.path)
        #expect(opened.layout == .splitFolders && opened.classNames.count == 3)
        #expect(opened.train.count == 6 && (opened.validation ?? opened.test)?.count == 6)
    }

    @Test func flatPartsAreNoClassesUnlessAListLabelsThem() throws {
        let folder = try folder(["train/0a.png", "train/1b.png", "test/0a.png", "test/7.png", "sample_submission.csv"])
        expectError(.unrecognised, "the 2 images in train have no class") { _ = try openDataset(at: folder.path) }
        try folder.write("id,breed\n0a,pug\n1b,boxer\n", to: "labels.csv")
        let opened = try openDataset(at: folder.path)
        #expect(opened.layout == .lists && opened.classNames == ["boxer", "pug"])
        #expect((0..<2).map(opened.train.source) == ["0a", "1b"].map { folder.file("train/\($0).png") })
        try folder.write("id,breed\n", to: "more.csv")
        expectError(.unrecognised, "several lists", "labels.csv, more.csv") { _ = try openDataset(at: folder.path) }
        let heldOut = try self.folder(classes(["val", "test"]))
        expectError(.unrecognised, "none to train on") { _ = try openDataset(at: heldOut.path) }
    }

    @Test(arguments: ["", "images/", "my pictures/"])
    func aListBesideFlatImagesLabelsThem(place: String) throws {
        let folder = try folder(["\(place)1.png", "\(place)2.png", "\(place)3.png", "notes.md"])
        try folder.write("File;Kind\n1.png;b\n2.png;a\n3.png;a\n", to: "my table.csv")
        let opened = try openDataset(at: folder.path)
        #expect(opened.layout == .lists && opened.classNames == ["a", "b"])
        #expect((0..<3).map(opened.train.label) == [1, 0, 0])
        #expect(opened.train.source(at: 0) == folder.file("\(place)1.png"))
    }

    @Test func archivesAreToBeUnpacked() throws {
        let packed = try folder(["cat.zip", "dog.tar.gz"])
        expectError(.unrecognised, "2 archives, such as cat.zip", "Unpack") { _ = try openDataset(at: packed.path) }
        expectError(.unrecognised, "is an archive", "Unpack") { _ = try openDataset(at: packed.file("cat.zip")) }
        let half = try folder(["cat/1.png", "dog/dog.zip"])
        expectError(.empty, "class folder dog holds no image, but an archive, dog.zip") {
            _ = try openDataset(at: half.path)
        }
    }

    @Test func dataForOtherTasksIsNamedAsSuch() throws {
        let people = [
            "bounding_box_train/0002_c1s1_1_1.jpg", "query/0001_c1s1_1_1.jpg", "bounding_box_test/0001_c2s1_1_1.jpg",
        ]
        for names in [people, people.map { "Market-1501/\($0)" }] {
            let folder = try folder(names)
            expectError(.unrecognised, "re-identification") { _ = try openDataset(at: folder.path) }
        }
        let faces = (0..<12).map { "\($0)_0_1_2017\($0).jpg" }
        for place in ["", "UTKFace/", "part1/"] {
            let folder = try folder(faces.map { place + $0 } + ["part2/9_1_1_2.jpg"].filter { _ in place == "part1/" })
            expectError(.unrecognised, "UTKFace", "--task age") { _ = try openDataset(at: folder.path) }
            guard case .faces = try TaskDataset.open(at: folder.path) else {
                Issue.record("not taken for faces in \(place)")
                continue
            }
        }
    }

    @Test func leftoversOfSystemsArePassedOver() throws {
        let folder = try folder(
            [
                "cat/1.png", "cat/@eaDir/1.png/thumb.jpg", "dog/2.png", "__MACOSX/cat/._1.png", "$RECYCLE.BIN/3.png",
                "stray.png", "fish.zip",
            ])
        try folder.makeFolder("lost+found")
        let opened = try openDataset(at: folder.path)
        #expect(opened.classNames == ["cat", "dog"] && opened.train.count == 2)
        #expect(opened.notes.contains { $0.contains("$RECYCLE.BIN, __MACOSX, lost+found") })
        #expect(opened.notes.contains { $0.contains("1 image lies directly in") })
        #expect(opened.notes.contains { $0.hasSuffix("an archive, fish.zip; unpack what images are in") })
        #expect(opened.keepingFinalScore.notes == opened.notes)
    }

    @Test func unicodeFormsAreOneClassAndCaseVariantsNoted() throws {
        let (composed, decomposed) = ("caf\u{E9}", "cafe\u{301}")
        let folder = try folder([
            "train/\(composed)/1.png", "train/\(decomposed)/2.png", "train/The/3.png", "train/the/4.png",
            "val/\(decomposed)/5.png", "val/the/6.png",
        ])
        let opened = try openDataset(at: folder.path)
        #expect(opened.classNames == ["The", composed, "the"])
        #expect((0..<4).map(opened.train.label).sorted() == [0, 1, 1, 2])
        for part in [opened.train, try #require(opened.validation)] {
            for index in 0..<part.count { #expect(FileManager.default.fileExists(atPath: part.source(at: index))) }
        }
        #expect(opened.validation.map { [$0.label(at: 0), $0.label(at: 1)] } == [1, 2])
        #expect(opened.notes.contains { $0.contains("two Unicode forms") })
        #expect(opened.notes.contains { $0.contains("\"The\" and \"the\" differ only in case") })
        let list = try folder.write(
            "train/The/3.png,\(composed)\ntrain/the/4.png,\(decomposed)\nval/the/6.png,x\n", to: "l.csv")
        #expect(try openDataset(at: list).classNames.count == 2)
    }
}
