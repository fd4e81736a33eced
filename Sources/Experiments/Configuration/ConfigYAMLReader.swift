import Foundation
import Yams

/// Turns YAML text into a ``ConfigNode`` tree that remembers its lines.
struct ConfigYAMLReader {
    /// Aliases may repeat a node many times over; a configuration that unfolds beyond this is an accident or an attack.
    private static let nodeLimit = 100_000

    /// From a line and a column, both counted from 1 and 0 where unknown.
    private let origin: (Int, Int) -> ConfigurationOrigin
    private var count = 0

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

    private mutating func entries(_ mapping: Node.Mapping) throws -> [ConfigNode.Entry] {
        var entries: [ConfigNode.Entry] = []
        var seen: Set<String> = []
        for (key, value) in mapping {
            guard case .scalar(let name) = key else { throw malformed("a key must be a word", key.mark) }
            // The parser compares keys together with their types, so that 1 and "1" get past it.
            guard seen.insert(name.string).inserted else {
                throw malformed("the key `\(name.string)` is there twice", key.mark)
            }
            entries.append(.init(key: name.string, value: try convert(value), origin: place(key.mark)))
        }
        return entries
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
            return problem("not YAML: " + (context.map { "\($0.text), " } ?? "") + reason, mark)
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

    private func place(_ mark: Mark?) -> ConfigurationOrigin {
        origin(mark?.line ?? 0, mark?.column ?? 0)
    }
}
