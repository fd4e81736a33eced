/// What the first record of a list says of its columns.
struct ListHeader {
    /// The place where the label stands.
    enum Label {
        /// The label stands in a column of its own.
        case column(Int)
        /// Each class has a column, of which one has a 1 and all others 0.
        case oneEach([Int])
    }

    /// The place where the part stands that an image belongs to, if the list tells it.
    enum Split {
        case words(Int)
        case flag(Int, is: SplitRole, not: SplitRole)
    }

    /// The column of paths.
    let path: Int
    let label: Label
    let split: Split?
    /// The names of the columns as they are written.
    let names: [String]
    /// Whether columns give boxes on images, of which one may have several.
    var hasBoxes: Bool {
        let folded = Set(names.map(ListColumnNames.folded))
        return ListColumnNames.boxes.contains { $0.isSubset(of: folded) }
    }

    /// Why a first record that must be a header cannot be used.
    struct Refusal: Error {
        let what: String
    }

    /// Reads the header of a list; nil where it has none.
    ///
    /// A record is a header if it names a column of paths or one of labels that is known (`ListColumnNames`), or if no
    /// field of it ends as an image does while one of the next record does. Of two columns, that of a known name leaves
    /// the other; so does the one whose fields end as images do.
    ///
    /// - Throws: `Refusal` for a header that leaves open where paths or labels stand.
    init?(_ records: [ListText.Record]) throws(Refusal) {
        guard let first = records.first else { return nil }
        let rest = records.dropFirst().prefix(1000)
        let folded = first.fields.map(ListColumnNames.folded)
        let isData = first.fields.contains(where: ImageFolderDataset.isImage)
        let knownPath = ListColumnNames.column(folded, of: ListColumnNames.paths)
        let knownLabel = ListColumnNames.column(folded, of: ListColumnNames.labels)
        let shown = rest.first?.fields ?? []
        let images = shown.indices.filter { ImageFolderDataset.isImage(shown[$0]) }
        // A name of a class may be that of a column; then it comes again.
        func comesAgain(_ place: Int) -> Bool {
            rest.contains { $0.fields.count == first.fields.count && $0.fields[place] == first.fields[place] }
        }
        let labels = knownLabel.map { [$0] } ?? first.fields.indices.filter { !images.contains($0) }
        guard !isData, knownPath != nil || knownLabel != nil || images.count == 1 else { return nil }
        guard knownPath != nil || !labels.contains(where: comesAgain) else { return nil }
        names = first.fields
        split = Self.split(folded, rest)
        let taken = [split?.place, knownPath, knownLabel].compactMap { $0 }
        let free = folded.indices.filter { !taken.contains($0) && !ListColumnNames.counters.contains(folded[$0]) }
        guard let path = knownPath ?? (images.count == 1 ? images[0] : free.count == 1 ? free[0] : nil) else {
            throw Refusal(what: "the header (\(Self.listed(names))) names no column of images")
        }
        self.path = path
        let others = free.filter { $0 != path }
        if let knownLabel, knownLabel != path {
            label = .column(knownLabel)
        } else if others.count == 1 {
            label = .column(others[0])
        } else if others.count > 1, Self.areOneEach(others, rest) {
            label = .oneEach(others)
        } else {
            let advice = names.count == 1 ? "; a list without labels tells nothing here: move it away" : ""
            throw Refusal(what: "the header (\(Self.listed(names))) names no column of labels\(advice)")
        }
    }

    /// The label of a record that has as many fields as the header; nil where no class has a 1, or several have.
    func label(of fields: [String]) -> String? {
        switch label {
        case .column(let place): return fields[place]
        case .oneEach(let places):
            let chosen = places.filter { Double(fields[$0]) == 1 }
            return chosen.count == 1 ? names[chosen[0]] : nil
        }
    }

    /// The part that a record is of; nil where the column says nothing known.
    func role(of fields: [String]) -> SplitRole? {
        switch split {
        case nil: return nil
        case .words(let place): return SplitRole(named: fields[place])
        case .flag(let place, let yes, let no):
            switch fields[place].lowercased() {
            case "true", "1", "1.0", "yes": return yes
            case "false", "0", "0.0", "no": return no
            default: return nil
            }
        }
    }

