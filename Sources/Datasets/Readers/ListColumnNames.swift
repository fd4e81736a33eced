/// Names by which the columns of lists go, in groups of which an earlier one wins. They are compared in lower case and
/// without what is neither letter nor digit: `Image Id`, `image_id` and `imageID` are one.
enum ListColumnNames {
    /// Columns of paths, or names, of images; ids only where nothing says more.
    static let paths: [Set<String>] = [
        [
            "path", "paths", "file", "files", "filename", "filenames", "filepath", "filepaths", "image", "images",
            "imagepath", "imagename", "imagefile", "imagefilename", "img", "imgpath", "imgname", "imgfile", "fname",
            "photo", "picture", "photopath", "relativepath", "relpath",
        ],
        ["imageid", "imgid", "photoid", "pictureid", "fileid", "id", "uuid", "name"],
    ]

    /// Columns of labels; numbers for classes only where no names stand beside them.
    static let labels: [Set<String>] = [
        ["label", "labels", "class", "classes", "classname", "target", "category", "categoryname", "labelname", "y"],
        [
            "species", "breed", "variety", "kind", "type", "tag", "tags", "diagnosis", "dx", "genus", "emotion",
            "style", "finding", "predictionstring", "synset", "wnid", "groundtruth", "expression", "disease",
        ],
        ["labelid", "classid", "categoryid", "targetid", "classindex", "labelindex", "labelnum", "classno"],
    ]

    /// Columns that tell the part of each image in words.
    static let splits: Set<String> = [
        "split", "set", "subset", "partition", "dataset", "datasplit", "usage", "phase", "part", "traintest",
    ]

    /// Columns that tell it by true or false: the part of the images that are, and of those that are not.
    static let flags: [String: (is: SplitRole, not: SplitRole)] = [
        "isvalid": (.validation, .train), "isvalidation": (.validation, .train), "istrain": (.train, .test),
        "istraining": (.train, .test), "istrainingimage": (.train, .test), "istest": (.test, .train),
    ]

    /// Columns that together are corners of boxes on images.
    static let boxes: [Set<String>] = [
        ["xmin", "ymin"], ["x1", "y1"], ["bboxx1", "bboxy1"], ["bbox"], ["xcenter", "ycenter"],
    ]

    /// Columns that number the lines, as pandas writes them unasked.
    static let counters: Set<String> = ["", "unnamed0", "unnamed01", "index", "level0"]

    /// A name as it is compared.
    static func folded(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.lowercased().unicodeScalars.filter {
                    $0.properties.isAlphabetic || $0.properties.numericType != nil
                }))
    }

    /// The first column of the first group that any column is of.
    static func column(_ names: [String], of groups: [Set<String>]) -> Int? {
        for group in groups {
            if let place = names.firstIndex(where: group.contains) { return place }
        }
        return nil
    }
}
