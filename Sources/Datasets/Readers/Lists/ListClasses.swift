/// The classes of a list, and which of them each label means.
struct ListClasses {
    /// A label as it stands in a list, and the line where it stands first.
    struct Label {
        let text: String
        let line: Int
    }

    /// Why labels make no classes, and what to do about it.
    struct Refusal: Error {
        var problems: [DatasetError.Problem]
        var advice: String
    }

    /// The names of the classes in the order of their numbers.
    let names: [String]
    /// What the labels were taken for, where that is not plain.
    private(set) var notes: [String] = []
    /// The class of each label by its text.
    private var places: [String: Int]
    /// The class of each label by its number; none where two classes share one.
    private var numbers: [Int: Int?] = [:]
    /// The number of the first class, where labels are positions.
    private var base: Int?

    /// Takes the classes of the training set, by name. Unless all of them are numbers, a number that is none of them is
    /// a position from 0.
    init(known names: [String]) {
        self.names = names
        places = Self.places(of: names)
        numbers = Self.numbers(of: names)
        base = names.allSatisfy { ListNumber($0) != nil } ? nil : 0
    }

    /// The labels themselves: names in the order of their bytes, or, where all are numbers, numbers in the order of
    /// their values.
    ///
    /// - Parameter labels: no two of one text.
    /// - Throws: `Refusal` for a number among names, unless the names are single characters and the number one of them; for
    ///   one number in two spellings (`7` and `007`).
    init(of labels: [Label]) throws(Refusal) {
        let found = labels.map { ($0, ListNumber($0.text)) }
        guard !found.contains(where: { $0.1 == nil }) else {
            try Self.checkMixture(found)
            names = labels.map(\.text).sorted(by: Folder.precedes)
            places = Self.places(of: names)
            if let note = NameVariants.note(names, "classes") { notes.append(note) }
            return
        }
        var first: [Int: (label: Label, text: String)] = [:]
        var problems: [DatasetError.Problem] = []
        for case (let label, let number?) in found {
            guard let other = first[number.value] else {
                first[number.value] = (label, number.text)
                continue
            }
            if other.text != number.text {
                problems.append(
                    .init(
                        line: label.line,
                        "label \(label.text) and label \(other.label.text) on line \(other.label.line) differ in zeros alone"
                    ))
            }
        }
        guard problems.isEmpty else {
            throw Refusal(
                problems: problems,
                advice:
                    "Write the labels of one class alike; a spreadsheet drops zeros in front unless the column is text."
            )
        }
        let values = first.keys.sorted()
        names = values.map { first[$0]?.text ?? "" }
        places = [:]
        numbers = Self.numbers(of: names)
        for case (let label, let number?) in found { places[label.text] = numbers[number.value] ?? nil }
    }

    /// The classes that a file beside the list names (`ClassIndex.fileNames`).
    ///
    /// Its lines are names, in the order of the classes, or each a label and a name (`1 tench`). Labels are names, or
    /// those labels, or positions: from 0 where they reach from 0 or the last of them, from 1 where they reach the
    /// number of the classes and leave out 0.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - labels: of the list, no two of one text.
    /// - Throws: `DatasetError` for a file that cannot be read; `Refusal` for labels that it does not name, and for positions
    ///   that could be counted from 0 as well as from 1 or are out of both ranges.
    init(contentsOf path: String, labels: [Label]) throws {
        let file = try ClassIndexFile.entries(at: path)
        let name = Folder.split(path).name
        let texts = Set(labels.map(\.text))
        func use(_ keys: [String]) -> Bool {
            let known = Set(keys)
            return known.count == keys.count && texts.isSubset(of: known)
        }
        let wholes = file.map(\.whole)
        let keys = file.map(\.folder)
        if use(wholes) {
            names = wholes
            places = Self.places(of: wholes)
            return
        }
        let values = labels.compactMap { ListNumber($0.text)?.value }
        let areNumbers = values.count == labels.count
        let keyed = Self.numbers(of: keys)
        if use(keys) || (areNumbers && keyed.count == keys.count && values.allSatisfy { keyed[$0] != nil }) {
            names = ClassIndex.unique(file.map(\.name), folders: keys)
            places = Self.places(of: keys).merging(Self.places(of: names)) { key, _ in key }
            numbers = keyed
            return
        }
        names = wholes
        places = Self.places(of: wholes)
        guard places.count == wholes.count else {
            let twice = wholes.first { whole in wholes.count { $0 == whole } > 1 } ?? ""
            throw Refusal(
                problems: [.init("\(name) names \(twice) twice")], advice: "Give each class in \(path) its own name.")
        }
        guard areNumbers, let low = values.min(), let high = values.max() else {
            let unknown = labels.filter { places[$0.text] == nil && !keys.contains($0.text) }
            throw Refusal(
                problems: (unknown.isEmpty ? labels : unknown).map {
                    .init(line: $0.line, "label \($0.text) is none of the \(names.count) classes of \(name)")
                },
                advice: "Name each class in \(path), or move that file away to have the classes called as the labels.")
        }
        guard low == 0 && high < names.count || low >= 1 && high == names.count else {
            throw Refusal(
                problems: [
                    .init(
                        "labels run from \(low) to \(high), and \(name) names \(names.count) classes: positions 0 to \(names.count - 1), or 1 to \(names.count)"
                    )
                ],
                advice:
                    "Write names in place of numbers, or the number of each class in front of its name in \(path); or move that file away to have the classes called as the labels."
            )
        }
        base = low == 0 ? 0 : 1
        if low > 0 { notes.append("labels \(low) to \(high) are taken as positions in \(name), counted from 1") }
    }

