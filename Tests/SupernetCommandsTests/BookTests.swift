import Datasets
import Foundation
import Support
import TestFolders
import TestImages
import TestSupernets
import Testing

@testable import SupernetCommands

/// The examples of the documentation do what they say.
///
/// All commands of all pages are understood by the program. Those of the chapters run from top to bottom, as a reader would give
/// them, on small images, with small settings, and from a small network in place of those that would be downloaded.
@Suite struct BookTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../..").standardizedFileURL

    private static func text(_ page: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(page), encoding: .utf8)
    }

    private static let pages: [String] = {
        let docs =
            (try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("docs").path)) ?? []
        return docs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
            + ["README.md", "CONTRIBUTING.md", "Python/README.md", "Examples/README.md"]
    }()

    // MARK: Reading a page

    /// A block between fences.
    private struct Block {
        let language: String
        let content: String
    }

    private static func blocks(_ page: String) throws -> [Block] {
        try text(page).matches(of: #/(?ms)^```(\w+)\n(.*?)^```/#).map {
            Block(language: String($0.1), content: String($0.2))
        }
    }

    /// The commands of a block that a shell is given, each as its words without the program's name.
    private static func commands(_ block: Block) -> [[String]] {
        block.content.replacing("\\\n", with: " ").split(separator: "\n").compactMap { line in
            let words = words(String(line).replacing("$fold", with: "1"))
            return words.first == "supernet" ? Array(words.dropFirst()) : nil
        }
    }

    /// The words of a line as a shell sees them, without what follows a #.
    private static func words(_ line: String) -> [String] {
        var (words, word, quote): ([String], String?, Character?) = ([], nil, nil)
        for character in line {
            if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                (quote, word) = (character, word ?? "")
            } else if quote == nil, character == "#", word == nil {
                break
            } else if quote == nil, character == " " {
                if let done = word { words.append(done) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }

    // MARK: All pages

    @Test(arguments: pages) func everyCommandIsUnderstood(page: String) throws {
        for command in try Self.blocks(page).filter({ $0.language == "sh" }).flatMap(Self.commands)
        // What stands for something else is no command yet.
        where !command.contains(where: { $0.contains("…") || $0.contains("...") }) && command != ["--version"] {
            #expect(throws: Never.self, "supernet \(command.joined(separator: " "))") {
                try SupernetCommand.parseAsRoot(command)
            }
        }
    }

    // MARK: The chapters

    private static let chapters = [
        "start", "data", "adapting", "spaces", "tasks", "studies", "rankings", "files", "deploying",
    ]

    /// What is downloaded, and what stands in its place here.
    private static let replaced = [
        "mobilenet-v2": "small.safetensors", "efficientnet-lite0": "small.safetensors", "photo-stamps-9": "photos/",
        "emoji-noto": "photos/", "scenes/val2017/": "scenes/val/",
    ]

    /// Commands that are not run, and why.
    private static func isLeftOut(_ command: [String]) -> Bool {
        // The main job, minutes of training on a downloaded set, which `make demo` runs.
        command[0] == "demo"
            // Its pictures are made of downloaded photographs; the folder is there already.
            || command.starts(with: ["data", "synth", "scenes"])
            // These read weights that would be downloaded; what they make is there already.
            || command.starts(with: ["import", "mobilenet-v2"])
            // In onnxruntime, which need not be there.
            || (command[0] == "evaluate" && command[1].hasSuffix(".onnx") && python == nil)
    }

    private static let network = [
        "supernet.epochs=1", "supernet.batch-size=8", "finetune.epochs=1", "finetune.batch-size=8",
        "search.evaluations=4",
        "search.initial=2", "search.round=2", "search.images=12", "search.recalibration-images=8",
        "search.batch-size=8",
        "data.threads=1",
    ]

    /// Arguments that make a command quick.
    private static func small(_ command: [String]) -> [String] {
        func set(_ settings: [String]) -> [String] { settings.flatMap { ["--set", $0] } }
        let task = command.firstIndex(of: "--task").map { command[$0 + 1] }
        switch command[0] {
        case "adapt":
            let batches =
                ["re-identification", "domain-adaptation"].contains(task)
                ? [] : ["supernet.images=16", "finetune.images=16"]
            return set(network + batches + ["teacher-epochs=1", "random-paths=1"])
                + (command.contains("--size") || command.contains("runs/study") ? [] : ["--size", "32"])
        case "run", "train":
            return set(
                network + [
                    "supernet.images=16", "finetune.images=16", "probe.epochs=1", "probe.batch-size=8",
                    "retrain.epochs=1", "retrain.batch-size=8", "log.evaluate-every=1",
                ])
        case "data" where command[1] == "synth":
            switch command[2] {
            case "streets": return ["--images", "12", "--validation-images", "4", "--cities", "3", "--height", "64"]
            case "pedestrians":
                return ["--identities", "12", "--test-identities", "6", "--images", "6", "--height", "64"]
            default: return ["--images", "48", "--side", "32"]
            }
        default: return []
        }
    }

    /// A configuration with small numbers.
    private static func small(configuration text: String) -> String {
        text.replacing(#/evaluations(=|: )\d+/#) { "evaluations\($0.1)4" }
            .replacing(#/initial(=|: )\d+/#) { "initial\($0.1)2" }
            .replacing(#/round=\d+/#, with: "round=2").replacing(#/epochs(=|: )\d+/#) { "epochs\($0.1)1" }
            .replacing(#/batch-size: \d+/#, with: "batch-size: 8").replacing("fraction=0.2", with: "fraction=0.9")
            .replacing("architectures: 40", with: "architectures: 20").replacing("fraction: 0.2", with: "fraction: 0.9")
            .replacing("seeds: [1, 2, 3]", with: "seeds: [1, 2]")
    }

    /// The folders that a reader of the book has.
    private static func prepare(_ folder: TemporaryFolder) throws {
        func write(_ name: String, _ colour: [UInt8], noise: UInt64) throws {
            var generator = SeededGenerator(seed: noise, RandomStream.noiseImage)
            let pixels = (0..<32 * 40).flatMap { _ in colour.map { $0 &+ UInt8(generator.below(40)) } }
            try Image(width: 40, height: 32, channels: 3, pixels: pixels).writePNG(to: folder.file(name))
        }
        let colours: [(String, [UInt8])] = [
            ("bird", [40, 120, 200]), ("cat", [180, 90, 30]), ("dog", [90, 170, 60]),
        ]
        for place in ["photos", "drawings"] {
            for (number, (name, colour)) in colours.enumerated() {
                _ = try folder.makeFolder("\(place)/\(name)")
                for image in 0..<24 {
                    try write(
                        "\(place)/\(name)/\(image).png", place == "photos" ? colour : colour.reversed(),
                        noise: UInt64(number * 100 + image))
                }
            }
        }
        _ = try folder.makeFolder("new-photos")
        for (number, (_, colour)) in colours.enumerated() {
            try write("new-photos/\(number).png", colour, noise: UInt64(900 + number))
        }
        try SquareObjects(count: 20, side: 64).write(to: folder.file("scenes"), validationFrom: 12)
        for name in ["small", "elastic"] {
            try ElasticSource.writeMobileNet(to: folder.file("\(name).safetensors"), size: 32)
        }
    }

    @Test(arguments: chapters) func chaptersRun(chapter: String) throws {
        let folder = try TemporaryFolder()
        try Self.prepare(folder)
        var count = 0
        for block in try Self.blocks("docs/\(chapter).md") {
            if block.language == "yaml", let name = block.content.firstMatch(of: #/^# (\S+\.yaml)\n/#)?.1 {
                let text = Self.small(configuration: block.content).replacing(
                    "source: fashion-mnist", with: "source: photos"
                )
                .replacing("data.source=fashion-mnist", with: "data.source=photos")
                _ = try folder.write(text, to: String(name))
            }
            for command in Self.commands(block) where block.language == "sh" && !Self.isLeftOut(command) {
                let words = command.map {
                    Self.replaced[$0] ?? $0.replacing("data.source=fashion-mnist", with: "data.source=photos/")
                }
                let outcome = try BuiltProgram("supernet").run(
                    words + Self.small(words), in: folder.path,
                    environment: ["SUPERNET_CACHE": folder.file("cache"), "SUPERNET_PYTHON": Self.python ?? ""])
                let given = (words + Self.small(words)).joined(separator: " ")
                try #require(outcome.status == 0, "\(chapter): supernet \(given)\n\(outcome.errors.suffix(2000))")
                count += 1
            }
            if block.language == "python" { try Self.runPython(block.content, chapter, in: folder) }
        }
        #expect(count > 2)
    }

    // MARK: Python

    /// A Python with PyTorch and onnxruntime, such as that which `Scripts/test-python` makes; nil where there is none.
    private static let python: String? = {
        let own = root.appendingPathComponent(".deps/python-venv/bin/python").path
        return [own, "/usr/bin/python3"].first { path in
            guard FileManager.default.isExecutableFile(atPath: path) else { return false }
            return (try? run(path, "import torch, numpy, PIL, onnxruntime", in: "/"))?.status == 0
        }
    }()

    private static func run(_ python: String, _ text: String, in folder: String) throws -> (
        status: Int32, errors: String
    ) {
        let (process, errors) = (Process(), Pipe())
        process.executableURL = URL(filePath: python)
        process.arguments = ["-c", text]
        process.currentDirectoryURL = URL(filePath: folder)
        process.environment = ProcessInfo.processInfo.environment.merging([
            "PYTHONPATH": root.appendingPathComponent("Python").path, "OMP_NUM_THREADS": "1",
        ]) { $1 }
        (process.standardError, process.standardOutput) = (errors, FileHandle.nullDevice)
        try process.run()
        let words = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, words)
    }

    private static func runPython(_ text: String, _ chapter: String, in folder: TemporaryFolder) throws {
        guard let python else { return }
        let outcome = try run(python, text, in: folder.path)
        #expect(outcome.status == 0, "\(chapter):\n\(text)\n\(outcome.errors)")
    }
}
