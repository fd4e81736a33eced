import Support

/// Images of faces with their ages and, where they are known, genders; seen as classes of either.
public struct FaceDataset: FileDataset {
    /// What the classes are.
    public enum Target: String, Sendable, Codable, CaseIterable {
        /// One class a year, 0 to 120: a label is the age.
        case age
        /// Two classes: 0 male, 1 female.
        case gender
        /// Two classes a year: a label is twice the age, and one more for female.
        case ageAndGender = "age-and-gender"
    }

    /// Ages that a face may have, in years.
    public static let ageRange = 0...120
    /// The classes of genders.
    public static let genderNames = ["male", "female"]

    /// What the classes are.
    public let target: Target
    /// The ages in years, one an image.
    public let ages: [Int]
    /// The genders, 0 male or 1 female, one an image; nil where the data set tells none.
    public let genders: [Int]?

    private let paths: [String]

    init(_ records: [FaceRecord], target: Target) {
        self.target = target
        paths = records.map(\.path)
        ages = records.map(\.age)
        let known = records.compactMap(\.gender)
        genders = known.count == records.count ? known : nil
    }

    /// The years `0` to `120`, whichever of them occur, the two genders, or each year with either.
    public var classNames: [String] {
        switch target {
        case .age: Self.ageRange.map(String.init)
        case .gender: Self.genderNames
        case .ageAndGender: Self.ageRange.flatMap { age in Self.genderNames.map { "\(age) \($0)" } }
        }
    }

    /// The number of images.
    public var count: Int { paths.count }

    /// The age in years, the gender, or both as `Target` says.
    ///
    /// - Precondition: `index` is in 0..<count.
    public func label(at index: Int) -> Int {
        switch target {
        case .age: ages[index]
        // Opening refuses the other two where genders are unknown.
        case .gender: genders?[index] ?? 0
        case .ageAndGender: 2 * ages[index] + (genders?[index] ?? 0)
        }
    }

    /// The path of the file.
    public func source(at index: Int) -> String { paths[index] }
}

/// The two parts of a data set of faces, with the same classes.
public struct FaceParts: Sendable {
    /// What networks learn from.
    public let train: FaceDataset
    /// What they are judged by.
    public let test: FaceDataset
    /// Whether the parts were made here, by a hash of the names, because the data set has none of its own.
    public let isSplitByName: Bool
    /// The paths of images that were left out because their names cannot be read.
    public let leftOut: [String]

    /// The parts as those of any data set, with a note on what was left out.
    public var opened: OpenedDataset { OpenedDataset(train: train, test: test, notes: notes) }

    /// A sentence on the images that were left out: their number and the first of them; nil if there are none.
    public var notes: [String] {
        guard !leftOut.isEmpty else { return [] }
        let names = leftOut.map { Folder.split($0).name }
        return [
            "\(leftOut.count) of \(train.count + test.count + leftOut.count) images are left out, as their names tell no age "
                + "and gender: \(FolderLook.listed(names))"
        ]
    }
}

/// Tells on which side of a split a thing lies, by its name alone: adding or removing others moves nothing, unless
/// there are so few that one side would be empty.
struct NameSplit {
    let testFraction: Double
    let seed: UInt64

    func isTest(_ name: String) -> Bool { place(name) < testFraction }

    /// Which of the things are on the side of the test: of two or more at least one, and not all.
    func areTest(_ names: [String]) -> [Bool] {
        let places = names.map(place)
        guard let least = places.min(), let most = places.max(), least < most else { return names.map(isTest) }
        return places.map { $0 == least || ($0 < testFraction && $0 < most) }
    }

    /// Gives the place of a name in [0, 1).
    private func place(_ name: String) -> Double {
        // The 64-bit FNV-1a hash (Fowler, Noll and Vo) of the name.
        let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var generator = SeededGenerator(seed: seed, RandomStream.faceSplit, hash)
        return generator.uniform()
    }
}

/// A face's file and what is known of it.
struct FaceRecord: Sendable {
    let path: String
    let age: Int
    /// The gender as a label; nil where nothing says so.
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

    /// Reads a gender: 0 for male, 1 for female, as UTKFace numbers them.
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

    /// Gives a file's name up to its first dot: `1_0_2_2016.jpg.chip.jpg` is the face of `1_0_2_2016.jpg`.
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
