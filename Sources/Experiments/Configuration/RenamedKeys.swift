extension ConfigNode {
    /// The tree with keys of earlier versions under their present names. A present key that is given as well wins.
    ///
    /// - Parameter renamed: by the dotted path of an earlier key, the paths of those that took its place; an empty list for a
    ///   key without a meaning any more, whose value says nothing.
    func renaming(_ renamed: [String: [String]]) -> ConfigNode {
        // In a fixed order, so that two earlier keys of one present key always give the same.
        renamed.sorted { $0.key < $1.key }.reduce(self) { node, rule in
            let path = rule.key.split(separator: ".").map(String.init)
            guard let (value, rest) = node.removing(path[...]) else { return node }
            return rule.value.reduce(rest) { $0.adding(value, at: $1.split(separator: ".").map(String.init)[...]) }
        }
    }

    private func removing(_ path: ArraySlice<String>) -> (value: Entry, rest: ConfigNode)? {
        guard case .section(var entries) = content, let key = path.first,
            let place = entries.firstIndex(where: { $0.key == key })
        else { return nil }
        var node = self
        if path.count == 1 {
            let value = entries.remove(at: place)
            node.content = .section(entries)
            return (value, node)
        }
        guard let (value, rest) = entries[place].value.removing(path.dropFirst()) else { return nil }
        // A section of which nothing is left need not be one any more.
        if case .section(let left) = rest.content, left.isEmpty {
            entries.remove(at: place)
        } else {
            entries[place].value = rest
        }
        node.content = .section(entries)
        return (value, node)
    }

    private func adding(_ given: Entry, at path: ArraySlice<String>) -> ConfigNode {
        guard case .section(var entries) = content, let key = path.first else { return self }
        var node = self
        if let place = entries.firstIndex(where: { $0.key == key }) {
            if path.count > 1 { entries[place].value = entries[place].value.adding(given, at: path.dropFirst()) }
        } else {
            var value = given.value
            for key in path.dropFirst().reversed() {
                value = ConfigNode(
                    .section([Entry(key: key, value: value, origin: given.origin)]), origin: value.origin)
                value.isPath = isPath
            }
            entries.append(Entry(key: key, value: value, origin: given.origin))
        }
        node.content = .section(entries)
        return node
    }
}
