import Datasets
import Foundation
import Support
import Testing

@testable import SupernetCommands

/// Data sets with boxes and what detectors found, by the verbs (`Tests/Goldens/coco.py` has pycocotools' figures).
@Suite struct DetectionVerbTests {
    private let folder = NSTemporaryDirectory() + "supernet-detection-" + UUID().uuidString

    /// A set of the golden file as a folder and a file of results; gives the twelve figures.
    private func write(_ number: Int) throws -> [Double?] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../Goldens/coco.json").standardizedFileURL
        let golden = try #require(
            JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        let (height, width) = (try #require(golden["height"] as? Int), try #require(golden["width"] as? Int))
        let set = try #require((golden["sets"] as? [[String: Any]])?[number])
        let key = set["kind"] as? String == "segm" ? "segmentation" : "bbox"
        let (images, classes) = (try #require(set["images"] as? Int), try #require(set["classes"] as? Int))
        let objects = try #require(set["objects"] as? [[Any]])
        let found = try #require(set["detections"] as? [[Any]])
        let document: [String: Any] = [
            "images": (1...images).map {
                ["id": $0, "file_name": "\($0).png", "height": height, "width": width] as [String: Any]
            },
            "categories": (1...classes).map { ["id": $0, "name": "class \($0)"] as [String: Any] },
            "annotations": objects.enumerated().map { number, object in
                [
                    "id": number + 1, "image_id": object[0], "category_id": object[1], key: object[2],
                    "area": object[3], "iscrowd": object[4],
                ] as [String: Any]
            },
        ]
        let results = found.map { ["image_id": $0[0], "category_id": $0[1], key: $0[2], "score": $0[3]] }
        try FilePath.makeFolder(folder + "/data/annotations")
        try FilePath.makeFolder(folder + "/data/images")
        try AtomicFile.write(
            JSONSerialization.data(withJSONObject: document), to: folder + "/data/annotations/instances_train.json")
        try AtomicFile.write(JSONSerialization.data(withJSONObject: results), to: folder + "/results.json")
        let pixels = [UInt8](repeating: 80, count: height * width)
        for image in 1...images {
            try Image(width: width, height: height, channels: 1, pixels: pixels)
                .writePNG(to: "\(folder)/data/images/\(image).png")
        }
        return try #require(set["figures"] as? [Any]).map { $0 as? Double }
    }

    private func rows() throws -> [(String, String)] {
        let arguments = ["evaluate", folder + "/results.json", "--data", folder + "/data"]
        return try #require(try SupernetCommand.parseAsRoot(arguments) as? Evaluate).rows()
    }

    @Test(arguments: [0, 3, 6, 7]) func resultsHaveTheFiguresOfPycocotools(number: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let figures = try write(number)
        let all = try rows()
        let prefix = number > 5 ? "masks " : ""
        let names = ["AP", "AP50", "AP75"].map { prefix + $0 }
        for (name, figure) in zip(names, figures) {
            let expected = figure.map { String(format: "%.4f", $0) } ?? "–"
            #expect(all.first { $0.0 == name }?.1 == expected, "\(name)")
        }
        #expect(all.contains { $0.0 == "boxes AP" } == (number > 5))
        #expect(all.contains { $0.0 == "  class 1" } && all.last?.0 == "findings")
    }

    @Test func resultsThatDoNotFitAreRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try write(0)
        func refusal(_ text: String) throws -> String {
            try AtomicFile.write(text, to: folder + "/results.json")
            do {
                _ = try rows()
                return "accepted"
            } catch { return "\(error)" }
        }
        let start = #"[{"image_id": 1, "category_id": 1, "#
        #expect(try refusal(start + #""score": 1, "bbox": [0, 0, 1]}]"#).contains("finding 0 has the box"))
        #expect(try refusal(start + #""score": 1}]"#).contains("neither a box nor a mask"))
        #expect(try refusal(start + #""bbox": [0, 0, 1, 1]}]"#).contains("[0] has no score"))
        #expect(try refusal(start + #""score": 1, "#).contains("middle of its JSON"))
        let box = #""score": 1, "bbox": [0, 0, 1, 1]}]"#
        #expect(try refusal(#"[{"image_id": 99, "category_id": 1, "# + box).contains("image 99"))
        #expect(try refusal(#"[{"image_id": 1, "category_id": 77, "# + box).contains("category 77"))
        let mask = #""score": 1, "segmentation": {"size": [3, 3], "counts": [9]}}]"#
        #expect(try refusal(start + mask).contains("3 x 3 pixels"))
        #expect(try refusal(start + #""score": 1, "segmentation": {"size": [3, 3], "counts": "~"}}]"#).contains("mask"))
    }

    @Test func aFolderWithBoxesIsTold() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        _ = try write(6)
        let sheet = folder + "/sheet.png"
        var command = try SupernetCommand.parseAsRoot(["data", folder + "/data", "--sheet", sheet])
        try command.run()
        #expect(FileManager.default.fileExists(atPath: sheet))
        let data = try TaskDataset.open(at: folder + "/data")
        let rows = try DataSummary(data, source: folder + "/data", perRow: 4).rows
        #expect(rows.first?.1 == "coco, for detection and instance segmentation")
        #expect(rows.contains { $0.0 == "objects" && $0.1.contains("class 1") })
        #expect(rows.contains { $0.0 == "train" && $0.1.hasPrefix("5 images, 34 objects") })
    }
}
