/// Images of faces with their ages and, where they are known, genders; seen as classes of either.
public struct FaceDataset: FileDataset {
    /// What the classes are.
    public enum Target: String, Sendable, Codable, CaseIterable {
        /// One class a year, 0 to 120: a label is the age.
        case age
        /// 0 male, 1 female.
        case gender
        /// Both: a label is twice the age, and one more for female.
        case ageAndGender = "age-and-gender"
    }

    /// Ages that a face may have, in years.
    public static let ageRange = 0...120
    /// The classes of genders.
    public static let genderNames = ["male", "female"]

    /// What the classes are.
    public let target: Target
    /// In years, one an image.
    public let ages: [Int]
    /// 0 male or 1 female, one an image; nil where the data set tells none.
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
