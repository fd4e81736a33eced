import Foundation
import Support

/// A configuration that is complete: the defaults, what a file said over them, and what the command line said over
/// both.
public struct Resolved<T: Configuration>: Sendable, Equatable {
    /// The configuration as a Swift value, validated when it was resolved.
    public let value: T
    /// All keys with their values.
    public let tree: ConfigNode

    /// Wraps a value that was made in code.
    ///
    /// - Throws: ``ConfigurationError`` if the value does not pass its own ``Configuration/validate()``.
    public init(_ value: T) throws {
        // Going through the loader makes the checks of every section run, not just the outermost.
        let tree = try ConfigEncoder.encode(value)
        self = try ConfigurationLoader.resolve(T.self, layers: [], defaults: tree)
    }

    fileprivate init(value: T, tree: ConfigNode) {
        self.value = value
        self.tree = tree
    }

    /// The whole configuration as YAML, its keys in their declared order. Loading it gives an equal value, except that
    /// the YAML library drops a byte order mark from the beginning of a string.
    public func yaml() -> String { ConfigYAMLWriter.write(tree) }
}

/// Puts a configuration together: defaults ← YAML file ← `key.path=value` settings.
public enum ConfigurationLoader {
    /// Loads a configuration from files and settings.
    ///
    /// - Parameters:
    ///   - type: the configuration's type; `T()` gives the defaults.
    ///   - base: the values that take the place of the defaults.
    ///   - stored: a configuration that was stored whole, beneath the files: keys that it lacks mean what they meant
    ///     before there were such keys (`meaningsOfAbsence`).
    ///   - continued: the configuration that is stored where this one is to go on, if anything is: such keys are then
    ///     as it has them, unless files or settings say otherwise. One that cannot be read plays no part.
    ///   - files: YAML files, in rising importance. An empty file says nothing.
    ///   - overrides: settings such as `train.batch-size=64`, in rising importance. The value is YAML, so that
    ///     `sizes=[96, 128]` and `warmup=null` work; that of a key whose default is a string is the text as it stands,
    ///     or what is between quotes around all of it. A path can enter a dictionary, not a list.
    /// - Throws: ``ConfigurationError`` with every problem of the file and the settings.
    public static func load<T: Configuration>(
        _ type: T.Type = T.self, over base: T = T(), stored: String? = nil, continuing continued: String? = nil,
        files: [String] = [], overrides: [String] = []
    ) throws -> Resolved<T> {
        var problems: [ConfigurationProblem] = []
        var layers: [ConfigNode] = []
        var defaults = try ConfigEncoder.encode(base)
        for setting in overrides.reversed() {
            do { layers.append(try parse(setting: setting, defaults: defaults)) } catch let error as ConfigurationError
            {
                problems = error.problems + problems
            }
        }
        for file in (stored.map { [$0] + files } ?? files).reversed() {
            do { layers.append(try ConfigYAMLReader.read(try text(of: file), file: file)) } catch let error
                as ConfigurationError
            {
                problems = error.problems + problems
            }
        }
        if !problems.isEmpty { throw ConfigurationError(problems) }
        layers = layers.map { $0.renaming(T.renamedKeys) }
        if let continued { defaults = keeping(type, of: continued, in: defaults) }
        return try resolve(type, layers: layers, defaults: defaults, isStored: stored != nil)
    }

    /// Defaults with the keys that may be missing from what was stored before as a stored configuration has them.
    private static func keeping<T: Configuration>(
        _ type: T.Type, of file: String, in defaults: ConfigNode
    ) -> ConfigNode {
        // Whoever opens what is to go on tells what is wrong with it.
        guard FilePath.exists(file), let text = try? text(of: file),
            let layer = try? ConfigYAMLReader.read(text, file: file).renaming(T.renamedKeys),
            let base = try? ConfigEncoder.encode(T())
        else { return defaults }
        let session = ConfigDecodingSession(defaults: base, isStored: true)
        let layers = ConfigLayers(given: [layer], fallback: base)
        guard let value = try? ConfigDecoder.decode(type, layers, session, isStrict: false), session.problems.isEmpty,
            let tree = try? ConfigEncoder.encode(value)
        else { return defaults }
        return session.newerKeys.reduce(defaults) { node, path in
            let kept = path.reduce(Optional(tree)) { $0?[$1] }
            return kept.map { node.replacing(path, by: $0) } ?? node
        }
    }

    /// Loads a configuration from one file, or none.
    ///
    /// - Parameters:
    ///   - type: the configuration's type; `T()` gives the defaults.
    ///   - file: a YAML file, or nil for none.
    ///   - continued: the stored configuration of what this goes on with, if there is one.
    ///   - overrides: settings, in rising importance.
    /// - Throws: as `load(_:over:stored:continuing:files:overrides:)`.
    public static func load<T: Configuration>(
        _ type: T.Type = T.self, file: String?, continuing continued: String? = nil, overrides: [String] = []
    ) throws -> Resolved<T> {
        try load(type, continuing: continued, files: file.map { [$0] } ?? [], overrides: overrides)
    }