    /// The class that a label means; nil for none.
    func place(of label: String) -> Int? {
        if let place = places[label] { return place }
        guard let number = ListNumber(label) else { return nil }
        if let base, (base..<base + names.count).contains(number.value) { return number.value - base }
        return base == nil ? numbers[number.value] ?? nil : nil
    }

    /// What to say where all of a list's labels are numbers that count the classes from 1, and the classes are known by
    /// names or from 0; nil for any other labels.
    func countedFromOne(_ labels: [Label]) -> DatasetError.Problem? {
        let values = labels.compactMap { places[$0.text] == nil ? ListNumber($0.text)?.value : nil }
        guard base == 0, values.count == labels.count, names.count > 1, values.min() == 1, values.max() == names.count
        else { return nil }
        return .init(
            "labels run from 1 to \(names.count), and the positions of the \(names.count) classes from 0 to \(names.count - 1)"
        )
    }

    private static func checkMixture(_ found: [(Label, ListNumber?)]) throws(Refusal) {
        guard let (settled, number) = found.first, found.contains(where: { $0.1 != nil }),
            // Letters and digits, as of number plates.
            found.contains(where: { $0.0.text.count > 1 })
        else { return }
        let problems = found.filter { ($0.1 == nil) != (number == nil) }.map { label, _ in
            let (kind, other) = number == nil ? ("a number", "a name") : ("a name", "a number")
            return DatasetError.Problem(
                line: label.line, "label \(label.text) is \(kind), but line \(settled.line) gives \(other)")
        }
        throw Refusal(problems: problems, advice: "Write all labels as names, or all as numbers.")
    }

    private static func places(of names: [String]) -> [String: Int] {
        Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    private static func numbers(of names: [String]) -> [Int: Int?] {
        Dictionary(names.enumerated().compactMap { place, name in ListNumber(name).map { ($0.value, place as Int?) } })
        { _, _ in nil }
    }
}

/// A label that is a whole number: digits, perhaps behind a minus sign, perhaps with a fraction of zero, which a table
/// with gaps gives every number (`3.0`).
struct ListNumber: Hashable {
    /// The label as a number.
    let value: Int
    /// The number as it is written, without a fraction: zeros in front are part of a name.
    let text: String

    /// Reads a label; nil for one that is no such number.
    init?(_ label: String) {
        let (whole, fraction) =
            label.firstIndex(of: ".").map { (label[..<$0], label[$0...].dropFirst()) } ?? (label[...], "0")
        let digits = whole.hasPrefix("-") ? whole.dropFirst() : whole
        guard !digits.isEmpty, !fraction.isEmpty, fraction.utf8.allSatisfy({ $0 == UInt8(ascii: "0") }),
            digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains), let value = Int(whole)
        else { return nil }
        self.value = value
        text = String(whole)
    }
}
