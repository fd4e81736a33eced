import Foundation
import Results
import TestFolders
import Testing

@testable import SupernetCommands

/// What an earlier version of the program left behind, in `Tests/Goldens/earlier`; `earlier.sh` beside it says how.
enum EarlierFiles {
    /// The folder in the repository, which no test writes into.
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Goldens/earlier").path

    /// What the program of that time said.
    static func expected(_ name: String) throws -> String {
        try String(contentsOfFile: "\(folder)/expected/\(name)", encoding: .utf8)
    }

    /// Options of other spaces, methods and tasks than the chosen ones, with values of their own: an earlier version passed
    /// them over.
    static let refused = [
        "configs/study.yaml": [
            "space.width", "space.cells", "space.reduction", "space.widths", "space.strides", "method.consistency",
            "method.random-paths",
        ],
        "configs/adapt-domain.yaml": ["task.images-per-identity", "task.triplet-weight"],
    ]

    /// Settings without the keys that are refused now.
    static func accepted(_ name: String) throws -> String {
        let refused = refused[name] ?? []
        var (section, removed) = ("", 0)
        let text = try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
            let key = String(line.prefix { $0 != ":" })
            if !key.hasPrefix(" ") { section = key }
            let isRefused = refused.contains("\(section).\(key.dropFirst(2))")
            removed += isRefused ? 1 : 0
            return !isRefused
        }
        try #require(removed == refused.count)
        return lines.joined(separator: "\n")
    }

    /// A table of names and values as the program prints it; columns are at least two spaces apart.
    static func table(_ text: String) -> [[String]] {
        text.split(separator: "\n").map { line in
            line.split(separator: /\ {2,}/).map { String($0).trimmingCharacters(in: .whitespaces) }
        }
    }

    /// A network of that time, with the images that the program told something of.
    struct Network: Sendable, CustomTestStringConvertible {
        /// In the names of what the program said.
        var name: String
        /// The file, below the folder.
        var file: String
        /// Images that it was asked about.
        var images = "photos"
        /// Images that it was scored on.
        var data = "images"
        /// More arguments of `predict`; paths are below the folder where they hold a slash.
        var predicting = ["--top", "3"]
        /// More arguments of `evaluate`.
        var scoring: [String] = []

        var testDescription: String { name }
        var path: String { "\(folder)/\(file)" }
    }

    /// Networks with classes.
    static let classifiers: [Network] =
        [
            Network(name: "network", file: "network/network.safetensors"),
            Network(name: "imported", file: "imported/network.safetensors"),
            Network(name: "own", file: "own/finetune/network.safetensors"),
        ]
        + ["pi-nas/search", "pi-nas/finetune", "pi-nas/retrain", "fairnas/search", "fairnas/finetune"].map { phase in
            Network(name: phase.replacing("/", with: "-"), file: "\(phase)/network.safetensors")
        }
        + ["classification", "unsupervised", "spread", "domain-adaptation"].map { name in
            Network(name: name, file: "adapted/\(name)/joint/network.safetensors", data: "outlines")
        } + [
            Network(
                name: "gender", file: "adapted/gender/joint/network.safetensors", data: "faces",
                predicting: ["--top", "2"], scoring: ["--task", "gender"])
        ]

    /// Networks with other heads.
    static let others: [Network] =
        ["age", "age-and-gender"].map { name in
            Network(name: name, file: "adapted/\(name)/joint/network.safetensors", data: "faces", predicting: [])
        } + [
            Network(
                name: "re-identification", file: "adapted/re-identification/joint/network.safetensors",
                images: "people/query", data: "people",
                predicting: ["--gallery", "people/bounding_box_test", "--top", "4"])
        ]

    /// A supernet of that time, with a path that was cut out of it.
    struct Supernet: Sendable, CustomTestStringConvertible {
        /// In the names of what the program said; nil where it said nothing.
        var name: String?
        /// The file, below the folder.
        var file: String
        /// The path that was cut out.
        var path = ""
        /// The classifier that was put on it, below the folder.
        var probe: String?
        /// What its card tells.
        var method: String
        /// The same.
        var dimension: Int?
        /// The same.
        var origin: String?
        /// Candidates at each choice.
        var candidates: [Int]
        /// Whether it knows classes.
        var hasClasses = true

        var testDescription: String { file }
    }

    /// Whole ones, one that learned beside another as its teacher, and one that was made of a network.
    static let supernets = [
        Supernet(
            name: "pi-nas-path", file: "pi-nas/supernet/supernet.safetensors", path: "1 2",
            probe: "pi-nas/probe/probe.safetensors", method: "pi-nas", dimension: 6, candidates: [4, 4]),
        Supernet(
            file: "pi-nas/supernet/teacher.safetensors", method: "pi-nas", dimension: 6, candidates: [4, 4]),
        Supernet(
            name: "fairnas-path", file: "fairnas/supernet/supernet.safetensors", path: "2 1", method: "fairnas",
            candidates: [5, 5]),
        Supernet(
            name: "own-path", file: "own/supernet/supernet.safetensors", path: "0 0", method: "sandwich",
            candidates: [3, 2]),
        Supernet(
            file: "imported/supernet.safetensors", method: "imported", origin: "0", candidates: [3], hasClasses: false),
    ]

    /// What differs between two values of JSON: texts and lengths must be equal, numbers nearly; a dictionary may have more
    /// keys than `old` has.
    static func differences(
        _ old: Any, _ new: Any, within tolerance: Double = 1e-5, at place: String = ""
    ) -> [String] {
        switch (old, new) {
        case let (old as [String: Any], new as [String: Any]):
            return old.sorted { $0.key < $1.key }.flatMap { key, value in
                new[key].map { differences(value, $0, within: tolerance, at: "\(place).\(key)") }
                    ?? ["\(place).\(key) is gone"]
            }
        case let (old as [Any], new as [Any]):
            guard old.count == new.count else { return ["\(place): \(old.count) before, now \(new.count)"] }
            return zip(old, new).enumerated().flatMap { number, pair in
                differences(pair.0, pair.1, within: tolerance, at: "\(place)[\(number)]")
            }
        case let (old as NSNumber, new as NSNumber):
            let (old, new) = (old.doubleValue, new.doubleValue)
            let isNear = abs(old - new) <= tolerance * max(1, abs(old))
            return isNear ? [] : ["\(place): \(old) before, now \(new)"]
        case let (old as NSObject, new as NSObject):
            return old == new ? [] : ["\(place): \(old) before, now \(new)"]
        default: return ["\(place): nothing to compare"]
        }
    }

    /// A text as JSON.
    static func json(_ text: String) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }
}

