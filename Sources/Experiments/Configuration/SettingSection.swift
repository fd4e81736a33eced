/// A section of settings with the defaults of all of its keys, for a reference.
public struct SettingSection: Equatable, Sendable {
    /// A key with its default.
    public struct Setting: Equatable, Sendable {
        /// The key within the section.
        public var key: String
        /// The default as YAML, on one line; empty for none.
        public var standard: String
    }

    /// The path of the section's key; empty for the outermost.
    public var path: String
    /// The name of the Swift type of the section.
    public var type: String
    /// The keys in their order.
    public var settings: [Setting]
    /// Where the section's `name` chooses among definitions with keys of their own: those with their keys, as lines.
    public var members: [String]

    /// The sections of a configuration, itself first.
    ///
    /// - Parameter configuration: has the defaults.
    /// - Throws: `ConfigurationError` for one that is not valid.
    public static func all(of configuration: some Configuration) throws -> [SettingSection] {
        sections(configuration, try ConfigEncoder.encode(configuration), "")
    }

    private static func sections(_ value: any Configuration, _ tree: ConfigNode, _ path: String) -> [SettingSection] {
        if let named = value as? any ListsMembers {
            let name = tree["name"].map(ConfigYAMLWriter.inline) ?? ""
            return [
                SettingSection(
                    path: path, type: "\(Swift.type(of: value))", settings: [.init(key: "name", standard: name)],
                    members: named.memberHelp)
            ]
        }
        var own = SettingSection(path: path, type: "\(Swift.type(of: value))", settings: [], members: [])
        var inside: [SettingSection] = []
        for child in Mirror(reflecting: value).children {
            guard let label = child.label else { continue }
            let key = KeyStyle.kebab(label)
            if let section = child.value as? any Configuration {
                inside += sections(section, tree[key] ?? .null, path.isEmpty ? key : path + "." + key)
            } else {
                let node = tree[key] ?? .null
                own.settings.append(.init(key: key, standard: node.isNull ? "" : ConfigYAMLWriter.inline(node)))
            }
        }
        return (own.settings.isEmpty ? [] : [own]) + inside
    }
}

/// A section whose name chooses a definition.
private protocol ListsMembers {
    var memberHelp: [String] { get }
}

extension NamedOptions: ListsMembers {
    fileprivate var memberHelp: [String] { Family.help }
}
