import Foundation
import Support
import Yams

/// Turns YAML text into a ``ConfigNode`` tree that remembers its lines. All YAML is read here, and JSON, which is a
/// part of it: configurations, settings, search spaces.
struct ConfigYAMLReader {
    /// Aliases may repeat a node many times over; a configuration that unfolds beyond this is an accident or an attack.
    private static let nodeLimit = 100_000
    /// Lists and sections within each other, each of which takes a part of the stack. The parser itself stops at 1000.
    private static let depthLimit = 200
    /// Keys of one section; looking for one of them takes as long as there are keys.
    private static let keyLimit = 10_000
    /// The most bytes of a file: many times what a configuration or a space of thousands of layers has.
    static let byteLimit = 4 << 20

    /// Makes an origin from a line and a column, both counted from 1 and 0 where unknown.
    private let origin: (Int, Int) -> ConfigurationOrigin
    private var count = 0
    private var depth = 0

    /// Reads a file's whole text. Empty text gives null.
    static func read(_ text: String, file: String) throws -> ConfigNode {
        try read(text) { .file(file, line: $0, column: $1) }
    }

    /// Reads the value of a setting.
    static func read(_ text: String, setting: String) throws -> ConfigNode {
        try read(text) { _, _ in .setting(setting) }
    }

    private static func read(
        _ text: String, _ origin: @escaping (Int, Int) -> ConfigurationOrigin
    ) throws -> ConfigNode {
        var reader = ConfigYAMLReader(origin: origin)
        if let line = KeysOfManyValues.line(in: text) {
            let problem = ConfigurationProblem(key: "", kind: .malformed(Self.keyReason), origin: origin(line, 1))
            throw ConfigurationError([problem])
        }
        do {
            guard let root = try Parser(yaml: text, encoding: .utf8).singleRoot() else {
                return ConfigNode(.scalar(.null), origin: origin(0, 0))
            }
            return try reader.convert(root)
        } catch let error as YamlError {
            throw ConfigurationError([reader.problem(error, in: text)])
        }
    }

    private mutating func convert(_ node: Node) throws -> ConfigNode {
        count += 1
        if count > Self.nodeLimit {
            throw malformed("the text unfolds to more than \(Self.nodeLimit) values", node.mark)
        }
        depth += 1
        defer { depth -= 1 }
        if depth > Self.depthLimit {
            throw malformed("lists and sections lie more than \(Self.depthLimit) levels deep", node.mark)
        }
        switch node {
        case .scalar(let scalar):
            let name = scalar.tag.rawValue
            let isString = name == Tag.Name.str.rawValue
            try refuse(tag: isString ? "" : name, scalar.mark)
            let value = ConfigScalar(text: scalar.string, isPlain: scalar.style == .plain && !isString)
            return ConfigNode(.scalar(value), origin: place(scalar.mark))
        case .sequence(let sequence):
            try refuse(tag: sequence.tag.rawValue, sequence.mark)
            return ConfigNode(.list(try sequence.map { try convert($0) }), origin: place(sequence.mark))
        case .mapping(let mapping):
            try refuse(tag: mapping.tag.rawValue, mapping.mark)
            return ConfigNode(.section(try entries(mapping)), origin: place(mapping.mark))
        case .alias(let alias):
            throw malformed("an alias to nothing", alias.mark)
        }
    }

    private static let keyReason = "a key must be a word"

    private mutating func entries(_ mapping: Node.Mapping) throws -> [ConfigNode.Entry] {
        var entries: [ConfigNode.Entry] = []
        var merged: [ConfigNode.Entry] = []
        var seen: Set<String> = []
        if mapping.count > Self.keyLimit {
            throw malformed("a section has more than \(Self.keyLimit) keys", mapping.mark)
        }
        for (key, value) in mapping {
            guard case .scalar(let name) = key else { throw malformed(Self.keyReason, key.mark) }
            if name.string == "<<", name.style == .plain {
                merged += try mergedEntries(value)
                continue
            }
            // The parser compares keys together with their types, so that 1 and "1" get past it.
            guard seen.insert(name.string).inserted else {
                throw malformed("the key `\(name.string)` is there twice", key.mark)
            }
            entries.append(.init(key: name.string, value: try convert(value), origin: place(key.mark)))
        }
        // What a section says itself is stronger than what it takes in, and of that the first.
        return entries + merged.filter { seen.insert($0.key).inserted }
    }

    /// The entries that `<<: *section` takes in, or `<<: [*first, *second]`.
    private mutating func mergedEntries(_ node: Node) throws -> [ConfigNode.Entry] {
        let sections = node.sequence.map(Array.init) ?? [node]
        return try sections.flatMap { section -> [ConfigNode.Entry] in
            guard let entries = try convert(section).entries else {
                throw malformed("`<<` takes in a section or a list of sections", section.mark)
            }
            return entries
        }
    }

    private func refuse(tag: String, _ mark: Mark?) throws {
        guard tag.isEmpty || tag == Tag.Name.nonSpecific.rawValue else {
            throw malformed("tags such as `\(tag)` have no meaning here; write the plain value", mark)
        }
    }

    private func malformed(_ reason: String, _ mark: Mark?) -> ConfigurationError {
        ConfigurationError([ConfigurationProblem(key: "", kind: .malformed(reason), origin: place(mark))])
    }

    private func problem(_ error: YamlError, in text: String) -> ConfigurationProblem {
        func problem(_ reason: String, _ mark: Mark?) -> ConfigurationProblem {
            ConfigurationProblem(key: "", kind: .malformed(reason), origin: place(mark))
        }
        switch error {
        case .scanner(let context, let reason, let mark, _), .parser(let context, let reason, let mark, _),
            .composer(let context, let reason, let mark, _):
            // The parser's own words are about a function of its.
            if reason.contains("nesting level") {
                return problem("lists and sections lie too deep within each other", mark)
            }
            return problem(
                "not YAML: " + (context.map { "\($0.text), " } ?? "") + reason + Self.hint(mark, in: text), mark)
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.map { "`\($0)`" }.joined(separator: ", ")
            let reason = keys.count == 1 ? "the key \(names) is there twice" : "the keys \(names) are there twice"
            return problem("\(reason), first here", context.mark)
        case .reader(let reason, let offset, let value, _):
            let lines = text.prefix(offset ?? 0).split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            let character = value > 0 ? " (U+\(String(value, radix: 16, uppercase: true)))" : ""
            let (line, column) = offset == nil ? (0, 0) : (lines.count, (lines.last?.count ?? 0) + 1)
            return ConfigurationProblem(
                key: "", kind: .malformed("not YAML: \(reason)\(character)"), origin: origin(line, column))
        default:
            return problem("not YAML: \(error)", nil)
        }
    }

    /// A hint at a fault that cannot be seen in an editor: a line that is indented by tabs.
    private static func hint(_ mark: Mark, in text: String) -> String {
        let lines = TextFile.lines(of: text)
        guard mark.line >= 1, mark.line <= lines.count,
            lines[mark.line - 1].prefix(while: { $0 == " " || $0 == "\t" }).contains("\t")
        else { return "" }
        return "; this line begins with a tab, and YAML is indented by spaces"
    }

    private func place(_ mark: Mark?) -> ConfigurationOrigin {
        origin(mark?.line ?? 0, mark?.column ?? 0)
    }
}
