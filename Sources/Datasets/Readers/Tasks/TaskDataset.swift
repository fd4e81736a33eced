import Support

/// A data set as what it is for.
public enum TaskDataset: Sendable {
    /// One class an image.
    case classification(OpenedDataset)
    /// Images of identities under several cameras.
    case reidentification(MarketDataset)
    /// Faces with ages and genders.
    case faces(FaceParts)
    /// One class a pixel.
    case segmentation(SegmentationParts)
    /// Objects with a box each, and perhaps a mask.
    case detection(DetectionParts)

    /// Opens the data set at `path` as what its names say that it is:
    ///
    /// - for re-identification, where a folder `bounding_box_train` or `bounding_box_test` lies in it, or in a folder in
    ///   it, which is then named as the one that may be meant;
    /// - as faces, a list whose header names images and ages and no classes; and where most images of a folder have names of UTKFace and lie directly in it, in folders `train`,
    ///   `test` or `part...`, or in the only folder in it, and no list labels them;
    /// - for segmentation, where images and masks lie in one of the layouts of `SegmentationParts.find`;
    /// - for detection, where images and boxes lie in one of the layouts of `DetectionParts.find`;
    /// - else for classification, as `openDataset` does, a lone validation part as the test.
    ///
    /// - Throws: `DatasetError`, as opening for that task does.
    public static func open(at path: String) throws(DatasetError) -> TaskDataset {
        guard FileBytes.isFolder(path) else {
            if try FaceList.isMeant(by: path) { return .faces(try FaceDataset.open(path)) }
            if let parts = try DetectionParts.find(at: path) { return .detection(parts) }
            return .classification(try openDataset(at: path).keepingFinalScore)
        }
        if let parts = try SegmentationParts.find(at: path) { return .segmentation(parts) }
        if let parts = try DetectionParts.find(at: path) { return .detection(parts) }
        if try MarketDataset.isMeant(by: path) { return .reidentification(try MarketDataset.open(path)) }
        if try FaceDataset.isMeant(by: path) {
            return .faces(try FaceDataset.open(path))
        }
        return .classification(try openDataset(at: path).keepingFinalScore)
    }

    /// Refuses what is meant for another task than classification, and might be taken for classes.
    ///
    /// - Throws: `DatasetError` of kind `.unrecognised` that names the task.
    static func refuseOtherTasks(at path: String) throws(DatasetError) {
        guard FileBytes.isFolder(path) else {
            guard try FaceList.isMeant(by: path) else { return }
            throw DatasetError(
                .unrecognised, file: path, "lists ages, and no classes",
                advice: "Train on it with supernet adapt --task age, gender or age-and-gender.")
        }
        if try MarketDataset.isMeant(by: path) {
            throw DatasetError(
                .unrecognised, file: path,
                "is, or holds, a data set for re-identification in the layout of Market-1501, without classes",
                advice: "Train on it with supernet adapt --task re-identification.")
        }
        if try FaceDataset.isMeant(by: path) {
            throw DatasetError(
                .unrecognised, file: path,
                "holds faces under the names of UTKFace, which tell ages and genders and no classes",
                advice: "Train on it with supernet adapt --task age, gender or age-and-gender.")
        }
    }
}

extension MarketDataset {
    /// Whether the names of folders say that this layout is meant, complete or not.
    fileprivate static func isMeant(by path: String) throws(DatasetError) -> Bool {
        let signs = ["bounding_box_train", "bounding_box_test"]
        let folders = try Folder.list(path).folders
        return folders.contains { folder in
            signs.contains(folder)
                || signs.contains { FileBytes.isFolder(FilePath.join(path, "\(folder)/\($0)")) }
        }
    }
}

extension FaceDataset {
    /// Whether most images are named as UTKFace names faces, in a folder that is no data set of classes.
    fileprivate static func isMeant(by path: String) throws(DatasetError) -> Bool {
        guard try LayoutSurvey(of: path).layouts(only: nil).allSatisfy({ $0 == .classFolders }) else { return false }
        let folders = try Folder.list(path).folders
        let areParts = folders.allSatisfy { SplitRole(named: $0) != nil || $0.contains("part") }
        guard areParts || folders.count == 1 else { return false }
        let images = try Folder.files(below: path, where: ImageFolderDataset.isImage)
        let faces = images.count { file in
            (try? FaceRecord(named: Folder.split(file).name, path: file)) != nil
        }
        return 2 * faces > images.count
    }
}
