import ArgumentParser
import Datasets
import Foundation
import Metrics
import Tasks

/// COCO's evaluation of detections.
struct Detections: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "COCO's evaluation of boxes against pycocotools: 5,000 images with 100 detections each.")

    @Option(help: "Times that each side is measured, in turn.") var rounds = 3
    @Option(help: "Images.") var images = 5_000
    @Option(help: "Detections of each image.") var detections = 100

    func run() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("supernet-" + UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let arguments = [folder.path, "--images", "\(images)", "--detections", "\(detections)"]
        _ = try Peer.run("coco.py", arguments + ["--write-only"])
        // The images themselves are not looked at, but must be there.
        try FileManager.default.createDirectory(
            at: folder.appendingPathComponent("images"), withIntermediateDirectories: true)
        for image in 1...max(images, 1) {
            try Data().write(to: folder.appendingPathComponent("images/\(image).jpg"))
        }
        var (whole, evaluation, peerWhole, peerEvaluation): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        var (ap, peerAP) = (0.0, 0.0)
        for _ in 0..<max(rounds, 1) {
            let clock = ContinuousClock()
            let start = clock.now
            let parts = try DetectionParts.open(folder.path)
            let results = try COCOResults(at: folder.appendingPathComponent("results.json").path)
            let read = clock.now
            let scores = try ObjectScoring(parts.train, categories: parts.categories, kind: .boxes)(results).scores
            let end = clock.now
            ap = scores.ap ?? .nan
            func milliseconds(_ duration: Duration) -> Double { duration / .milliseconds(1) }
            whole.append(milliseconds(end - start))
            evaluation.append(milliseconds(end - read))
            let output = try Peer.run("coco.py", arguments)
            peerWhole.append(try Peer.number("whole_ms", in: output))
            peerEvaluation.append(try Peer.number("evaluation_ms", in: output))
            peerAP = try Peer.number("ap", in: output)
        }
        print("\nCOCO's evaluation of boxes, \(images) images with \(detections) detections each")
        for (name, own, other) in [
            ("from the files to the figures", whole, peerWhole), ("the evaluation alone", evaluation, peerEvaluation),
        ] {
            print(
                String(
                    format: "  here %.2f s, pycocotools %.2f s: %.1f times as fast  ", median(own) / 1e3,
                    median(other) / 1e3, median(other) / median(own)) + name)
        }
        print(String(format: "  AP here %.12f, pycocotools %.12f", ap, peerAP))
    }
}
