import Datasets
import Support

/// A rendered, **synthetic** set for semantic segmentation in the layout of Cityscapes (Cordts et al., "The Cityscapes dataset
/// for semantic urban scene understanding", CVPR 2016): no picture shows a real street, and no number measured on it is one
/// of Cityscapes.
///
///     leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png
///     gtFine/train/aachen/aachen_000000_000019_gtFine_labelIds.png
///
/// The cities have nothing but their names of the real ones. Each has light, weather, materials and traffic of its own, and those
/// of validation are not among those of training.
public struct SyntheticStreets: Sendable {
    /// The size of the set.
    public struct Options: Sendable, Hashable {
        /// Pictures to learn from, 1 to 200,000, dealt out to the cities in turn.
        public var trainingImages = 600
        /// Pictures for validation, 1 to 200,000, of three other cities.
        public var validationImages = 150
        /// Cities to learn from, 1 to 18.
        public var cities = 12
        /// The height of a picture in pixels, 32 to 1,024; it is twice as wide.
        public var height = 256
        /// Another seed gives other cities and streets; the same gives the same bytes.
        public var seed: UInt64 = 0

        /// The options of 600 pictures of twelve cities to learn from and 150 of three for validation.
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
                ("trainingImages", options.trainingImages, 1...200_000),
                ("validationImages", options.validationImages, 1...200_000), ("cities", options.cities, 1...18),
                ("height", options.height, 32...1_024),
            ])
        self.options = options
    }

    /// Renders the set into a new folder, all at once when it is complete. The same set, if it is there, stays as it is.
    ///
    /// - Parameters:
    ///   - folder: a path at which there is nothing, or an empty folder; folders above it are made.
    ///   - progress: told how many of how many pictures are done.
    /// - Throws: `DatasetError` of kind `.unwritable`, also when the folder holds anything else.
    public func write(
        to folder: String, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
    ) throws(DatasetError) {
        try SyntheticFolder(readme: readme, items: items).write(to: folder, progress: progress)
    }

    private static let trainingCities = [
        "aachen", "bochum", "bremen", "cologne", "darmstadt", "dusseldorf", "erfurt", "hamburg", "hanover", "jena",
        "krefeld",
        "monchengladbach", "strasbourg", "stuttgart", "tubingen", "ulm", "weimar", "zurich",
    ]
    private static let validationCities = ["frankfurt", "lindau", "munster"]

    var items: [SyntheticFolder.Item] {
        let train = Array(Self.trainingCities.prefix(options.cities))
        return (0..<options.trainingImages).map { item($0, $0, "train", train, firstCity: 0) }
            + (0..<options.validationImages).map {
                item(options.trainingImages + $0, $0, "val", Self.validationCities, firstCity: 1_000)
            }
    }

    private func item(
        _ index: Int, _ place: Int, _ split: String, _ cities: [String], firstCity: Int
    ) -> SyntheticFolder.Item {
        let (frame, number) = place.quotientAndRemainder(dividingBy: cities.count)
        let digits = String(frame)
        let name = "\(cities[number])_000000_" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        let folder = "\(split)/\(cities[number])"
        let (seed, height) = (options.seed, options.height)
        return SyntheticFolder.Item(
            names: ["leftImg8bit/\(folder)/\(name)_leftImg8bit.png", "gtFine/\(folder)/\(name)_gtFine_labelIds.png"]
        ) { () throws(DatasetError) in
            let generator = SeededGenerator(seed: seed, RandomStream.syntheticStreet, UInt64(index))
            let scene = StreetScene(StreetCity(firstCity + number, seed: seed), height: height, generator)
            let pictures = scene.pictures()
            return ([pictures.image, pictures.labels], [])
        }
    }

    private var readme: String {
        """
        SYNTHETIC streets in the layout of Cityscapes, drawn by a program.

        No picture shows a real street, and none is from Cityscapes; the cities have nothing but names of the real ones. A
        number measured on them says how a method does on these drawings; call it synthetic wherever it stands.

        Images: leftImg8bit/SPLIT/CITY. Label maps by Cityscapes' numbers: gtFine/SPLIT/CITY, labelIds. 1 is the bonnet of the
        camera's own car, which is ignored.

        training images     \(options.trainingImages) of \(options.cities) cities
        validation images   \(options.validationImages) of \(Self.validationCities.count) others
        size                \(2 * options.height)x\(options.height)
        seed                \(options.seed)

        """
    }
}
