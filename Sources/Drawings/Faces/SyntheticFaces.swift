import Datasets
import Support

/// A rendered, **synthetic** set for age estimation and gender recognition under the file names of UTKFace: no picture
/// shows anybody, and no number measured on it is one of UTKFace.
///
///     34_1_0_20170100000017.png      age 34, female (1; male is 0), race 0, number 17
///
/// All files lie in one folder, as UTKFace's do; to divide them is a reader's affair. Age shows in the proportions of
/// the head, the size and place of the eyes, lines, spots and roughness of the skin, greying and receding hair, beards
/// and glasses; gender in hair, jaw, brows, lips, lashes, beards and earrings, of adults more than of children. Each
/// cue is only likely, so neither age nor gender can be told for certain. "Race" is a range of tones of skin and hair,
/// only because the names have that field. Every picture is another person.
public struct SyntheticFaces: Sendable {
    /// The size of the set.
    public struct Options: Sendable, Hashable {
        /// Pictures, 1 to 200,000.
        public var count = 3_000
        /// Ages in years, within 1...90; each is about as frequent.
        public var ages = 1...90
        /// Width and height of a picture in pixels, 32 to 512.
        public var side = 64
        /// Another seed gives other faces; the same gives the same bytes.
        public var seed: UInt64 = 0

        /// 3,000 faces of 1 to 90 years.
        public init() {}
    }

    /// The options as they were given.
    public let options: Options

    /// A set of the given size.
    ///
    /// - Throws: `DatasetError` of kind `.invalidArgument` that names each option out of its range.
    public init(_ options: Options = Options()) throws(DatasetError) {
        var problems: [DatasetError.Problem] = []
        if !(1...200_000).contains(options.count) {
            problems.append(.init("count is \(options.count), not in 1...200000"))
        }
        if options.ages.lowerBound < 1 || options.ages.upperBound > 90 {
            problems.append(.init("ages are \(options.ages), not within 1...90"))
        }
        if !(32...512).contains(options.side) { problems.append(.init("side is \(options.side), not in 32...512")) }
        guard problems.isEmpty else {
            throw DatasetError(.invalidArgument, problems: problems, advice: "Give values within these ranges.")
        }
        self.options = options
    }

    /// Renders the set into a new folder, all at once when it is complete. The same set, if it is there, stays as it
    /// is.
    ///
    /// - Parameters:
    ///   - folder: a path at which there is nothing, or an empty folder; folders above it are made.
    ///   - progress: told how many of how many pictures are done.
    /// - Throws: `DatasetError` of kind `.unwritable`, also when the folder holds anything else.
    public func write(
        to folder: String, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(DatasetError) {
        try SyntheticFolder(readme: readme, pictures: pictures()).write(to: folder, progress: progress)
    }

    private var readme: String {
        """
        SYNTHETIC faces under the file names of UTKFace, drawn by a program.

        No picture shows a real person, and none is from UTKFace. A number measured on them says how a method does on
        these drawings; call it synthetic wherever it stands.

        File names: AGE_GENDER_RACE_STAMP.png. Gender 0 is male, 1 female; race, 0 to 4, is a range of tones of skin and
        hair, only because the names have that field; the stamp is a number, not a date.

        images  \(options.count)
        ages    \(options.ages.lowerBound) to \(options.ages.upperBound)
        size    \(options.side)x\(options.side)
        seed    \(options.seed)

        """
    }

    func pictures() -> [SyntheticFolder.Picture] {
        var generator = SeededGenerator(seed: options.seed, RandomStream.syntheticFaceSet)
        // All ages equally often, in random order.
        let order = generator.permutation(options.count)
        return order.enumerated().map { index, rank in
            let age = options.ages.lowerBound + rank % options.ages.count
            let photo = FacePhoto(
                age: age, isFemale: generator.chance(0.5), race: generator.below(5), side: options.side)
            let seed = options.seed
            let stamp = 20_170_100_000_000 + index
            return SyntheticFolder.Picture(name: "\(age)_\(photo.isFemale ? 1 : 0)_\(photo.race)_\(stamp).png") {
                var generator = SeededGenerator(seed: seed, RandomStream.syntheticFace, UInt64(index))
                return photo.render(&generator)
            }
        }
    }
}
