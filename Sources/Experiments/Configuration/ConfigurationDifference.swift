/// One key in which two configurations differ.
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

    /// `key: old → new`, with `absent` for a value that is not there.
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
