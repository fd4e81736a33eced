extension FaceDataset {
    /// Opens a data set of faces:
    ///
    /// - a folder of images in the naming of UTKFace (Zhang, Song and Qi, "Age progression/regression by conditional
    ///   adversarial autoencoder", CVPR 2017), `AGE_GENDER_RACE_STAMP.jpg`, also with `.chip.jpg` after it, at any
    ///   depth;
    /// - a folder with two such folders, `train` and `test`;
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
        let folders = try Folder.list(path).folders
        let present = ["train", "test"].filter(folders.contains)
        guard present.count != 1 else {
            throw DatasetError(
                .unrecognised, file: path,
                "has a folder \(present[0]), but none called \(present[0] == "train" ? "test" : "train")",
                advice: "Give it both, or put all images into one folder to have them divided. " + advice)
        }
        guard present.isEmpty else {
            let (train, out) = try records(in: Folder.join(path, "train"))
            let (test, also) = try records(in: Folder.join(path, "test"))
            try checkApart(train, test, path)
            return FaceParts(
                train: FaceDataset(train, target: target), test: FaceDataset(test, target: target),
                isSplitByName: false, leftOut: out + also)
        }
        let (records, leftOut) = try records(in: path)
        return try parts(records, split, path, target, leftOut: leftOut)
    }

    /// The largest share of images that are left out for their names; more of them, and the folder is not what it was
    /// taken for.
    public static let maximumLeftOut = 0.2

    private static let advice =
        "A face of UTKFace is named AGE_GENDER_RACE_STAMP, such as 25_1_2_20170116174525125.jpg: an age in 0...120, "
        + "gender 0 (male) or 1 (female), race in 0...4."

    private static func records(
        in path: String
    ) throws(DatasetError) -> (good: [FaceRecord], leftOut: [String]) {
        let files = try Folder.files(below: path, where: ImageFolderDataset.isImage)
        guard !files.isEmpty else { throw DatasetError(.empty, file: path, "holds no image", advice: advice) }
        var good: [FaceRecord] = []
        var bad: [(file: String, what: String)] = []
        for file in files {
            do throws(FaceRecord.Refusal) {
                good.append(try FaceRecord(named: LayoutSurvey.split(file).name, path: Folder.join(path, file)))
            } catch {
                bad.append((file, error.what))
            }
        }
        guard Double(bad.count) <= maximumLeftOut * Double(files.count) else {
            throw DatasetError(
                .malformed, file: path, problems: bad.map { .init("\($0.file): \($0.what)") },
                advice:
                    "Of \(files.count) images, \(bad.count) cannot be read by name, and a fifth at most is left out: rename "
                    + "them, or move them away. " + advice)
        }
        return (good, bad.map { Folder.join(path, $0.file) })
    }

    private static func parts(
        _ records: [FaceRecord], _ split: NameSplit, _ path: String, _ target: Target, leftOut: [String]
    ) throws(DatasetError) -> FaceParts {
        let isTest = records.map { split.isTest($0.key) }
        guard isTest.contains(true), isTest.contains(false) else {
            throw DatasetError(
                .invalidArgument, file: path,
                "a test fraction of \(split.testFraction) of \(records.count) faces leaves one part empty",
                advice: "Give more faces, another fraction or seed, or folders train and test.")
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
                problems: shared.map { .init("\(LayoutSurvey.split($0.path).name) of test is in train as well") },
                advice: "Keep each face in one part: a test on learnt images tells nothing.")
        }
    }
}
