import Foundation
import Support
import Testing

@testable import Datasets

/// What a run remembers of its images.
@Suite struct DataRecordTests {
    /// Files of a few bytes in class folders, which nobody decodes.
    private struct Photos {
        let folder: TemporaryFolder
        var root: String { folder.file("photos") }

        init(_ files: [String: Int]) throws {
            folder = try TemporaryFolder()
            for (name, size) in files { try write(name, size) }
        }

        func write(_ name: String, _ size: Int) throws {
            try folder.write([UInt8](repeating: 7, count: size), to: "photos/\(name)")
        }

        func move(_ name: String, to other: String) throws {
            try FileManager.default.moveItem(atPath: root + "/" + name, toPath: root + "/" + other)
        }

        func data() throws -> OpenedDataset {
            let opened = try openDataset(at: root)
            return opened.test == nil ? opened : opened.keepingFinalScore
        }

        func manifest() throws -> DataManifest {
            let data = try data()
            return DataManifest(
                of: [("train", data.train)] + (data.test.map { [("test", $0)] } ?? []), root: root)
        }

        func record(_ policy: ChangedDataPolicy = .undecided) throws -> DataRecord {
            DataRecord(folder: folder.path, of: try data(), root: root, changes: policy)
        }
    }

    private static let animals = ["bee/0.png": 10, "bee/1.png": 11, "cow/0.png": 12, "fox/0.png": 13, "fox/1.png": 14]

