import Support

/// A data set of person re-identification in the layout of Market-1501 (Zheng et al., "Scalable person
/// re-identification: a benchmark", ICCV 2015):
///
///     root/bounding_box_train/0002_c1s1_000451_03.jpg
///     root/query/0001_c1s1_001051_00.jpg
///     root/bounding_box_test/0001_c2s1_000301_00.jpg      -1_c1s1_000401_03.jpg      0000_c1s1_000151_01.jpg
///
/// Names begin with identity and camera; `-1` is junk, `0000` a distractor. Images lie directly in their folder, in the
/// byte order of their names; other files and folders are passed over.
public struct MarketDataset: Sendable {
    /// What networks learn from. Its classes are its people; junk and distractors are left out.
    public let train: ReidentificationPart
    /// Images whose people are to be found again.
    public let query: ReidentificationPart
    /// Images among which they are searched for, junk and distractors among them.
    public let gallery: ReidentificationPart
    /// Images of junk and distractors in the training folder, which were left out.
    public let leftOutOfTraining: Int

    /// The names of the folders of training images, queries and the gallery.
    package static let folders = ["bounding_box_train", "query", "bounding_box_test"]

    /// People who are in the training part and among the queries; none where a score is to tell of people never seen.
    public var sharedIdentities: [Int] {
        Set(train.identities).intersection(query.identities).sorted()
    }

    /// Lists the three folders. Images are decoded only when they are asked for.
    ///
    /// - Parameter root: the folder that holds the three.
    /// - Throws: `DatasetError` that names each missing folder, each name that cannot be read, each person with one
    ///   training image alone, of whom no pair can be formed, each query without a match in the gallery under another
    ///   camera; or as listing does.
    public static func open(_ root: String) throws(DatasetError) -> MarketDataset {
        let listing = try Folder.list(root)
        let missing = folders.filter { !listing.folders.contains($0) }
        guard missing.isEmpty else {
            let inside = listing.folders.first {
                FileBytes.isFolder(FilePath.join(FilePath.join(root, $0), folders[0]))
            }
            throw DatasetError(
                .unrecognised, file: root, problems: missing.map { .init("there is no folder \($0)") },
                advice: advice + (inside.map { " The folder \($0) in it may be meant." } ?? ""))
        }
        let paths = folders.map { FilePath.join(root, $0) }
        let all = try images(in: paths[0])
        let people = all.filter { $0.name.identity > ReidentificationPart.distractor }
        let train = ReidentificationPart(root: paths[0], images: people, classes: classes(people))
        try checkPairs(train)
        let (asked, searched) = (try images(in: paths[1]), try images(in: paths[2]))
        let identities = classes(asked + searched)
        let query = ReidentificationPart(root: paths[1], images: asked, classes: identities)
        let gallery = ReidentificationPart(root: paths[2], images: searched, classes: identities)
        try checkMatches(query: query, gallery: gallery)
        return MarketDataset(
            train: train, query: query, gallery: gallery, leftOutOfTraining: all.count - people.count)
    }

    private static let advice =
        "Market-1501 lies as three folders, bounding_box_train, query and bounding_box_test, each with images such as "
        + "0002_c1s1_000451_03.jpg: identity, camera and sequence, frame, box."

    private static func classes(_ images: [(file: String, name: MarketName)]) -> [Int] {
        Set(images.map(\.name.identity)).sorted()
    }

    private static func images(in path: String) throws(DatasetError) -> [(file: String, name: MarketName)] {
        let files = try Folder.list(path).files.filter(ImageFolderDataset.isImage)
        guard !files.isEmpty else { throw DatasetError(.empty, file: path, "holds no image", advice: advice) }
        let names = files.map(MarketName.init)
        let problems = zip(files, names).compactMap { file, name in
            name == nil ? DatasetError.Problem("the name \(file) tells no identity and camera") : nil
        }
        guard problems.isEmpty else {
            throw DatasetError(.malformed, file: path, problems: problems, advice: advice)
        }
        return zip(files, names).compactMap { file, name in name.map { (file, $0) } }
    }

    private static func checkPairs(_ train: ReidentificationPart) throws(DatasetError) {
        guard train.count > 0 else {
            throw DatasetError(.empty, file: train.root, "holds only junk (-1) and distractors (0000)", advice: advice)
        }
        var counts = [Int](repeating: 0, count: train.classNames.count)
        for index in 0..<train.count { counts[train.label(at: index)] += 1 }
        let lonely = (0..<train.count).filter { counts[train.label(at: $0)] == 1 }
        guard lonely.isEmpty else {
            throw DatasetError(
                .malformed, file: train.root,
                problems: lonely.map {
                    .init("identity \(train.classNames[train.label(at: $0)]) has one image, \(train.file(at: $0))")
                }, advice: "A person needs two images to form a pair: add one, or move this one away.")
        }
    }

