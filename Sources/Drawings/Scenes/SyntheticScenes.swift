import Datasets
import Foundation
import Support

/// A rendered, **synthetic** set for segmentation and detection: photographs of things, cut out of their background, over
/// drawn backgrounds, one before the other. Its masks are exact. It lies at once in the layout of ADE20K's scene parsing and
/// in that of COCO; both have the same images.
///
///     images/training/scene_00000001.png      annotations/training/scene_00000001.png      classes.txt
///     train2017/000000000001.png              annotations/instances_train2017.json
///
/// and likewise `validation` and `val2017`. In label maps 0 is what nobody could tell, 1 the background, and each class one
/// more than the one before. A thing that is seen in training is never seen in validation.
public struct SyntheticScenes: Sendable {
    /// The size of the set.
    public struct Options: Sendable, Hashable {
        /// Pictures to learn from, 1 to 200,000.
        public var trainingImages = 1_200
        /// Pictures for validation, 1 to 200,000.
        public var validationImages = 300
        /// The size of a picture; sides of 32 to 2,048 pixels.
        public var size = ImageSize(256)
        /// Another seed gives other pictures; the same gives the same bytes.
        public var seed: UInt64 = 0

        /// The options of 1,200 pictures to learn from and 300 for validation.
        public init() {}
    }

    /// The options as they were given.
    public let options: Options
    /// The classes of things, without the background.
    public let classNames: [String]
    private let training: [[CutOut]]
    private let validation: [[CutOut]]
    private let source: String

    /// The fewest cut-outs that a class has in either part.
    public static let leastCutOuts = 4

    /// A set of the given size.
    ///
    /// - Parameters:
    ///   - cutOuts: a folder of folders `train` and `test` with a folder of PNG files for each class, transparent around the
    ///     thing. Those of `train` are seen in training, those of `test` in validation. Files without transparency are
    ///     passed over, and classes of which too few cut-outs are left.
    ///   - options: the size of the set.
    /// - Throws: `DatasetError` of kind `.invalidArgument` that names each option out of its range, or where no class is
    ///   left; or what reading a file throws.
    public init(cutOuts: String, _ options: Options = Options()) throws(DatasetError) {
        try OptionRanges.require(
            [
                ("trainingImages", options.trainingImages, 1...200_000),
                ("validationImages", options.validationImages, 1...200_000),
                ("height", options.size.height, 32...2_048),
                ("width", options.size.width, 32...2_048),
            ])
        let longest = options.size.longer
        let folder = FilePath.join(cutOuts, "train")
        var (names, training, validation): ([String], [[CutOut]], [[CutOut]]) = ([], [], [])
        for name in try Folder.list(folder).folders {
            let seen = try Self.cutOuts(FilePath.join(folder, name), longest)
            let test = FilePath.join(cutOuts, "test/\(name)")
            let held = FilePath.isFolder(test) ? try Self.cutOuts(test, longest) : []
            guard min(seen.count, held.count) >= Self.leastCutOuts else { continue }
            names.append(name)
            training.append(seen)
            validation.append(held)
        }
        guard !names.isEmpty else {
            throw DatasetError(
                .invalidArgument, file: cutOuts,
                "holds no class of \(Self.leastCutOuts) cut-outs or more in both train and test",
                advice:
                    "Give PNG files that are transparent around the thing: train/CLASS/NAME.png and test/CLASS/NAME.png."
            )
        }
        (self.options, classNames, self.training, self.validation) = (options, names, training, validation)
        source = FilePath.name(of: cutOuts)
    }

    private static func cutOuts(_ folder: String, _ longest: Int) throws(DatasetError) -> [CutOut] {
        var found: [CutOut] = []
        for file in try Folder.files(below: folder, where: { $0.lowercased().hasSuffix(".png") }) {
            let picture = try StoredPNG(contentsOf: FilePath.join(folder, file), alpha: true)
            if let cutOut = CutOut(picture, longest: longest) { found.append(cutOut) }
        }
        return found
    }

    /// The number of cut-outs that are seen in training and in validation.
    public var cutOutCounts: (training: Int, validation: Int) {
        (training.reduce(0) { $0 + $1.count }, validation.reduce(0) { $0 + $1.count })
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
        try content.write(to: folder, progress: progress)
    }

