import Support

extension FaceDataset {
    /// Opens a data set of faces:
    ///
    /// - a folder of images in the naming of UTKFace (Zhang, Song and Qi, "Age progression/regression by conditional
    ///   adversarial autoencoder", CVPR 2017), `AGE_GENDER_RACE_STAMP.jpg`, also with `.chip.jpg` after it, at any
    ///   depth;
    /// - a folder with two such folders, `train` and `test`, or one called `val` as the test; of three, `val` is learned from;
    /// - a list with a header `path,age,gender`, as MORPH comes, whose column of genders may be missing; a
    ///   column `subject` tells the person.
    ///
    /// A few images whose names cannot be read, as a few of UTKFace's own cannot, are left out.
    ///
    /// Where there is no test part, a face belongs to it by a hash of its name, or of its person where a list tells
    /// that: two files of one name up to the first dot, such as a picture and its crop, lie on the same side, and so do
    /// all images of a person who is named.
    ///
    /// - Parameters:
    ///   - path: the folder or the list.
    ///   - target: what the classes are.
    ///   - testFraction: the share of faces in the test part, about; between 0 and 1, both excluded.
    ///   - seed: of the choice.
    /// - Throws: `DatasetError` that names each image whose name cannot be read or whose age is not in 0...120, where they are
    ///   more than `maximumLeftOut` of all; each such line of a list, a face in both parts, a part that is missing or empty; of kind `.invalidArgument` for a
    ///   fraction out of range, or where genders are asked for and not there.
    public static func open(
        _ path: String, as target: Target = .age, testFraction: Double = 0.2, seed: UInt64 = 0
    ) throws(DatasetError) -> FaceParts {
        guard testFraction > 0, testFraction < 1 else {
            throw DatasetError(
                .invalidArgument, "a test fraction of \(testFraction)",
                advice: "Give a fraction between 0 and 1, such as 0.2.")
        }
        let split = NameSplit(testFraction: testFraction, seed: seed)
        guard FileBytes.isFolder(path) else {
            let list = try FaceList(at: path)
            guard list.problems.isEmpty else {
                throw DatasetError(.malformed, file: path, problems: list.problems, advice: FaceList.advice)
            }
            guard !list.records.isEmpty else {
                throw DatasetError(.empty, file: path, "lists no face", advice: FaceList.advice)
            }
            try checkGenders(list.records, target, path)
            return try parts(list.records, split, path, target, leftOut: [])
        }
        let (root, roles) = try partFolders(of: path)
        let train = roles[.train] ?? []
        // Where there are three, networks learn from two: what validates them is drawn from what they learn from.
        let (more, test) = roles[.test].map { (roles[.validation] ?? [], $0) } ?? ([], roles[.validation] ?? [])
        guard train.isEmpty == test.isEmpty else {
            throw DatasetError(
                .unrecognised, file: root,
                "has a folder \((train + test)[0]), but none called \(train.isEmpty ? "train" : "test")",
                advice: "Give it both, or put all images into one folder to have them divided. " + advice)
        }
        guard train.isEmpty else {
            let (learned, out) = try records(in: (train + more).map { FilePath.join(root, $0) })
            let (judged, also) = try records(in: test.map { FilePath.join(root, $0) })
            try checkApart(learned, judged, root)
            return FaceParts(
                train: FaceDataset(learned, target: target), test: FaceDataset(judged, target: target),
                isSplitByName: false, leftOut: out + also)
        }
        let (records, leftOut) = try records(in: [path])
        return try parts(records, split, path, target, leftOut: leftOut)
    }

    /// The largest share of images that are left out for their names; more of them, and the folder is not what it was
    /// taken for.
    public static let maximumLeftOut = 0.2

    private static let advice =
        "A face of UTKFace is named AGE_GENDER_RACE_STAMP, such as 25_1_2_20170116174525125.jpg: an age in 0...120, "
        + "gender 0 (male) or 1 (female), race in 0...4."

    /// The folders of parts by what they are for, and the folder that holds them: the one that is given, or the only one in
    /// it, as archives unpack.
    private static func partFolders(
        of path: String
    ) throws(DatasetError) -> (root: String, roles: [SplitRole: [String]]) {
        let listing = try Folder.list(path)
        var root = path
        var folders = listing.folders
        if folders.count == 1, SplitRole(named: folders[0]) == nil,
            !listing.files.contains(where: ImageFolderDataset.isImage)
        {
            root = FilePath.join(path, folders[0])
            folders = try Folder.list(root).folders
        }
        var roles: [SplitRole: [String]] = [:]
        for folder in folders {
            if let role = SplitRole(named: folder) { roles[role, default: []].append(folder) }
        }
        return (root, roles)
    }

    private static func records(
        in folders: [String]
    ) throws(DatasetError) -> (good: [FaceRecord], leftOut: [String]) {
        var good: [FaceRecord] = []
        var bad: [(path: String, what: String)] = []
        for folder in folders {
            let files = try Folder.files(below: folder, where: ImageFolderDataset.isImage)
            guard !files.isEmpty else { throw DatasetError(.empty, file: folder, "holds no image", advice: advice) }
            for file in files {
                let path = FilePath.join(folder, file)
                do throws(FaceRecord.Refusal) {
                    good.append(try FaceRecord(named: Folder.split(file).name, path: path))
                } catch {
                    bad.append((path, "\(file): \(error.what)"))
                }
            }
        }
        let count = good.count + bad.count
        guard Double(bad.count) <= maximumLeftOut * Double(count) else {
            throw DatasetError(
                .malformed, file: folders[0], problems: bad.map { .init($0.what) },
                advice:
                    "Of \(count) images, \(bad.count) cannot be read by name, and a fifth at most is left out: rename "
                    + "them, or move them away. " + advice)
        }
        return (good, bad.map(\.path))
    }

    private static func parts(
        _ records: [FaceRecord], _ split: NameSplit, _ path: String, _ target: Target, leftOut: [String]
    ) throws(DatasetError) -> FaceParts {
        let isTest = split.areTest(records.map(\.key))
        guard isTest.contains(true), isTest.contains(false) else {
            throw DatasetError(
                .invalidArgument, file: path,
                "a test fraction of \(split.testFraction) of \(records.count) faces leaves one part empty",
                advice: "Give two faces at least, or folders train and test.")
        }
        func part(_ wanted: Bool) -> FaceDataset {
            FaceDataset(zip(records, isTest).compactMap { $1 == wanted ? $0 : nil }, target: target)
        }
        return FaceParts(train: part(false), test: part(true), isSplitByName: true, leftOut: leftOut)
    }

    private static func checkGenders(
        _ records: [FaceRecord], _ target: Target, _ path: String
    ) throws(DatasetError) {
        guard target != .age, records.contains(where: { $0.gender == nil }) else { return }
        throw DatasetError(
            .invalidArgument, file: path, "tells no genders, which were asked for",
            advice: "Add a column gender with 0 or M (male), 1 or F (female), or ask for ages.")
    }

    private static func checkApart(
        _ train: [FaceRecord], _ test: [FaceRecord], _ path: String
    ) throws(DatasetError) {
        let known = Set(train.map(\.key))
        let shared = test.filter { known.contains($0.key) }
        guard shared.isEmpty else {
            throw DatasetError(
                .malformed, file: path,
                problems: shared.map { .init("\(Folder.split($0.path).name) of test is in train as well") },
                advice: "Keep each face in one part: a test on learnt images tells nothing.")
        }
    }
}
