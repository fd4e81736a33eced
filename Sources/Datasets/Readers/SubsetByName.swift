/// The samples that a text file names, one a line, such as the 1 % and 10 % of ImageNet's labels of SimCLR (Chen et
/// al., "A simple framework for contrastive learning of visual representations", 2020).
///
/// A line is the name of a file (`n02447366_21489.JPEG`) or the end of its path, from any folder on
/// (`n02447366/n02447366_21489.JPEG`, `train/n02447366/n02447366_21489.JPEG`), with slashes of either kind. Blank lines
/// are passed over.
///
/// - Parameters:
///   - dataset: what to choose from: a data set whose `source(at:)` are paths of files, or a subset of one.
///   - path: the text file.
/// - Returns: the samples named, in the order of `dataset`.
/// - Throws: `DatasetError` that names the file and the first ten of the lines that are wrong, and counts the rest: names
///   that no sample has, that several have, or that come twice; or as reading does.
public func subset(of dataset: any ImageDataset, listedIn path: String) throws(DatasetError) -> Subset {
    let text = try DatasetText.read(path, limit: ListDataset.maximumBytes)
    var names = NameList(ListText(text, format: .lines))
    for index in 0..<dataset.count { names.match(dataset.source(at: index), index: index) }
    let problems = names.problems(sampleCount: dataset.count)
    let listed = 10
    guard problems.isEmpty else {
        throw DatasetError(
            .malformed, file: path, problems: Array(problems.prefix(listed)),
            unlisted: max(0, problems.count - listed),
            advice: "Write the name of one image a line, with as much of its path as tells it from others"
                + (dataset.count > 0 ? ", such as \(Folder.split(dataset.source(at: 0)).name)." : "."))
    }
    guard !names.indices.isEmpty else {
        throw DatasetError(.empty, file: path, "names no image", advice: "Write the name of one image a line.")
    }
    return try Subset(of: dataset, indices: names.indices)
}

/// Names of files, each with the sample that it was found to mean.
private struct NameList {
    private struct Entry {
        let line: Int
        let name: String
        var matches: [Int] = []
    }

    private var entries: [Entry] = []
    /// The entries by the last part of their paths.
    private var places: [String: [Int]] = [:]
    private let unreadable: [DatasetError.Problem]

    init(_ text: ListText) {
        unreadable = text.problems
        for record in text.records {
            let name = ListPaths.normalised(record.fields[0])
            places[Folder.split(name).name, default: []].append(entries.count)
            entries.append(Entry(line: record.line, name: name))
        }
    }

    mutating func match(_ source: String, index: Int) {
        guard let candidates = places[Folder.split(source).name] else { return }
        for place in candidates {
            let name = entries[place].name
            if source == name || source.hasSuffix(name.hasPrefix("/") ? name : "/\(name)") {
                entries[place].matches.append(index)
            }
        }
    }

    /// The samples found, in order.
    var indices: [Int] { entries.flatMap(\.matches).sorted() }

    func problems(sampleCount: Int) -> [DatasetError.Problem] {
        var problems = unreadable
        var lines: [Int: Int] = [:]
        for entry in entries {
            switch (entry.matches.count, entry.matches.first) {
            case (1, let index?):
                if let first = lines.updateValue(entry.line, forKey: index) {
                    lines[index] = first
                    problems.append(.init(line: entry.line, "\(entry.name) was already listed on line \(first)"))
                }
            case (0, _):
                problems.append(.init(line: entry.line, "\(entry.name) is none of the \(sampleCount) images"))
            default:
                problems.append(.init(line: entry.line, "\(entry.name) names \(entry.matches.count) images"))
            }
        }
        return problems.sorted { ($0.line ?? 0) < ($1.line ?? 0) }
    }
}
