import Datasets
import Foundation
import TestFolders
import Testing

@testable import SupernetCommands

/// Images that cannot be read, from the first message to the page.
@Suite struct LeftOutTests {
    private func photos(_ folder: TemporaryFolder) throws -> String {
        for (number, name) in ["dark", "light"].enumerated() {
            for index in 0..<10 {
                let value = UInt8(40 + 160 * number + index)
                try FileManager.default.createDirectory(
                    atPath: folder.file("photos/\(name)"), withIntermediateDirectories: true)
                try Image(width: 12, height: 12, channels: 3, pixels: [UInt8](repeating: value, count: 432))
                    .writePNG(to: folder.file("photos/\(name)/\(index).png"))
            }
        }
        try folder.write("no image".utf8, to: "photos/dark/bad.png")
        try folder.write("nor this".utf8, to: "photos/light/worse.png")
        return folder.file("photos")
    }

    @Test func eachIsToldOnceAndAllAreCounted() throws {
        let folder = try TemporaryFolder()
        let photos = try photos(folder)
        let told = Told()
        let listener = UnreadableImages.shared.listen { entry in
            if entry.image.hasPrefix(photos) { told.add(entry.reason) }
        }
        defer { UnreadableImages.shared.stopListening(listener) }
        let run = folder.file("run")
        var command = try SupernetCommand.parseAsRoot(
            [
                "train", "--run", run, "--skip-bad-images", "--set", "data.source=\(photos)",
                "data.channels=rgb", "data.validation-fraction=0.3", "train.epochs=3", "train.batch-size=4",
                "data.augmentation=[center-crop: 12]", "data.evaluation=[center-crop: 12]", "network.stem=small",
                "network.planes=[8, 8]", "network.depths=[1, 1]", "network.code=[0, 0]", "precision=float32",
            ].reduce(into: [String]()) { arguments, word in
                if word.contains("="), !word.hasPrefix("data.source") { arguments.append("--set") }
                arguments.append(word)
            })
        try command.run()
        #expect(told.lines.count == 2 && Set(told.lines).count == 2)
        let result = try JSONSerialization.jsonObject(
            with: Data(contentsOf: URL(fileURLWithPath: run + "/result.json")))
        let leftOut = try #require((result as? [String: Any])?["leftOut"] as? [[String: String]])
        #expect(leftOut.map { $0["image"] } == [photos + "/dark/bad.png", photos + "/light/worse.png"])
        let page = try String(contentsOfFile: run + "/report.html", encoding: .utf8)
        #expect(page.contains("2 unreadable images"))
        // The next start knows them.
        #expect(try String(contentsOfFile: run + "/left-out.jsonl", encoding: .utf8).split(separator: "\n").count == 2)
    }
}

/// Lines from several threads.
private final class Told: @unchecked Sendable {
    private let lock = NSLock()
    private var all: [String] = []
    func add(_ line: String) { lock.withLock { all.append(line) } }
    var lines: [String] { lock.withLock { all } }
}
