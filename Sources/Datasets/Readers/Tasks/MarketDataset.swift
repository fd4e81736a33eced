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

    /// Names of the folders of training images, queries and the gallery.
    static let folders = ["bounding_box_train", "query", "bounding_box_test"]

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
            let inside = listing.folders.first { FileBytes.isFolder(Folder.join(Folder.join(root, $0), folders[0])) }
            throw DatasetError(
                .unrecognised, file: root, problems: missing.map { .init("there is no folder \($0)") },
                advice: advice + (inside.map { " The folder \($0) in it may be meant." } ?? ""))
        }
        let paths = folders.map { Folder.join(root, $0) }
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
