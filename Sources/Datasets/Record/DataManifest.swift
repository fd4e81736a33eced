import Support

/// Which images a run learns from and is judged by: the classes, and of each image its part, its label, its name, and a mark
/// by which another content is noticed. Two runs with equal manifests saw the same data.
public struct DataManifest: Sendable, Equatable {
    /// One image.
    public struct Row: Sendable, Hashable {
        /// The part of the data that it belongs to, such as `train`.
        public var part: String
        /// As the part tells it: a class, or whatever the task has for labels.
        public var label: Int
        /// What `ImageDataset.mark(at:)` gives.
        public var mark: String
        /// Where it comes from, relative to the folder of the data, so that data may be moved as a whole.
        public var name: String
    }

    /// The classes in the order of their labels.
    public var classes: [String]
    /// Part by part, in the order of the data set, which random orders depend on.
    public var rows: [Row]

    /// A manifest of what is known.
    public init(classes: [String], rows: [Row]) {
        (self.classes, self.rows) = (classes, rows)
    }

    /// Looks at every image's name and size; none is opened.
    ///
    /// - Parameters:
    ///   - parts: by name, such as `train`.
    ///   - root: the path that the data was opened by; images elsewhere are named from their own common folder on.
    public init(of parts: [(name: String, images: any ImageDataset)], root: String) {
        classes = parts.first?.images.classNames ?? []
        let sources = parts.flatMap { part in (0..<part.images.count).map { part.images.source(at: $0) } }
        let names = Self.names(sources, root: root)
        var rows: [Row] = []
        rows.reserveCapacity(names.count)
        for part in parts {
            for index in 0..<part.images.count {
                rows.append(
                    Row(
                        part: part.name, label: part.images.label(at: index), mark: part.images.mark(at: index),
                        name: names[rows.count]))
            }
        }
        self.rows = rows
    }

    /// Paths without what they owe to the place of the data.
    static func names(_ sources: [String], root: String) -> [String] {
        // Bytes: Swift's own comparison would take two spellings of one letter for the same.
        let inside = Array((FilePath.trim(root) + "/").utf8)
        let isInside = sources.map { $0.utf8.starts(with: inside) }
        let outside = zip(sources, isInside).lazy.filter { !$0.1 }.map { Array($0.0.utf8) }
        var common: ArraySlice<UInt8>?
        for source in outside {
            let folder = source[...(source.lastIndex(of: UInt8(ascii: "/")) ?? -1)]
            guard let known = common else {
                common = folder
                continue
            }
            common = zip(known, folder).prefix { $0 == $1 }.map(\.0)[...]
        }
        // A common beginning of names may end in the midst of a folder's.
        let shared = (common.map { $0[...($0.lastIndex(of: UInt8(ascii: "/")) ?? $0.startIndex - 1)] }) ?? []
        // Of data in two places, the last folder tells them apart.
        let dropped =
            isInside.contains(true)
            ? (shared.dropLast().lastIndex(of: UInt8(ascii: "/")).map { $0 - shared.startIndex + 1 } ?? 0)
            : shared.count
        return zip(sources, isInside).map { source, isInside in
            String(decoding: source.utf8.dropFirst(isInside ? inside.count : dropped), as: UTF8.self)
        }
    }
}
