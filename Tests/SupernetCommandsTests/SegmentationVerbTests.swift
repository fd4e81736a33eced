import Datasets
import Experiments
import Foundation
import Networks
import Support
import TestImages
import Testing

@testable import SupernetCommands

/// Segmentation from the command line: a folder of images and masks to a network, its masks, score and exports.
@Suite(.serialized) struct SegmentationVerbTests {
    /// A folder of images and masks, with a network that learned them for a moment.
    private func withNetwork(_ body: (_ folder: String, _ network: String) throws -> Void) throws {
        let folder = NSTemporaryDirectory() + "supernet-segmentation-" + UUID().uuidString
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try DiscMaps(count: 16).write(to: "\(folder)/data", validationFrom: 12)
        let study = FilePath.join(folder, "run")
        try run(["train", "--run", study] + SmallSettings.segmentation("\(folder)/data", epochs: 1))
        try body(folder, FilePath.join(study, "network.safetensors"))
    }

    private func run(_ arguments: [String]) throws {
        var command = try SupernetCommand.parseAsRoot(arguments)
        try command.run()
    }

    @Test func aNetworkWritesMasksAndIsScoredAndExported() throws {
        try withNetwork { folder, network in
            let (masks, table) = (FilePath.join(folder, "out"), FilePath.join(folder, "table.csv"))
            try run([
                "predict", network, "\(folder)/data/images/val", "--masks", masks, "--output", table, "--scales",
                "0.75,1", "--mirror",
            ])
            #expect(try FilePath.list(masks) == (12..<16).flatMap { ["\($0).overlay.png", "\($0).png"] })
            let lines = try TextFile.read(table, limit: 1 << 20).split(separator: "\n")
            #expect(lines.first == "image,background,disc,square,mask" && lines.count == 5)
            // What is written is read as masks are.
            let mask = try StoredPNG(contentsOf: "\(masks)/12.png")
            #expect(mask.palette != nil)
            let evaluate = try #require(
                SupernetCommand.parseAsRoot(["evaluate", network, "--data", "\(folder)/data", "--mirror"]) as? Evaluate)
            let rows = try evaluate.rows()
            #expect(rows.map(\.0).prefix(3) == ["mIoU", "pixel accuracy", "images"] && rows[2].1 == "4")
            for arguments in [["--argmax"], ["--argmax", "--any-size", "--fold-batch-norm"], ["--softmax"]] {
                try run(["export", network, "--output", "\(folder)/network.onnx"] + arguments)
            }
            let page = try TextFile.read(FilePath.join(folder, "run/report.html"), limit: 64 << 20)
            for words in ["Intersection over union", "Confusions of pixels", "best", "label"] {
                #expect(page.contains(words), "\(words)")
            }
        }
    }

    @Test func whatDoesNotFitIsRefusedInWords() throws {
        try withNetwork { folder, network in
            func refusal(_ arguments: [String]) -> String {
                do {
                    try run(arguments)
                    return "accepted"
                } catch { return "\(error)" }
            }
            let data = "\(folder)/data"
            #expect(refusal(["evaluate", network, "--data", data, "--scales", "0,1"]).contains("from 0.05 to 8"))
            #expect(
                refusal(["export", network, "--output", "\(folder)/n.onnx", "--softmax", "--argmax"]).contains(
                    "together"))
            // The data of another task, and classes that the network does not know.
            #expect(refusal(["evaluate", network, "--data", "\(data)/images"]).contains("images and masks"))
            try AtomicFile.write("background\nring\nsquare\n", to: "\(data)/classes.txt")
            #expect(refusal(["evaluate", network, "--data", data]).contains("does not know the class `ring`"))
            try AtomicFile.write("background\ndisc\n", to: "\(data)/classes.txt")
            #expect(refusal(["evaluate", network, "--data", data]).contains("masks/"))
        }
    }

    @Test func aDryRunReckonsWithMapsOfNoise() throws {
        let settings = [
            "task.name=segmentation", "task.output-stride=8", "data.source=/no/such/folder", "data.channels=rgb",
            "data.augmentation=[{random-scale-by-longer-side: 24}, {pad: 16}, {random-crop: 16}]",
            "data.evaluation=[{resize: 16}, {pad: 16}, {center-crop: 16}]", "network.planes=[8]", "network.depths=[1]",
            "network.code=[1]", "train.batch-size=4", "train.mix-probability=0",
        ]
        try run(
            ["train", "--dry-run", "--images", "40", "--classes", "5", "--gpu-tflops", "100", "--gpu-memory", "80"]
                + settings.flatMap { ["--set", $0] })
    }
}
