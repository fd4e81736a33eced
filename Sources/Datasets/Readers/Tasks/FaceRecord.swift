/// A face's file and what is known of it.
struct FaceRecord: Sendable {
    let path: String
    let age: Int
    /// Nil where nothing says so.
    let gender: Int?
    /// What must not be on both sides of a split: the face, or the person where it is known.
    let key: String

    /// Why something tells no face.
    struct Refusal: Error {
        let what: String
    }

    /// A number of years in `FaceDataset.ageRange`, of decimal digits; a fraction of zero (`25.0`), as tables with gaps
    /// are often written, is allowed.
    static func age(_ text: some StringProtocol) throws(Refusal) -> Int {
        let digits = text.hasSuffix(".0") ? text.dropLast(2) : text[...]
        guard isNumber(digits) else { throw Refusal(what: "the age \(quoted(text)) is no number of years") }
        let range = FaceDataset.ageRange
        guard let age = Int(digits), range.contains(age) else {
            throw Refusal(what: "the age \(text) is not in \(range.lowerBound)...\(range.upperBound)")
        }
        return age
    }

    /// 0 for male, 1 for female, as UTKFace numbers them.
    static func gender(_ text: some StringProtocol) throws(Refusal) -> Int {
        switch text.lowercased() {
        case "0", "0.0", "m", "male": return 0
        case "1", "1.0", "f", "female": return 1
        default: throw Refusal(what: "the gender \(quoted(text)) is neither 0 or M (male) nor 1 or F (female)")
        }
    }

    static func isNumber(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// A file's name up to its first dot: `1_0_2_2016.jpg.chip.jpg` is the face of `1_0_2_2016.jpg`.
    static func stem(_ name: String) -> String {
        String(name.prefix { $0 != "." })
    }

    private static func quoted(_ text: some StringProtocol) -> String {
        "\"\(text)\""
    }
}

extension FaceRecord {
    /// A face of UTKFace, whose name is `AGE_GENDER_RACE_STAMP`, such as `25_1_2_20170116174525125.jpg.chip.jpg`:
    /// gender 0 male or 1 female, race 0 to 4, which is not kept.
    ///
    /// - Throws: `Refusal` for a name that tells no age, gender and race.
    init(named name: String, path: String) throws(Refusal) {
        let stem = Self.stem(name)
        let fields = stem.split(separator: "_", maxSplits: 3, omittingEmptySubsequences: false)
        guard fields.count == 4, !fields[3].isEmpty else {
            throw Refusal(what: "the name is not AGE_GENDER_RACE_STAMP")
        }
        let age = try Self.age(fields[0])
        guard fields[1] == "0" || fields[1] == "1" else {
            throw Refusal(what: "the gender \"\(fields[1])\" is neither 0 (male) nor 1 (female)")
        }
        guard ["0", "1", "2", "3", "4"].contains(fields[2]) else {
            throw Refusal(what: "the race \"\(fields[2])\" is not in 0...4")
        }
        self.init(path: path, age: age, gender: fields[1] == "0" ? 0 : 1, key: stem)
    }
}