    private static func listed(_ names: [String]) -> String {
        names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", ..." : "")
    }

    private static func split(_ folded: [String], _ rest: ArraySlice<ListText.Record>) -> Split? {
        for (place, name) in folded.enumerated() {
            if let flag = ListColumnNames.flags[name] { return .flag(place, is: flag.is, not: flag.not) }
            // A column of another meaning may have the same name.
            let tells = rest.contains { $0.fields.indices.contains(place) && SplitRole(named: $0.fields[place]) != nil }
            if ListColumnNames.splits.contains(name), tells { return .words(place) }
        }
        return nil
    }

    private static func areOneEach(_ places: [Int], _ rest: ArraySlice<ListText.Record>) -> Bool {
        !rest.isEmpty
            && rest.allSatisfy { record in
                places.allSatisfy { place in
                    record.fields.indices.contains(place) && [0, 1].contains(Double(record.fields[place]))
                }
            }
    }
}

extension ListHeader.Split {
    fileprivate var place: Int {
        switch self {
        case .words(let place), .flag(let place, _, _): place
        }
    }
}

/// The names by which the columns of lists go, in groups of which an earlier one wins. They are compared in lower case
/// and without what is neither letter nor digit: `Image Id`, `image_id` and `imageID` are one.
enum ListColumnNames {
    /// Columns of paths, or names, of images; ids only where nothing says more.
    static let paths: [Set<String>] = [
        [
            "path", "paths", "file", "files", "filename", "filenames", "filepath", "filepaths", "image", "images",
            "imagepath", "imagename", "imagefile", "imagefilename", "img", "imgpath", "imgname", "imgfile", "fname",
            "photo", "picture", "photopath", "relativepath", "relpath",
        ],
        ["imageid", "imgid", "photoid", "pictureid", "fileid", "id", "uuid", "name"],
    ]

    /// Columns of labels; numbers for classes only where no names stand beside them.
    static let labels: [Set<String>] = [
        ["label", "labels", "class", "classes", "classname", "target", "category", "categoryname", "labelname", "y"],
        [
            "species", "breed", "variety", "kind", "type", "tag", "tags", "diagnosis", "dx", "genus", "emotion",
            "style", "finding", "predictionstring", "synset", "wnid", "groundtruth", "expression", "disease",
        ],
        ["labelid", "classid", "categoryid", "targetid", "classindex", "labelindex", "labelnum", "classno"],
    ]

    /// Columns that tell the part of each image in words.
    static let splits: Set<String> = [
        "split", "set", "subset", "partition", "dataset", "datasplit", "usage", "phase", "part", "traintest",
    ]

    /// Columns that tell it by true or false: the part of the images that are, and of those that are not.
    static let flags: [String: (is: SplitRole, not: SplitRole)] = [
        "isvalid": (.validation, .train), "isvalidation": (.validation, .train), "istrain": (.train, .test),
        "istraining": (.train, .test), "istrainingimage": (.train, .test), "istest": (.test, .train),
    ]

    /// Columns that together are corners of boxes on images.
    static let boxes: [Set<String>] = [
        ["xmin", "ymin"], ["x1", "y1"], ["bboxx1", "bboxy1"], ["bbox"], ["xcenter", "ycenter"],
    ]

    /// Columns that number the lines, as pandas writes them unasked.
    static let counters: Set<String> = ["", "unnamed0", "unnamed01", "index", "level0"]

    /// A name as it is compared.
    static func folded(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.lowercased().unicodeScalars.filter {
                    $0.properties.isAlphabetic || $0.properties.numericType != nil
                }))
    }

    /// The first column of the first group that any column is of.
    static func column(_ names: [String], of groups: [Set<String>]) -> Int? {
        for group in groups {
            if let place = names.firstIndex(where: group.contains) { return place }
        }
        return nil
    }
}