    var content: SyntheticFolder {
        let train = options.trainingImages
        let items = (0..<train).map { item($0, training, part: "training", coco: "train2017") }
        let held = (0..<options.validationImages).map {
            item(train + $0, validation, part: "validation", coco: "val2017")
        }
        let names = classNames
        return SyntheticFolder(
            readme: readme, items: items + held,
            endings: [
                .init(name: "classes.txt") { _ in (["background"] + names).map { $0 + "\n" }.joined() },
                .init(name: "annotations/instances_train2017.json") { Self.coco($0.prefix(train), names) },
                .init(name: "annotations/instances_val2017.json") { Self.coco($0.dropFirst(train), names) },
            ])
    }

    private func item(_ index: Int, _ cutOuts: [[CutOut]], part: String, coco: String) -> SyntheticFolder.Item {
        func padded(_ digits: Int) -> String {
            let text = String(index + 1)
            return String(repeating: "0", count: max(0, digits - text.count)) + text
        }
        let name = "scene_\(padded(8)).png"
        let image = "images/\(part)/\(name)"
        let file = "\(padded(12)).png"
        let (size, seed) = (options.size, options.seed)
        return SyntheticFolder.Item(
            names: [image, "annotations/\(part)/\(name)"], links: [("\(coco)/\(file)", image)]
        ) { () throws(DatasetError) in
            var generator = SeededGenerator(seed: seed, RandomStream.syntheticScene, UInt64(index))
            let scene = Scene(cutOuts, width: size.width, height: size.height, &generator)
            let stored = scene.classes.map { $0 == Scene.hidden ? 0 : $0 + 1 }
            let map = Image(width: size.width, height: size.height, channels: 1, pixels: stored)
            return ([scene.image, map], Self.notes(scene, id: index + 1, file: file, size))
        }
    }

    /// The entry of the image in COCO's file, and one for each thing.
    private static func notes(_ scene: Scene, id: Int, file: String, _ size: ImageSize) -> [String] {
        let image = #"{"id":\#(id),"file_name":"\#(file)","height":\#(size.height),"width":\#(size.width)}"#
        return [image]
            + scene.things.enumerated().map { number, thing in
                let box = thing.mask.bounds ?? BoundingBox(x0: 0, y0: 0, x1: 0, y1: 0)
                let sides = [box.x0, box.y0, box.width, box.height].map { String(Int($0)) }.joined(separator: ",")
                // The string may hold a backslash.
                let counts = thing.mask.compressed.replacing("\\", with: "\\\\")
                return #"{"id":\#(id * 100 + number),"image_id":\#(id),"category_id":\#(thing.label + 1),"#
                    + #""bbox":[\#(sides)],"area":\#(thing.mask.area),"iscrowd":0,"#
                    + #""segmentation":{"size":[\#(size.height),\#(size.width)],"counts":"\#(counts)"}}"#
            }
    }

    private static func coco(_ notes: ArraySlice<[String]>, _ classNames: [String]) -> String {
        func quoted(_ name: String) -> String {
            (try? JSONEncoder().encode(name)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
        }
        let categories = classNames.enumerated().map { #"{"id":\#($0 + 1),"name":\#(quoted($1))}"# }
        func list(_ key: String, _ entries: [String]) -> String {
            "\"\(key)\":[\n" + entries.joined(separator: ",\n") + "\n]"
        }
        return "{"
            + [
                #""info":{"description":"SYNTHETIC scenes of cut-outs, drawn by a program"}"#,
                list("images", notes.compactMap(\.first)), list("annotations", notes.flatMap { $0.dropFirst() }),
                list("categories", categories),
            ].joined(separator: ",\n") + "}\n"
    }

    private var readme: String {
        """
        SYNTHETIC scenes in the layouts of ADE20K and COCO, composed by a program.

        Photographs of things, cut out of their background, over drawn backgrounds. No picture is from ADE20K or COCO. A number
        measured on them says how a method does on these pictures; call it synthetic wherever it stands.

        Label maps (annotations/training, annotations/validation): 0 is ignored, 1 the background, and a line of classes.txt
        each from there on. Boxes and masks: annotations/instances_train2017.json, instances_val2017.json. A cut-out that is
        seen in training is not seen in validation.

        cut-outs            \(source): \(cutOutCounts.training) for training, \(cutOutCounts.validation) for validation
        classes             \(classNames.joined(separator: ", "))
        training images     \(options.trainingImages)
        validation images   \(options.validationImages)
        size                \(options.size.width)x\(options.size.height)
        seed                \(options.seed)

        """
    }
}
