/// The values given for one key: by the settings and the file, the most important first, and by the defaults beneath.
///
/// Merging needs no more than this: a section asks each layer in turn, anything else takes the topmost.
struct ConfigLayers {
    /// The values that were written.
    var given: [ConfigNode]
    /// The default, if there is one.
    var fallback: ConfigNode?
    var path: [any CodingKey] = []
    /// The place where the section around this key was written.
    var sectionOrigin: ConfigurationOrigin?

    /// The value, unless it is put together from several.
    var top: ConfigNode? { given.first ?? fallback }

    var isNull: Bool { top?.isNull ?? true }

    var origin: ConfigurationOrigin? { given.first?.origin }

    /// The path as it reads in a message: `train.stages[2].width`.
    var name: String { Self.name(of: path) }

    static func name(of path: [any CodingKey]) -> String {
        path.reduce(into: "") { name, key in
            if name.isEmpty || key.intValue != nil { name += key.stringValue } else { name += "." + key.stringValue }
        }
    }

    /// The layers of `key` in a section. A null among them is a section with nothing in it.
    func child(_ key: String) -> ConfigLayers {
        ConfigLayers(
            given: given.compactMap { $0[key] }, fallback: fallback?[key], path: path + [ConfigKey(key)],
            sectionOrigin: origin)
    }

    func element(_ index: Int, _ node: ConfigNode) -> ConfigLayers {
        let path = path + [ConfigKey(index)]
        return given.isEmpty
            ? ConfigLayers(given: [], fallback: node, path: path) : ConfigLayers(given: [node], path: path)
    }

    /// The layers of a value that is replaced whole: nothing below the first that is not a mere path into it.
    var whole: ConfigLayers {
        var result = self
        if let end = given.firstIndex(where: { !$0.isPath }) {
            result.given = Array(given[...end])
            result.fallback = nil
        }
        return result
    }

    /// Finds where the value at a dotted path under this section was written.
    func origin(of path: [String]) -> ConfigurationOrigin? {
        let found = path.reduce(self) { $0.child($1) }
        return found.origin ?? origin
    }
}