    /// The keys that a file gives at its top level, so that a reader may tell which kind of configuration it is.
    ///
    /// - Throws: ``ConfigurationError`` for a file that cannot be read, or is no YAML.
    public static func keys(of file: String) throws -> [String] {
        try ConfigYAMLReader.read(try text(of: file), file: file).entries?.map(\.key) ?? []
    }

    /// Decodes a value that is no configuration with defaults, such as a search space, from a file of YAML or JSON. Its
    /// own code decides which keys there are: those that it never asks for are refused.
    ///
    /// - Throws: ``ConfigurationError`` with every problem of the file.
    public static func decode<T: Decodable>(_ type: T.Type, file: String) throws -> T {
        let node = try ConfigYAMLReader.read(try text(of: file), file: file)
        let session = ConfigDecodingSession(defaults: .null)
        let value = try? ConfigDecoder.decode(type, ConfigLayers(given: [node]), session, isStrict: false)
        if let value, session.problems.isEmpty { return value }
        throw ConfigurationError(ConfigurationProblem.inReadingOrder(session.problems))
    }

    static func resolve<T: Configuration>(
        _ type: T.Type, layers: [ConfigNode], defaults: ConfigNode, isStored: Bool = false
    ) throws -> Resolved<T> {
        let session = ConfigDecodingSession(defaults: defaults, isStored: isStored)
        let value = try? ConfigDecoder.decode(
            type, ConfigLayers(given: layers, fallback: defaults), session, isStrict: false)
        if let value, session.problems.isEmpty {
            return Resolved(value: value, tree: try ConfigEncoder.encode(value))
        }
        throw ConfigurationError(ConfigurationProblem.inReadingOrder(session.problems))
    }

    private static func text(of file: String) throws -> String {
        func unreadable(_ reason: String, line: Int = 0) -> ConfigurationError {
            let origin = ConfigurationOrigin.file(file, line: line, column: 0)
            return ConfigurationError([ConfigurationProblem(key: "", kind: .unreadable(reason), origin: origin)])
        }
        do {
            return try TextFile.read(file, limit: ConfigYAMLReader.byteLimit)
        } catch let error as FileError {
            throw unreadable("the configuration file cannot be read: \(error.reason)")
        } catch let error as TextFileError {
            throw unreadable(error.reason, line: error.line)
        }
    }

    /// Parses `a.b=value` as the tree `{a: {b: value}}`.
    private static func parse(setting: String, defaults: ConfigNode) throws -> ConfigNode {
        func malformed(_ reason: String) -> ConfigurationError {
            let problem = ConfigurationProblem(key: "", kind: .malformed(reason), origin: .setting(setting))
            return ConfigurationError([problem])
        }
        guard let equals = setting.firstIndex(of: "=") else {
            throw malformed("a setting is written key=value, such as train.epochs=30")
        }
        let path = setting[..<equals].split(separator: ".", omittingEmptySubsequences: false)
            .map { $0.trimmingCharacters(in: .whitespaces) }
        guard path.allSatisfy({ !$0.isEmpty }) else { throw malformed("a part of the key is empty") }
        let known = path.reduce(defaults as ConfigNode?) { $0?[$1] }
        let value = try value(of: setting, isString: known?.isString == true)
        return path.reversed().reduce(value) { node, key in
            let origin = ConfigurationOrigin.setting(setting)
            var section = ConfigNode(.section([.init(key: key, value: node, origin: origin)]), origin: origin)
            section.isPath = true
            return section
        }
    }

    /// What stands after the `=` of a setting: as YAML, or, where a string is wanted, the text as it stands.
    static func value(of setting: String, isString: Bool) throws -> ConfigNode {
        let text = setting.firstIndex(of: "=").map { String(setting[setting.index(after: $0)...]) } ?? ""
        return try isString && !isQuoted(text)
            ? ConfigNode(.scalar(ConfigScalar(text: text, isPlain: false)), origin: .setting(setting))
            : ConfigYAMLReader.read(text, setting: setting)
    }

    /// Whether a text is, as a whole, a string in quotes.
    private static func isQuoted(_ text: String) -> Bool {
        let text = text.trimmingCharacters(in: .whitespaces)
        guard text.count > 1, let first = text.first else { return false }
        return first == text.last && (first == "'" || first == "\"")
    }
}

extension ConfigNode {
    /// Whether this is a default that is a string. What it may hold, such as the name of a folder, may look like any YAML.
    var isString: Bool {
        if case .scalar(let scalar) = content { !scalar.isPlain } else { false }
    }
}
