import TestImages
import Testing

@testable import Datasets

@Suite struct TaskDatasetTests {
    private func folder(_ files: String...) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for file in files { try folder.write([1], to: file) }
        return folder
    }

    /// In one word.
    private func task(_ folder: TemporaryFolder) throws -> String {
        switch try TaskDataset.open(at: folder.path) {
        case .classification: "classes"
        case .reidentification: "identities"
        case .faces: "faces"
        case .segmentation: "maps"
        case .detection: "boxes"
        }
    }

    @Test func theLayoutOfMarket1501IsNeverTakenForClasses() throws {
        let whole = try folder(
            "bounding_box_train/0002_c1s1_1_1.jpg", "bounding_box_train/0002_c2s1_1_1.jpg", "query/0001_c1s1_1_1.jpg",
            "bounding_box_test/0001_c2s1_1_1.jpg")
        #expect(try task(whole) == "identities")
        let part = try folder("bounding_box_train/0002_c1s1_1_1.jpg", "query/0001_c1s1_1_1.jpg")
        expectError(.unrecognised, "no folder bounding_box_test") { _ = try task(part) }
        let outer = try folder("Market-1501/bounding_box_train/0002_c1s1_1_1.jpg")
        expectError(.unrecognised, "The folder Market-1501 in it may be meant") { _ = try task(outer) }
    }

    @Test func facesAreRecognisedInTheirLayouts() throws {
        let many = (0..<20).map { "\($0)_\($0 % 2)_0_2017\($0).jpg" }
        for place in ["", "part1/"] {
            let flat = try TemporaryFolder()
            for name in many + ["61_1_2017.jpg"] { try flat.write([1], to: place + name) }
            guard case .faces(let parts) = try TaskDataset.open(at: flat.path) else {
                Issue.record("no faces in \(place)")
                continue
            }
            #expect(parts.train.count + parts.test.count == 20 && parts.leftOut.count == 1)
        }
        #expect(try task(folder("train/1_0_0_1.jpg", "test/2_1_0_2.jpg")) == "faces")
        // Sorted into classes, whatever the names; of other names; with a list of labels.
        #expect(try task(folder("male/1_0_0_1.jpg", "female/2_1_0_2.jpg")) == "classes")
        #expect(try task(folder("train/cat/1_0_0_1.jpg", "test/cat/2_1_0_2.jpg")) == "classes")
        let listed = try folder("1_0_0_1.jpg", "2_1_0_2.jpg")
        try listed.write("path,label\n1_0_0_1.jpg,cat\n2_1_0_2.jpg,dog\n", to: "train.csv")
        #expect(try task(listed) == "classes")
        expectError(.unrecognised, "images lie directly in it") {
            _ = try task(folder("1_0_0_1.jpg", "holiday.jpg", "house.jpg"))
        }
        expectError(.unreadable, "nowhere") { _ = try TaskDataset.open(at: folder().path + "/nowhere") }
    }

    @Test func aLonelyValidationPartIsTheTest() throws {
        let split = try folder("train/cat/1.jpg", "train/dog/2.jpg", "val/cat/3.jpg")
        guard case .classification(let data) = try TaskDataset.open(at: split.path) else {
            Issue.record("no classes")
            return
        }
        #expect(data.validation == nil && data.test?.count == 1)
    }
}
