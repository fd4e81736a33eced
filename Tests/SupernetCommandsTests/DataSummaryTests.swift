import Datasets
import Drawings
import Foundation
import TestImages
import Testing

@testable import SupernetCommands

/// What `supernet data` says and shows of sets of each task.
@Suite struct DataSummaryTests {
    /// A path that is not there yet, and goes with its folder.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "supernet-data-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder + "/set")
    }

    /// Runs the verb, and gives the summary that it printed and the sheet that it wrote.
    private func look(_ source: String) throws -> (rows: [String: String], next: String?, sheet: Image) {
        let path = source + "-sheet.png"
        var command = try SupernetCommand.parseAsRoot(["data", source, "--sheet", path, "--per-class", "3"])
        try command.run()
        let summary = try DataSummary(DataSource.openTask(source), source: source, perRow: 3)
        let drawn = summary.sheet().render()
        let written = try Image.decode(contentsOf: path)
        #expect(written.pixels == drawn.pixels)
        return (Dictionary(uniqueKeysWithValues: summary.rows), summary.next, written)
    }

    @Test func pedestriansAreIdentitiesUnderCameras() throws {
        try withFolder { folder in
            var options = SyntheticPedestrians.Options()
            (options.trainingIdentities, options.testIdentities, options.imagesPerIdentity) = (3, 2, 6)
            (options.distractors, options.junk, options.height) = (4, 1, 32)
            try SyntheticPedestrians(options).write(to: folder)
            let market = try MarketDataset.open(folder)
            let (rows, next, sheet) = try look(folder)
            #expect(rows["layout"] == "Market-1501, for re-identification")
            #expect(rows["train"]?.hasPrefix("18 images of 3 identities under ") == true)
            #expect(rows["queries"]?.hasPrefix("\(market.query.count) images of 2 identities") == true)
            // Neither distractors nor junk are anybody.
            #expect(rows["gallery"]?.hasPrefix("\(market.gallery.count) images of 2 identities") == true)
            #expect(rows["distractors"] == "4 images of the gallery" && rows["junk"] == "1 image of the gallery")
            #expect(rows["shared"] == nil && rows["first image"] == "16x32, 3 channel(s)")
            #expect(
                next == "supernet adapt --source STUDY --task re-identification --data \(folder)"
                    && sheet.height > 3 * 84)
        }
    }

    @Test func facesHaveAgesAndGenders() throws {
        try withFolder { folder in
            var options = SyntheticFaces.Options()
            (options.count, options.ages, options.side) = (24, 20...49, 32)
            try SyntheticFaces(options).write(to: folder)
            let faces = try FaceDataset.open(folder)
            let (rows, next, _) = try look(folder)
            #expect(rows["train"] == "\(faces.train.count) faces, by their names")
            #expect(rows["test"] == "\(faces.test.count) faces, by their names")
            let ages = faces.train.ages
            #expect(rows["ages"] == "\(ages.min() ?? 0) to \(ages.max() ?? 0) years in train")
            let men = faces.train.genders?.count { $0 == 0 } ?? -1
            #expect(rows["genders"] == "\(men) male, \(ages.count - men) female in train")
            #expect(next == "supernet adapt --source STUDY --task age --data \(folder)")
        }
    }

    @Test func foldersOfClassesAreAsBefore() throws {
        try withFolder { folder in
            let picture = Image(width: 9, height: 7, channels: 1, pixels: [UInt8](repeating: 50, count: 63))
            for name in ["train/cat", "train/dog", "test/cat"] {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
                try picture.writePNG(to: "\(folder)/\(name)/1.png")
            }
            let (rows, next, _) = try look(folder)
            #expect(rows["layout"] == "split-folders" && rows["classes"] == "2")
            #expect(rows["train"] == "2 images" && rows["test"] == "1 image" && rows["validation"] == nil)
            #expect(rows["first image"] == "9x7, 1 channel(s)")
            #expect(next == "supernet run --data \(folder) --size 8x9 --grey")
            #expect(rows["orientation"] == nil && rows["passed over"] == nil)
        }
    }

    @Test func whatIsTurnedAndWhatIsPassedOverIsCounted() throws {
        try withFolder { folder in
            let picture = Image(width: 9, height: 7, channels: 1, pixels: [UInt8](repeating: 50, count: 63))
            for name in ["train/cat", "train/dog", "test/cat", "test/dog"] {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
                try Data(picture.pngData(orientation: name == "test/dog" ? 1 : 6)).write(
                    to: URL(filePath: "\(folder)/\(name)/1.png"))
                try Data("x".utf8).write(to: URL(filePath: "\(folder)/\(name)/2.tif"))
            }
            let (rows, _, _) = try look(folder)
            #expect(rows["first image"] == "7x9, 1 channel(s)")
            #expect(
                rows["orientation"]?.hasPrefix("3 of 4 images are turned as EXIF says (data.orientation=ignore ")
                    == true)
            #expect(rows["passed over"]?.hasPrefix("4 files of other kinds: 4 .tif. ") == true)
        }
    }

    @Test func aSetOfAnotherTaskIsRefusedWhereClassesAreAsked() throws {
        let error = #expect(throws: DatasetError.self) { _ = try DataSource.open("emoji-retrieval") }
        #expect(error?.description.contains("is for re-identification, not for classification") == true)
    }
    @Test func masksTellTheSharesOfTheirClasses() throws {
        try withFolder { folder in
            func write(_ name: String, _ values: [UInt8], width: Int = 2) throws {
                let path = folder + "/" + name
                try FileManager.default.createDirectory(
                    atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
                let image = Image(width: width, height: values.count / width, channels: 1, pixels: values)
                try image.writePNG(to: path)
            }
            for (name, values) in [("train/a", [0, 0, 0, 1]), ("train/b", [0, 0, 0, 255]), ("val/c", [1, 1, 1, 1])] {
                try write("images/\(name).png", [90, 80, 70, 60])
                try write("masks/\(name).png", values.map { UInt8($0) })
            }
            try write("images/train/lonely.png", [9], width: 1)
            try write("images/val/odd.png", [1, 2, 3, 4])
            try write("masks/val/odd.png", [1, 1])
            try Data("train\nsky\nnever\n".utf8).write(to: URL(fileURLWithPath: folder + "/classes.txt"))
            let (rows, next, sheet) = try look(folder)
            #expect(rows["layout"] == "images-and-masks, for semantic segmentation" && rows["classes"] == "3")
            #expect(rows["train"] == "2 images" && rows["validation"] == "2 images")
            #expect(next?.contains("adapt --source mobilenet-v2 --task segmentation --data") == true, "\(next ?? "")")
            #expect(rows["left out"]?.contains("1 image without a mask, such as") == true)
            #expect(rows["unusable"]?.contains("odd.png: the mask has 2x1 pixels and its image 2x2") == true)
            #expect(rows["never in train"] == "never")
            #expect(rows["  train"] == "50.0 %, in 2 images" && rows["  sky"] == "41.7 %, in 2 images")
            #expect(rows["  not labelled"] == "8.3 %" && rows["  never"] == nil && sheet.width > 300)
            // Classification asks for classes of images.
            expectError(.unrecognised, "a class for each pixel, and no class an image") {
                _ = try DataSource.open(folder)
            }
        }
    }
}