/// A copy of runs that a test may write into, and the built program at work beside them, as whoever made them worked.
final class EarlierCopy {
    private let place: TemporaryFolder
    /// Where the runs lie, beside links to images and settings.
    let folder: String

    convenience init(_ runs: String...) throws { try self.init(runs) }

    /// - Parameter runs: those that are copied; there are no others.
    init(_ runs: [String]) throws {
        place = try TemporaryFolder()
        folder = try place.makeFolder("earlier")
        for name in ["configs", "images", "outlines", "faces", "people"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/\(name)", withDestinationPath: "\(EarlierFiles.folder)/\(name)")
        }
        for name in runs {
            try FileManager.default.createDirectory(
                at: URL(filePath: "\(folder)/\(name)").deletingLastPathComponent(), withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: "\(EarlierFiles.folder)/\(name)", toPath: "\(folder)/\(name)")
        }
    }

    /// Writes the settings of the study without labels as they are accepted now, `study.yaml`.
    func writeAcceptedStudy() throws {
        try place.write(EarlierFiles.accepted("configs/study.yaml"), to: "earlier/study.yaml")
    }

    /// What a file of the copy holds.
    func bytes(_ name: String) throws -> [UInt8] { try place.bytes("earlier/\(name)") }

    /// The same as JSON.
    func json(_ name: String) throws -> Any { try EarlierFiles.json(String(decoding: bytes(name), as: UTF8.self)) }

    /// The same as what a phase leaves.
    func result<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
        try #require(try ResultFile.read(type, "\(folder)/\(name)"))
    }

    /// A number in a file of JSON, by its keys.
    func number(_ name: String, _ keys: String...) throws -> Double? {
        let value = try keys.reduce(json(name) as Any?) { ($0 as? [String: Any])?[$1] }
        return (value as? NSNumber)?.doubleValue
    }

    /// Whether a file is there.
    func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(name)") }

    /// Deletes files and folders.
    func remove(_ names: String...) throws {
        for name in names { try FileManager.default.removeItem(atPath: "\(folder)/\(name)") }
    }

    /// All files below the folder whose names end so, links left aside.
    private func files(_ ending: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).filter { $0.hasSuffix(ending) }
    }

    /// All files of weights, with what they hold.
    func weights() throws -> [String: [UInt8]] {
        try Dictionary(uniqueKeysWithValues: files(".safetensors").map { ($0, try bytes($0)) })
    }

    /// All results, with what they tell.
    func results() throws -> [String: Any] {
        try Dictionary(
            uniqueKeysWithValues: (files("/result.json") + files("/results.json")).map { ($0, try json($0)) })
    }

    /// Runs the program in the copy, with one thread.
    ///
    /// - Parameters:
    ///   - words: a verb and its arguments, with spaces between.
    ///   - more: arguments that may hold spaces.
    /// - Returns: what it wrote to standard output.
    @discardableResult
    func supernet(_ words: String, _ more: [String] = []) throws -> String {
        let outcome = try BuiltProgram("supernet").run(words.split(separator: " ").map(String.init) + more, in: folder)
        #expect(outcome.status == 0, "supernet \(words): \(outcome.errors)")
        return outcome.output
    }
}
