import Datasets
import Foundation
import TestFolders
import Testing

/// The programs in `Examples/`, which show what a program of another's can define, and the code of the README.
@Suite(.serialized) struct ExamplesTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// The folder of the package.
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Runs an example, and gives its last line on standard output and the lines before.
    private func lines(_ name: String, images: Int? = nil) throws -> [String] {
        let outcome = try BuiltProgram(name).run(images.map { ["\($0)"] } ?? [], in: folder.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output.split(separator: "\n").map(String.init)
    }

    /// The number at the end of the line that begins with `words`.
    private func figure(_ words: String, in lines: [String]) throws -> Double {
        let line = try #require(lines.first { $0.hasPrefix(words) }, "no line begins with “\(words)”: \(lines)")
        let number = line.dropFirst(words.count).split(separator: " ").first.flatMap { Double($0) }
        return try #require(number, "no number follows in “\(line)”")
    }

    @Test func aSpaceOfItsOwnIsSearched() throws {
        let lines = try lines("OwnSpace", images: 256)
        let accuracy = try figure("accuracy on test images: ", in: lines)
        #expect((0...1).contains(accuracy))
        let found = try #require(lines.first { $0.hasPrefix("found: ") })
        let names = found.dropFirst("found: ".count).split(separator: ", ")
        #expect(names.count == 6 && names.allSatisfy { ["3x3", "5x5", "1x1", "pool", "identity"].contains($0) })
        #expect(lines.filter { $0.contains(", sure to 0.") || $0.contains(", sure to 1.0") }.count == 6, "\(lines)")
    }

    @Test func aMethodOfItsOwnTrainsASupernet() throws {
        let accuracy = try figure("accuracy on test images: ", in: lines("OwnMethod", images: 256))
        #expect((0...1).contains(accuracy))
        // The method is one like the others: it is what the study says that it was trained by.
        let settings = try folder.text("runs/own-method/study.json")
        #expect(settings.contains("\"budgeted\"") && settings.contains("900000"))
    }

    @Test func aTaskOfItsOwnIsLearned() throws {
        let error = try figure("test images are off by ", in: lines("OwnTask", images: 256))
        // Of none to five discs; a guess of the middle is off by 1.5 on average.
        #expect((0...5).contains(error))
        let result = try folder.text("runs/own-task/finetune/result.json")
        #expect(result.contains("\"MAE\""))
    }

    @Test(arguments: ["OwnSpace", "OwnMethod", "OwnTask"]) func anExampleIsShort(name: String) throws {
        #expect(
            try Self.text("Examples/\(name)/Sources/\(name)/main.swift").split(
                separator: "\n", omittingEmptySubsequences: false
            ).count <= 80)
    }

    /// The README's Swift code, block by block, beside what is built and run here.
    @Test func theReadmesCodeIsWhatIsBuilt() throws {
        func blocks(_ path: String, from start: String, to end: String) throws -> [String] {
            try Self.text(path).components(separatedBy: start).dropFirst().map { part in
                let lines = part.components(separatedBy: "\n").dropFirst()
                return lines.prefix { $0 != end }.joined(separator: "\n")
            }
        }
        let shown = try blocks("README.md", from: "\n```swift", to: "```")
        #expect(shown.count == 2)
        #expect(
            try shown
                == blocks("Examples/Readme/main.swift", from: "// README: ", to: "// README: end")
                .filter { !$0.isEmpty })
    }

    @Test func theReadmesCodeRuns() throws {
        for (place, name) in ["dark", "light"].enumerated() {
            try folder.makeFolder("photos/\(name)")
            for number in 0..<10 {
                let pixels = (0..<16 * 16).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ number &+ 100 * place) }
                try Image(width: 16, height: 16, channels: 1, pixels: pixels)
                    .writePNG(to: folder.file("photos/\(name)/\(number).png"))
            }
        }
        let lines = try lines("ReadmeCode")
        #expect((0...1).contains(try figure("accuracy on test images: ", in: lines)))
        #expect(lines.last == "a choice of 1")
    }
}
