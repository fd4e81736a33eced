/// Names that are one name to a person.
enum NameVariants {
    /// A sentence about the first names that differ only in upper and lower case, or in what stands between words; nil
    /// where there are none. Single letters may well differ in that alone.
    static func note(_ names: [String], _ what: String) -> String? {
        var groups: [String: [String]] = [:]
        for name in names where name.count > 1 { groups[folded(name), default: []].append(name) }
        let variants = groups.values.filter { $0.count > 1 }.sorted { Folder.precedes($0[0], $1[0]) }
        guard let first = variants.first else { return nil }
        let others = variants.count > 1 ? ", and so do \(variants.count - 1) more" : ""
        return
            "the \(what) \(first.map { "\"\($0)\"" }.joined(separator: " and ")) differ only in case or spaces\(others): are they one?"
    }

    private static func folded(_ name: String) -> String {
        name.lowercased().split { $0.isWhitespace || $0 == "_" || $0 == "-" }.joined(separator: " ")
    }
}
