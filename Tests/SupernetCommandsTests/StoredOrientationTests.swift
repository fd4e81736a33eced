import Datasets
import Experiments
import Foundation
import Support
import TestImages
import Testing
import Workflows

@testable import SupernetCommands

/// Studies from before images were turned as their EXIF says.
@Suite struct StoredOrientationTests {
    /// A folder with images and the settings of a study that is stored without the key.
    private func withOldStudy(_ body: (_ folder: String, _ images: String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "supernet-old-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let picture = Image(width: 16, height: 12, channels: 1, pixels: [UInt8](repeating: 9, count: 192))
        for name in ["cat", "dog"] {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/images/\(name)", withIntermediateDirectories: true)
            for number in 0..<3 { try picture.writePNG(to: "\(folder)/images/\(name)/\(number).png") }
        }
        try FileManager.default.createDirectory(atPath: "\(folder)/study", withIntermediateDirectories: true)
        var options = StudyConfiguration()
        options.data.source = "\(folder)/images"
        let text = try Resolved(options).yaml()
        let old = text.replacingOccurrences(of: "  orientation: exif\n", with: "")
        try #require(old != text)
        try Data(old.utf8).write(to: URL(filePath: "\(folder)/study/\(Study.settingsName)"))
        // By which a folder is known as this program's own.
        try Data().write(to: URL(filePath: "\(folder)/study/lock"))
        try body("\(folder)/study", "\(folder)/images")
    }

    @Test func theyGoOnWithoutTurning() throws {
        try withOldStudy { study, images in
            let command = ["--run", study, "--set", "data.source=\(images)"]
            func orientation(_ more: [String] = []) throws -> ImageOrientation {
                try StudyOpening.open(RunOptions.parse(command + more), name: "").options.data.orientation
            }
            let untold = try orientation()
            #expect(untold == .ignore)
            #expect(try orientation(["--set", "data.orientation=exif"]) == .exif)
            #expect(try StudyOpening.reopen(study, settings: [], threads: nil).options.data.orientation == .ignore)
            // What begins, begins with turning, though it begins from an old study.
            #expect(try AdaptationConfiguration.adapting(study).data.orientation == .exif)
            #expect(try orientation(["--fresh"]) == .exif)
        }
    }
}