    @Test func aFileGivesTheManifestBack() throws {
        let odd = DataManifest(
            classes: ["a \"b\" \\", "größe\u{1}\n", ""],
            rows: [.init(part: "train", label: 2, mark: "17", name: "a\tb/\u{7F}\"é.png")])
        #expect(try DataManifest(text: odd.text, path: "f") == odd)
        let broken = #expect(throws: DatasetError.self) {
            try DataManifest(text: Array(odd.text.dropLast(3)) + [10], path: "f")
        }
        #expect("\(try #require(broken))".contains("line 2"))
    }

    @Test func namesDoNotTellWhereTheDataLie() throws {
        let (here, there) = (try Photos(Self.animals), try Photos(Self.animals))
        #expect(try here.manifest() == there.manifest())
        #expect(try here.manifest().rows.first == .init(part: "train", label: 0, mark: "10", name: "bee/0.png"))
        // Images of a second place, as those of another domain.
        #expect(
            DataManifest.names(["/a/art/x/1.png", "/b/photo/x/1.png", "/b/photo/y/2.png"], root: "/a/art/")
                == ["x/1.png", "photo/x/1.png", "photo/y/2.png"])
        #expect(
            DataManifest.names(["/c/i, image 0", "/c/i, image 1"], root: "fashion") == ["i, image 0", "i, image 1"])
        #expect(DataManifest.names(["noise 1", "noise 2"], root: "x") == ["noise 1", "noise 2"])
    }

    @Test func aRenamedClassIsToldAndShiftsLabels() throws {
        let photos = try Photos(Self.animals)
        let before = try photos.manifest()
        try photos.move("bee", to: "wasp")
        let changes = DataChanges(from: before, to: try photos.manifest())
        #expect(!changes.labelsHold)
        #expect(
            changes.lines == [
                "class bee is now called wasp",
                "labels mean other classes: wasp was number 0 and is number 2, cow was number 1 and is number 0, "
                    + "fox was number 2 and is number 1",
            ])
        // Under a name that keeps its place, what was learned keeps its meaning.
        try photos.move("wasp", to: "ant")
        let kept = DataChanges(from: before, to: try photos.manifest())
        #expect(kept.labelsHold)
        #expect(kept.lines == ["class bee is now called ant"])
    }

    @Test func everyKindOfChangeIsTold() throws {
        let photos = try Photos([
            "train/a/0.png": 1, "train/a/1.png": 2, "train/a/2.png": 3, "train/b/3.png": 4, "train/b/4.png": 5,
            "test/a/5.png": 6, "test/b/6.png": 7,
        ])
        let before = try photos.manifest()
        #expect(DataChanges(from: before, to: before).isEmpty)
        try photos.write("train/a/1.png", 9)
        try photos.move("train/a/2.png", to: "train/a/7.png")
        let changes = DataChanges(from: before, to: try photos.manifest())
        #expect(changes.labelsHold)
        #expect(
            changes.lines == [
                "1 image is of another content: train/a/1.png", "1 image is gone from train: train/a/2.png",
                "1 image is new in train: train/a/7.png",
            ])
        var other = before
        other.rows[0].part = "test"
        other.rows[1].label = 1
        other.classes.append("c")
        let told = DataChanges(from: before, to: other)
        #expect(!told.labelsHold)
        #expect(
            told.lines == [
                "1 class is new: c", "1 image is moved from train to test: train/a/0.png",
                "1 image is of another class: train/a/1.png",
            ])
        var turned = before
        turned.rows.swapAt(0, 1)
        #expect(DataChanges(from: before, to: turned).lines == ["the images come in another order"])
        #expect(DataChanges(from: turned, to: before).labelsHold)
    }

    @Test func aRunGoesOnWithItsOwnImagesOnly() throws {
        let photos = try Photos(Self.animals)
        try photos.record().open()
        try photos.record().open()
        try photos.write("cow/1.png", 20)
        let refused = #expect(throws: ChangedDataError.self) { try photos.record().open() }
        let words = "\(try #require(refused))"
        #expect(words.contains("1 image is new in train: cow/1.png") && words.contains("--changed-data"))
        // Whoever cannot take the decision is not told of it.
        let final = #expect(throws: ChangedDataError.self) { try photos.record(.refused).open() }
        #expect(!"\(try #require(final))".contains("--changed-data"))
        var told: [String] = []
        try photos.record(.accepted).open(told: { told.append($0) })
        #expect(told == ["1 image is new in train: cow/1.png"])
        // From now on the new images are those of the run, and what it began with can still be read.
        try photos.record().open()
        let earlier = photos.folder.file("data-1.jsonl")
        #expect(try DataManifest(text: InputFile.readAll(earlier), path: earlier).rows.count == Self.animals.count)
        // Labels that mean other classes are no decision that a flag could take.
        try photos.move("bee", to: "wasp")
        let shifted = #expect(throws: ChangedDataError.self) { try photos.record(.accepted).open() }
        #expect(!"\(try #require(shifted))".contains("--changed-data"))
    }

    @Test func sheetsLeaveOutWhatCannotBeRead() throws {
        let photos = try Photos(Self.animals)
        let picture = Image(width: 4, height: 4, channels: 3, pixels: [UInt8](repeating: 9, count: 48))
        try picture.writePNG(to: photos.root + "/cow/0.png")
        let sheet = ContactSheet(of: try photos.data().train)
        #expect(sheet.rows.map(\.images.count) == [0, 1, 0])
        #expect(try photos.manifest().rows.count == 5)
        let (bad, good) = (photos.root + "/fox/1.png", photos.root + "/cow/0.png")
        #expect(UnreadableImages.shared.among([bad, good]).map(\.image) == [bad])
    }

    /// Each once, however often it is met, over the end of the process.
    @Test func unreadableImagesAreTakenDownOnce() throws {
        let photos = try Photos(Self.animals)
        let loaded = { (record: DataRecord) in
            try record.open()
            let loader = try BatchLoader(
                dataset: photos.data().train, augmentation: Augmentation([.centerCrop(4)]),
                options: BatchLoaderOptions(batchSize: 2, threads: 0, onBadImage: .skip, channels: .rgb))
            for epoch in 0..<2 {
                let batches = try loader.batches(epoch: epoch)
                while try batches.next() != nil {}
            }
        }
        let record = try photos.record()
        try loaded(record)
        let all = try photos.data().train
        #expect(record.leftOut.map(\.image) == (0..<all.count).map { all.source(at: $0) })
        let lines = try TextFile.lines(of: TextFile.read(record.leftOutFile))
        #expect(lines.count == Self.animals.count)
        #expect(lines[0].contains("bee"))
        let again = try photos.record()
        try loaded(again)
        #expect(try TextFile.lines(of: TextFile.read(record.leftOutFile)) == lines)
        #expect(again.leftOut == record.leftOut)
    }
}
