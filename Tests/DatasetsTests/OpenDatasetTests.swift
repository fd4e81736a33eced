import Foundation
import TestImages
import Testing

@testable import Datasets

@Suite struct OpenDatasetTests {
    private func put(_ folder: TemporaryFolder, _ names: String...) throws {
        for name in names { try folder.write([1], to: name) }
    }

    private func parts(_ opened: OpenedDataset) -> [Int?] {
        [opened.train.count, opened.validation?.count, opened.test?.count]
    }

    @Test(arguments: [("val", "test"), ("Valid", "Testing"), ("validation", "TEST")])
    func foldersOfClassFoldersAloneAndSplit(validation: String, test: String) throws {
        let folder = try TemporaryFolder()
        try put(folder, "train/a/1.png", "train/b/1.png", "train/b/2.png")
        #expect(try openDataset(at: folder.path).layout == .splitFolders)
        try put(folder, "\(validation)/b/1.png", "annotations/x.xml")
        let two = try openDataset(at: folder.path)
        #expect(two.layout == .splitFolders)
        #expect(parts(two) == [3, 1, nil])
        // Labelled as the training set is, though it has only class b.
        #expect(two.validation?.label(at: 0) == 1)
        try put(folder, "\(test)/a/1.png", "\(test)/b/1.png")
        #expect(parts(try openDataset(at: folder.path)) == [3, 1, 2])
        let plain = try openDataset(at: folder.path + "/train")
        #expect(plain.layout == .classFolders)
        #expect(plain.classNames == ["a", "b"])
        try put(folder, "\(test)/c/1.png")
        expectError(.malformed, "folder c") { _ = try openDataset(at: folder.path) }
    }

    @Test func aClassMayBeCalledTrain() throws {
        let folder = try TemporaryFolder()
        try put(folder, "bus/1.png", "train/1.png", "train/steam/1.png", "tram/1.png")
        let opened = try openDataset(at: folder.path)
        #expect(opened.layout == .classFolders)
        #expect(opened.classNames == ["bus", "train", "tram"])
    }

    @Test func listsBesideFoldersOfImages() throws {
        let folder = try TemporaryFolder()
        try put(folder, "images/1.png", "images/2.png", "images/3.png")
        try folder.write("images/1.png,dog\nimages/2.png,cat\n", to: "train.csv")
        try folder.write("images/3.png dog\n", to: "val.txt")
        let opened = try openDataset(at: folder.path)
        #expect(opened.layout == .lists)
        #expect(parts(opened) == [2, 1, nil])
        #expect(opened.validation?.label(at: 0) == 1)
        let single = try openDataset(at: folder.path + "/train.csv")
        #expect(parts(single) == [2, nil, nil])
        #expect(try openDataset(at: folder.path, layout: .classFolders).classNames == ["images"])
        try folder.write("images/1.png,dog\n", to: "train.tsv")
        expectError(.unrecognised, "several candidates for the train part: train.csv, train.tsv") {
            _ = try openDataset(at: folder.path)
        }
    }

    @Test(arguments: ["-idx3-ubyte", ".idx3-ubyte"])
    func pairsOfIDXFilesAreReadOnce(ending: String) throws {
        let folder = try TemporaryFolder()
        let goldens = try ReaderGoldens.shared.get().idx.mapValues { Array($0) }
        let labelEnding = ending.replacingOccurrences(of: "idx3", with: "idx1")
        try folder.write(goldens["images.gz"] ?? [], to: "train-images\(ending).gz")
        expectError(.unreadable, "no labels beside it", "train-labels\(labelEnding).gz") {
            _ = try openDataset(at: folder.path)
        }
        try folder.write(goldens["labels"] ?? [], to: "train-labels\(labelEnding)")
        try folder.write(goldens["images"] ?? [], to: "t10k-images\(ending)")
        try folder.write(goldens["labels.gz"] ?? [], to: "t10k-labels\(labelEnding).gz")
        for _ in 0..<2 {
            let opened = try openDataset(at: folder.path)
            #expect(opened.layout == .idx)
            #expect(parts(opened) == [6, nil, 6])
            // Next time with a plain copy beside the compressed file.
            try folder.write(goldens["images"] ?? [], to: "train-images\(ending)")
        }
        #expect(try openDataset(at: folder.path + "/t10k-images\(ending)").train.count == 6)
        try folder.write(goldens["images"] ?? [], to: "extra-train-images\(ending)")
        expectError(.unrecognised, "several candidates") { _ = try openDataset(at: folder.path) }
    }

    @Test func twoLayoutsAreAnErrorUntilOneIsNamed() throws {
        let folder = try TemporaryFolder()
        try put(folder, "train/a/1.png", "val/a/1.png")
        try folder.write("train/a/1.png,a\n", to: "train.csv")
        expectError(.unrecognised, "split-folders, lists", "Say which") { _ = try openDataset(at: folder.path) }
        #expect(try openDataset(at: folder.path, layout: .lists).layout == .lists)
        #expect(parts(try openDataset(at: folder.path, layout: .splitFolders)) == [1, 1, nil])
        expectError(.unrecognised, "(idx)") { _ = try openDataset(at: folder.path, layout: .idx) }
    }

    @Test func unknownLayoutsGetAdvice() throws {
        let folder = try TemporaryFolder()
        let advice = "folder of class folders"
        expectError(.unrecognised, advice, "0 folders and 0 files") { _ = try openDataset(at: folder.path) }
        try put(folder, "a.png", "b.jpg", "test.csv", "notes.md", "pipe.bin")
        expectError(.unrecognised, advice, "2 images lie directly in it", "no list for training beside test.csv") {
            _ = try openDataset(at: folder.path)
        }
        expectError(.unrecognised, advice, "single image") { _ = try openDataset(at: folder.path + "/a.png") }
        expectError(.unrecognised, advice, "neither a list") { _ = try openDataset(at: folder.path + "/pipe.bin") }
        expectError(.unreadable, "Check the path") { _ = try openDataset(at: folder.path + "/none") }
        expectError(.unreadable, "Check the path") { _ = try openDataset(at: folder.path + "/none.csv") }
    }
}
