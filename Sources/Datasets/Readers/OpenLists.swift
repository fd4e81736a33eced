/// Opens the lists of a data set's parts, or the one list that may tell the parts in a column.
///
/// - Parameters:
///   - parts: the lists.
///   - index: the class file beside them; nil for none.
/// - Throws: as `ListDataset` does; `DatasetError` for images that are in several parts, and for a list that tells parts
///   but none to train on.
func openLists(_ parts: LayoutSurvey.Parts, index: String?) throws(DatasetError) -> OpenedDataset {
    let content = try ListContent(at: parts.train, role: .train)
    let isAlone = parts.validation == nil && parts.test == nil
    let roles = isAlone ? content.roles : []
    guard roles.isEmpty || roles.contains(.train) else {
        throw DatasetError(
            .malformed, file: parts.train,
            "tells no image to train on: all are of \(roles.map(\.rawValue).joined(separator: " and "))",
            advice: "Write train in the column of parts for the images to learn from.")
    }
    let own = roles.isEmpty ? nil : SplitRole.train
    let classes = try content.classes(file: index, role: own)
    let train = try ListDataset(content, classes: classes, role: own)
    func heldOut(_ role: SplitRole, _ path: String?) throws(DatasetError) -> ListDataset? {
        if roles.contains(role) { return try ListDataset(content, classes: classes, role: role) }
        guard let path else { return nil }
        return try ListDataset(ListContent(at: path, role: role), classes: classes)
    }
    let validation = try heldOut(.validation, parts.validation)
    let test = try heldOut(.test, parts.test)
    try checkApart([train, validation, test].compactMap { $0 })
    var notes: [String] = []
    for note in [train, validation, test].compactMap({ $0 }).flatMap(\.notes) where !notes.contains(note) {
        notes.append(note)
    }
    return OpenedDataset(layout: .lists, train: train, validation: validation, test: test, notes: notes)
}

/// - Throws: `DatasetError` that names each image which an earlier list names, too.
private func checkApart(_ lists: [ListDataset]) throws(DatasetError) {
    var known: [String: String] = [:]
    for list in lists {
        let sources = (0..<list.count).map { ListPaths.normalised(list.source(at: $0)) }
        let shared = sources.filter { known[$0] != nil }
        guard shared.isEmpty else {
            throw DatasetError(
                .malformed, file: list.path, problems: shared.map { .init("\($0) is in \(known[$0] ?? "") as well") },
                advice: "Keep each image in one part: a test on learnt images tells nothing.")
        }
        for source in sources { known[source] = list.path }
    }
}
