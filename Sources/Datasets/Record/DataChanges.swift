/// What is no longer as it was between two looks at the data of a run.
public struct DataChanges: Sendable, Equatable {
    /// The changes, one a line, in words.
    public private(set) var lines: [String] = []
    /// Whether what was learned keeps its meaning: as many classes as before, and none of them under another label.
    public private(set) var labelsHold: Bool

    /// Examples that a line gives.
    private static let examples = 3

    /// Compares what was with what is.
    ///
    /// - Parameters:
    ///   - old: what the run began with.
    ///   - new: what is there now.
    public init(from old: DataManifest, to new: DataManifest) {
        let places = Dictionary(new.classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        labelsHold =
            old.classes.count == new.classes.count
            && old.classes.enumerated().allSatisfy { label, name in places[name].map { $0 == label } ?? true }
        let renamed = Self.renamed(from: old, to: new)
        tellClasses(old, new, renamed: renamed)
        tellImages(old, new, renamed: renamed)
        // Equal but for the order, which random orders depend on.
        if lines.isEmpty, old != new { lines.append("the images come in another order") }
    }

    /// Whether nothing changed.
    public var isEmpty: Bool { lines.isEmpty }

    // MARK: - Classes

    /// Classes that are there under another name: by the names and marks of their images.
    private static func renamed(from old: DataManifest, to new: DataManifest) -> [String: String] {
        let (before, after) = (Set(old.classes), Set(new.classes))
        func contents(_ manifest: DataManifest, without other: Set<String>) -> [Set<String>: String] {
            var images: [String: Set<String>] = [:]
            for row in manifest.rows where manifest.classes.indices.contains(row.label) {
                let name = manifest.classes[row.label]
                guard !other.contains(name) else { continue }
                images[name, default: []].insert("\(lastPart(row.name)) \(row.mark)")
            }
            return Dictionary(images.map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        }
        let found = contents(new, without: before)
        return contents(old, without: after).reduce(into: [:]) { pairs, entry in
            if let name = found[entry.key] { pairs[entry.value] = name }
        }
    }

    private static func lastPart(_ name: String) -> Substring { name.split(separator: "/").last ?? "" }

    private mutating func tellClasses(_ old: DataManifest, _ new: DataManifest, renamed: [String: String]) {
        let (before, after) = (Set(old.classes), Set(new.classes))
        for name in old.classes {
            if let other = renamed[name] { lines.append("class \(name) is now called \(other)") }
        }
        let gone = old.classes.filter { !after.contains($0) && renamed[$0] == nil }
        let added = new.classes.filter { name in !before.contains(name) && !renamed.values.contains(name) }
        if !gone.isEmpty { lines.append("\(Self.counted(gone.count, "class", "classes")) gone: \(Self.some(gone))") }
        if !added.isEmpty { lines.append("\(Self.counted(added.count, "class", "classes")) new: \(Self.some(added))") }
        let places = Dictionary(new.classes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let moved = old.classes.enumerated().compactMap { label, name -> String? in
            guard let place = places[renamed[name] ?? name], place != label else { return nil }
            return "\(renamed[name] ?? name) was number \(label) and is number \(place)"
        }
        if !moved.isEmpty { lines.append("labels mean other classes: \(Self.some(moved))") }
    }

    // MARK: - Images

    private mutating func tellImages(_ old: DataManifest, _ new: DataManifest, renamed: [String: String]) {
        let renamedOld = Set(renamed.keys)
        let renamedNew = Set(renamed.values)
        func rows(_ manifest: DataManifest, without classes: Set<String>) -> [String: [DataManifest.Row]] {
            let kept =
                classes.isEmpty
                ? manifest.rows
                : manifest.rows.filter {
                    !manifest.classes.indices.contains($0.label) || !classes.contains(manifest.classes[$0.label])
                }
            return Dictionary(grouping: kept, by: \.name)
        }
        // The names of a renamed class's images are new with it; whether its images changed was looked at there.
        let before = rows(old, without: renamedOld)
        let after = rows(new, without: renamedNew)
        var found: [(key: String, names: [String])] = []
        var places: [String: Int] = [:]
        func note(_ key: String, _ name: String) {
            let place = places[key] ?? found.count
            if place == found.count {
                places[key] = place
                found.append((key, []))
            }
            found[place].names.append(name)
        }
        func classOf(_ row: DataManifest.Row, _ manifest: DataManifest) -> String {
            manifest.classes.indices.contains(row.label) ? manifest.classes[row.label] : "\(row.label)"
        }
        for row in old.rows {
            guard let was = before[row.name], was.first == row else { continue }
            guard let now = after[row.name] else {
                note("gone from \(row.part)", row.name)
                continue
            }
            guard was.count == 1, now.count == 1 else {
                if was.map(\.part) != now.map(\.part) || was.map(\.mark) != now.map(\.mark) {
                    note("listed in another way", row.name)
                }
                continue
            }
            if now[0].part != row.part { note("moved from \(row.part) to \(now[0].part)", row.name) }
            if classOf(now[0], new) != classOf(row, old) { note("of another class", row.name) }
            if now[0].mark != row.mark { note("of another content", row.name) }
        }
        for row in new.rows where before[row.name] == nil && after[row.name]?.first == row {
            note("new in \(row.part)", row.name)
        }
        for (key, names) in found {
            lines.append("\(Self.counted(names.count, "image", "images")) \(key): \(Self.some(names))")
        }
    }

    private static func counted(_ number: Int, _ one: String, _ many: String) -> String {
        number == 1 ? "1 \(one) is" : "\(number) \(many) are"
    }

    private static func some(_ names: [String]) -> String {
        names.prefix(examples).joined(separator: ", ") + (names.count > examples ? ", …" : "")
    }
}
