/// The names of classes that a text file lists, one a line in their order, or that `*.json` tells as a class index does.
/// Blank lines, and blanks at the ends of lines, count for nothing.
///
/// - Parameter path: the file, in UTF-8 or UTF-16, with or without a byte order mark.
/// - Throws: `DatasetError` for a file that cannot be read, is no text (with the line), or names no class.
public func classNames(listedIn path: String) throws(DatasetError) -> [String] {
    if path.lowercased().hasSuffix(".json") { return try ClassIndexFile.entries(at: path).map(\.name) }
    let text = try DatasetText.read(path, limit: ClassIndexFile.maximumBytes)
    let records = ListText(text, format: .lines).records
    let names = records.map { $0.fields[0] }
    // Names stand in tables and pages, and those of folders end there, too.
    let longest = 255
    let long = records.filter { $0.fields[0].utf8.count > longest }
    guard long.isEmpty else {
        throw DatasetError(
            .malformed, file: path,
            problems: long.prefix(3).map { .init(line: $0.line, "a name of \($0.fields[0].utf8.count) bytes") },
            advice: "The name of a class has at most \(longest) bytes.")
    }
    guard !names.isEmpty else {
        throw DatasetError(
            .empty, file: path, "names no class", advice: "Write one name a line, in the order of the outputs.")
    }
    return names
}
