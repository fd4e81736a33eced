/// A tree of configured values: what a YAML file, a setting and an encoded default have in common.
///
/// Scalars stay text until a key asks for a type, so that a plain `1.0` is a version to a string key and a number to
/// a number key. Two nodes are equal if their contents are, wherever they were written.
public struct ConfigNode: Equatable, Sendable {
    /// The three forms of a YAML value: text without a type yet, a sequence, and a mapping with its keys in order.
    public enum Content: Equatable, Sendable {
        case scalar(ConfigScalar)
        case list([ConfigNode])
        case section([Entry])
    }

    /// An entry of a section, `key: value`. Keys are unique in a section, and keep their order.
    public struct Entry: Equatable, Sendable {
        /// The key as written: kebab-case in a section, any text in a dictionary.
        public var key: String
        /// The value of the key.
        public var value: ConfigNode
        /// The place where the key was written.
        var origin: ConfigurationOrigin?

        /// Whether keys and values are equal, wherever they were written.
        public static func == (a: Entry, b: Entry) -> Bool { a.key == b.key && a.value == b.value }
    }

    /// The content of the node: a text, a list or a section.
    public var content: Content
    /// The place where the value was written; nil for a default.
    public var origin: ConfigurationOrigin?
    /// A section that was spelled as a path (`--set a.b=1`): it adds to a dictionary instead of replacing it.
    var isPath = false

    /// A value and where it was written; without an origin, it counts as a default.
    public init(_ content: Content, origin: ConfigurationOrigin? = nil) {
        self.content = content
        self.origin = origin
    }

    /// Whether the contents are equal, wherever they were written. Sections with other orders of keys differ.
    public static func == (a: ConfigNode, b: ConfigNode) -> Bool { a.content == b.content }

    static let null = ConfigNode(.scalar(.null))

    var isNull: Bool {
        if case .scalar(let scalar) = content { scalar.isNull } else { false }
    }

    /// The text of a scalar that is not null.
    var string: String? {
        if case .scalar(let scalar) = content { scalar.string } else { nil }
    }

    var entries: [Entry]? {
        if case .section(let entries) = content { entries } else { nil }
    }

    /// The value under `key` of a section.
    subscript(key: String) -> ConfigNode? {
        entries?.first { $0.key == key }?.value
    }

    /// The tree with another value at a path of keys; unchanged where there is no such key.
    func replacing(_ path: [String], by value: ConfigNode) -> ConfigNode {
        guard let key = path.first else { return value }
        guard var entries, let place = entries.firstIndex(where: { $0.key == key }) else { return self }
        entries[place].value = entries[place].value.replacing(Array(path.dropFirst()), by: value)
        var result = self
        result.content = .section(entries)
        return result
    }

    /// The value in words, for an error message.
    var summary: String {
        switch content {
        case .scalar(let scalar): scalar.summary
        case .list(let elements): elements.count == 1 ? "a list of 1 value" : "a list of \(elements.count) values"
        case .section: "a section"
        }
    }

    /// All leaves with their dotted paths, in order. Lists, and sections without entries, are leaves.
    func leaves(under path: String = "") -> [(path: String, value: ConfigNode)] {
        guard case .section(let entries) = content, !entries.isEmpty else { return [(path, self)] }
        return entries.flatMap { $0.value.leaves(under: path.isEmpty ? $0.key : "\(path).\($0.key)") }
    }
}

/// A key in which two configurations differ.
public struct ConfigurationDifference: Equatable, Sendable, CustomStringConvertible {
    /// The dotted path of the key, such as `train.optimizer.lr`.
    public var key: String
    /// The value in the older configuration, as YAML; nil where the key is absent.
    public var old: String?
    /// The value in the newer configuration, likewise.
    public var new: String?

    /// A difference in the value of `key`, both values as YAML; nil where the key is absent.
    public init(key: String, old: String?, new: String?) {
        self.key = key
        self.old = old
        self.new = new
    }

    /// The difference as `key: old → new`, with `absent` for a value that is not there.
    public var description: String { "\(key): \(old ?? "absent") → \(new ?? "absent")" }

    /// The leaves in which `old` and `new` differ, in `old`'s order, except those at or under a key of `ignored`.
    static func between(_ old: ConfigNode, _ new: ConfigNode, ignoring ignored: [String]) -> [Self] {
        let oldLeaves = old.leaves()
        let newLeaves = new.leaves()
        let olds = Dictionary(oldLeaves.map { ($0.path, $0.value) }) { first, _ in first }
        let news = Dictionary(newLeaves.map { ($0.path, $0.value) }) { first, _ in first }
        let paths = oldLeaves.map(\.path) + newLeaves.map(\.path).filter { olds[$0] == nil }
        return paths.filter { path in
            olds[path] != news[path] && !ignored.contains { path == $0 || path.hasPrefix($0 + ".") }
        }.map { path in
            func text(_ node: ConfigNode) -> String {
                let text = ConfigYAMLWriter.write(node)
                return text.last == "\n" ? String(text.dropLast()) : text
            }
            return ConfigurationDifference(key: path, old: olds[path].map(text), new: news[path].map(text))
        }
    }
}
