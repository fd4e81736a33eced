import Foundation
import Testing

/// What the documentation quotes is there.
@Suite struct DocumentationTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// All code with what is split over lines put together.
    private static func sources() throws -> String {
        var all = ""
        for folder in ["Sources", "Python/supernet"] {
            let files = FileManager.default.enumerator(atPath: root.appendingPathComponent(folder).path)
            for case let name as String in files ?? .init() where name.hasSuffix(".swift") || name.hasSuffix(".py") {
                all += try text("\(folder)/\(name)") + "\n"
            }
        }
        return all.replacing(#/"\s*\n\s*(?:\+ )?f?"/#, with: "")
    }

    @Test func messagesThatAreExplainedAreThoseOfTheProgram() throws {
        let quoted = try Self.text("docs/troubleshooting.md").matches(of: #/\*\*`([^`]+)`\*\*/#).map { String($0.1) }
        #expect(quoted.count >= 9)
        let sources = try Self.sources()
        for words in quoted { #expect(sources.contains(words), "\(words)") }
    }

    @Test func linksBetweenPagesLeadSomewhere() throws {
        let pages = try FileManager.default.contentsOfDirectory(atPath: Self.root.appendingPathComponent("docs").path)
            .filter { $0.hasSuffix(".md") }.map { "docs/" + $0 }
        for page in pages + ["README.md", "CONTRIBUTING.md", "Examples/README.md"] {
            let folder = Self.root.appendingPathComponent(page).deletingLastPathComponent()
            for link in try Self.text(page).matches(of: #/\]\(([^)\s]+)\)/#).map({ String($0.1) })
            where !link.contains("://") && !link.hasPrefix("#") {
                let parts = link.split(separator: "#", maxSplits: 1).map(String.init)
                let file = folder.appendingPathComponent(parts[0]).standardizedFileURL
                #expect(FileManager.default.fileExists(atPath: file.path), "\(page): \(link)")
                guard parts.count == 2, file.pathExtension == "md" else { continue }
                let heads = try String(contentsOf: file, encoding: .utf8).matches(of: #/(?m)^#+ (.+)$/#).map {
                    String($0.1)
                }
                #expect(heads.map(Self.anchor).contains(parts[1]), "\(page): \(link)")
            }
        }
    }

    /// The anchor of a heading, as GitHub makes it.
    private static func anchor(_ heading: String) -> String {
        heading.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
            .replacing(" ", with: "-")
    }

    /// Every verb that a page tells of is one.
    @Test func verbsThatPagesTellOfAreThere() throws {
        let pages = try FileManager.default.contentsOfDirectory(atPath: Self.root.appendingPathComponent("docs").path)
            .filter { $0.hasSuffix(".md") }.map { "docs/" + $0 }
        for page in pages + ["README.md", "Python/README.md"] {
            // In what a shell is given, between fences.
            for block in try Self.text(page).matches(of: #/(?s)```sh\n(.*?)```/#).map({ String($0.1) }) {
                for verb in block.matches(of: #/(?m)^supernet ([a-z]+)/#).map({ String($0.1) }) {
                    #expect(Self.verbs.contains(verb), "\(page): supernet \(verb)")
                }
            }
        }
    }

    private static let verbs: Set = [
        "demo", "run", "adapt", "data", "train", "probe", "search", "finetune", "retrain", "evaluate", "predict",
        "export",
        "import", "benchmark", "rank", "compare", "profile", "doctor", "watch", "config", "help",
    ]
}
