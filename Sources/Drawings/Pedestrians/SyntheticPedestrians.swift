import Datasets
import Support

/// A rendered, **synthetic** set for person re-identification in the layout of Market-1501 (Zheng et al., "Scalable
/// Person Re-identification: A Benchmark", ICCV 2015): no picture shows anybody, and no number measured on it is one of
/// Market-1501.
///
///     bounding_box_train/0002_c1s1_000451_01.png     persons to learn from
///     query/0121_c3s1_001830_00.png                  one picture of each other person under each camera
///     bounding_box_test/0121_c1s1_000976_02.png      the gallery; 0000 are distractors, -1 is junk
///
/// Files are PNG and say so; all else is as in the original. A person keeps clothes and their pattern, shoes, hair,
/// skin, build and what is carried. The six cameras differ in scene, white balance, brightness, contrast, sharpness,
/// noise and point of view; each picture differs in pose, scale, place and light, and some persons are partly hidden.
public struct SyntheticPedestrians: Sendable {
    /// The size of the set.
    public struct Options: Sendable, Hashable {
        /// Persons in `bounding_box_train`, 1 to 4,000.
        public var trainingIdentities = 120
        /// Other persons, in `query` and `bounding_box_test`, 1 to 4,000.
        public var testIdentities = 60
        /// Pictures of each person, 6 to 60, over three to six cameras.
        public var imagesPerIdentity = 12
        /// Pictures of persons who are in no query (`0000`), 0 to 20,000.
        public var distractors = 120
        /// Pictures that show no whole person (`-1`), 0 to 20,000.
        public var junk = 40
        /// The height of a picture in pixels, even, 32 to 512; its width is half of it.
        public var height = 128
        /// Another seed gives other persons, cameras and pictures; the same gives the same bytes.
        public var seed: UInt64 = 0

        /// The options of 120 persons to learn from and 60 to find, some twelve pictures of each.
        public init() {}
    }

    /// The options as they were given.
    public let options: Options

    /// A set of the given size.
    ///
    /// - Throws: `DatasetError` of kind `.invalidArgument` that names each option out of its range.
    public init(_ options: Options = Options()) throws(DatasetError) {
        try OptionRanges.require(
            [
                ("trainingIdentities", options.trainingIdentities, 1...4_000),
                ("testIdentities", options.testIdentities, 1...4_000),
                ("imagesPerIdentity", options.imagesPerIdentity, 6...60),
                ("distractors", options.distractors, 0...20_000),
                ("junk", options.junk, 0...20_000), ("height", options.height, 32...512),
            ], and: options.height % 2 != 0 ? [DatasetError.Problem("height is \(options.height), which is odd")] : [])
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
        SYNTHETIC pedestrians in the layout of Market-1501, drawn by a program.

        No picture shows a real person, and none is from Market-1501. A number measured on them says how a method does
        on these drawings; call it synthetic wherever it stands.

        File names: PPPP_cCsS_FFFFFF_NN.png with person, camera, sequence, frame and number of the box.
        Person 0000 is a distractor, -1 is junk.

        training identities  \(options.trainingIdentities)
        test identities      \(options.testIdentities)
        images per identity  \(options.imagesPerIdentity)
        distractors          \(options.distractors)
        junk                 \(options.junk)
        size                 \(options.height / 2)x\(options.height)
        seed                 \(options.seed)

        """
    }

    func pictures() -> [SyntheticFolder.Picture] {
        let cameras = (0..<SurveillanceCamera.count).map { SurveillanceCamera($0, seed: options.seed) }
        let known = options.trainingIdentities + options.testIdentities
        let looks = self.looks(known + (options.distractors + 1) / 2)
        return PedestrianPlan(options).shots.enumerated().map { index, shot in
            let photo = PedestrianPhoto(
                look: looks[shot.person], camera: cameras[shot.camera], framing: shot.framing, height: options.height)
            let seed = options.seed
            return SyntheticFolder.Picture(name: shot.name) {
                var generator = SeededGenerator(seed: seed, RandomStream.syntheticPedestrianPhoto, UInt64(index))
                return photo.render(&generator)
            }
        }
    }

    /// Persons who differ at a glance, as long as there are such.
    func looks(_ count: Int) -> [PedestrianLook] {
        var taken: Set<[Int]> = []
        return (0..<count).map { person in
            var generator = SeededGenerator(seed: options.seed, RandomStream.syntheticPedestrian, UInt64(person))
            var look = PedestrianLook(&generator)
            for _ in 0..<50 where taken.contains(look.signature) { look = PedestrianLook(&generator) }
            taken.insert(look.signature)
            return look
        }
    }
}