    private static func checkMatches(
        query: ReidentificationPart, gallery: ReidentificationPart
    ) throws(DatasetError) {
        var cameras: [Int: Set<Int>] = [:]
        for (identity, camera) in zip(gallery.identities, gallery.cameras) {
            cameras[identity, default: []].insert(camera)
        }
        var problems: [DatasetError.Problem] = []
        for (index, (identity, camera)) in zip(query.identities, query.cameras).enumerated() {
            let file = query.file(at: index)
            guard identity > ReidentificationPart.distractor else {
                problems.append(.init("\(file) shows nobody: it is junk (-1) or a distractor (0000)"))
                continue
            }
            let seen = cameras[identity, default: []]
            guard seen.subtracting([camera]).isEmpty else { continue }
            let found = seen.isEmpty ? "no image of that identity" : "that identity under camera \(camera) alone"
            problems.append(.init("\(file) has no match: the gallery holds \(found)"))
        }
        guard problems.isEmpty else {
            throw DatasetError(
                .malformed, file: query.root, problems: problems,
                advice: "Each query needs an image of its person under another camera in \(gallery.root); add one, or "
                    + "move the query away.")
        }
    }
}

/// Images of people, each with who is on it and which camera took it.
public struct ReidentificationPart: FileDataset {
    /// The identity of an image that shows no person well enough to count.
    public static let junk = -1
    /// The identity of an image of nobody who is asked for.
    public static let distractor = 0

    /// The folder of the images.
    public let root: String
    /// The identity of each image: from 1 for people, `distractor` or `junk`.
    public let identities: [Int]
    /// The camera of each image.
    public let cameras: [Int]
    /// The identities of the part, rising, as they stand in names: `0002`. Query and gallery share theirs.
    public let classNames: [String]

    private let files: [String]
    private let labels: [Int32]

    /// Makes a part of named images.
    ///
    /// - Parameters:
    ///   - root: the folder.
    ///   - images: names of files in it and what they say.
    ///   - classes: at least all identities of the images, rising.
    init(root: String, images: [(file: String, name: MarketName)], classes: [Int]) {
        self.root = root
        files = images.map(\.file)
        identities = images.map(\.name.identity)
        cameras = images.map(\.name.camera)
        classNames = classes.map(Self.text)
        let positions = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
        labels = identities.map { positions[$0] ?? 0 }
    }

    /// The number of images.
    public var count: Int { files.count }

    /// The position of the image's identity in `classNames`.
    ///
    /// - Precondition: `index` is in 0..<count.
    public func label(at index: Int) -> Int { Int(labels[index]) }

    /// The path of the file.
    public func source(at index: Int) -> String { FilePath.join(root, files[index]) }

    /// The file's name without the folder.
    func file(at index: Int) -> String { files[index] }

    /// Writes an identity as in names: four digits at least.
    package static func text(_ identity: Int) -> String {
        let digits = String(identity)
        return identity < 0 ? digits : String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

/// What the name of an image says in the layout of Market-1501: `0002_c1s1_000451_03.jpg` is person 2 under camera 1
/// (in sequence 1, frame 451, box 3), `-1_...` junk and `0000_...` a distractor. What follows the camera only tells
/// images apart, so names of sets that write it otherwise (`0002_c1_f0046182.jpg`) are read as well.
struct MarketName: Hashable {
    let identity: Int
    let camera: Int

    /// Reads a name; nil for one that is none of these.
    init?(_ name: String) {
        let fields = name.prefix { $0 != "." }.split(separator: "_", omittingEmptySubsequences: false)
        guard fields.count >= 3, fields.dropFirst(2).allSatisfy({ !$0.isEmpty }) else { return nil }
        guard let identity = fields[0] == "-1" ? ReidentificationPart.junk : Self.number(fields[0]) else { return nil }
        guard fields[1].first == "c" else { return nil }
        let numbers = fields[1].dropFirst().split(separator: "s", omittingEmptySubsequences: false).map(Self.number)
        guard (1...2).contains(numbers.count), !numbers.contains(nil), let camera = numbers[0] else { return nil }
        self.identity = identity
        self.camera = camera
    }

    /// A number of decimal digits alone that an integer holds.
    private static func number(_ digits: Substring) -> Int? {
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(digits)
    }
}
