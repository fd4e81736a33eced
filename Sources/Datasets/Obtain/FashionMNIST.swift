/// Fashion-MNIST: 60,000 training and 10,000 test images of clothing, grey, 28x28, in ten balanced classes (Xiao, Rasul
/// and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", 2017).
public enum FashionMNIST {
    /// In the order of the labels.
    public static let classNames = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]

    /// Finds or fetches the four files, and gives the folder that holds them.
    ///
    /// Looked at in turn: the folder of Debian's installed package `dataset-fashion-mnist`, the cache, that package
    /// from the Debian mirrors that this system is set up for (it is unpacked, not installed, and no root is needed),
    /// and the data set's own site. Every file's SHA-256 is checked, also that of files found. Files that are already
    /// right are kept; new ones are moved into the cache whole.
    ///
    /// - Parameters:
    ///   - cache: the folder under which `fashion-mnist` is kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done.
    /// - Throws: `DatasetError` of kind `.unobtainable`, which tells why each way failed, or `.unwritable`.
    public static func obtain(
        cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> String {
        try FashionMNISTSource().obtain(cache: DatasetCache.folder(cache), progress: progress)
    }

    /// Opens the training and test sets in a folder that `obtain` gave.
    ///
    /// - Throws: `DatasetError` that names the file that is missing or damaged.
    public static func open(at folder: String) throws(DatasetError) -> OpenedDataset {
        func part(_ name: String) throws(DatasetError) -> IDXDataset {
            try IDXDataset(
                images: Folder.join(folder, "\(name)-images-idx3-ubyte.gz"),
                labels: Folder.join(folder, "\(name)-labels-idx1-ubyte.gz"), classNames: classNames)
        }
        return OpenedDataset(layout: .idx, train: try part("train"), test: try part("t10k"))
    }
}
