import Datasets
import Foundation
import Support

/// Fashion-MNIST: 60,000 training and 10,000 test images of clothing, grey, 28x28, in ten balanced classes (Xiao, Rasul
/// and Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms", 2017). This is where
/// its four files may be had, and how.
struct FashionMNIST: Sendable {
    /// The names of the classes, in the order of the labels.
    static let classNames = [
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ]
    /// SHA-256 of each file, as Debian's package 0.0~git20200523.55506a9-1 has them.
    static let checksums = [
        "t10k-images-idx3-ubyte.gz": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
        "t10k-labels-idx1-ubyte.gz": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
        "train-images-idx3-ubyte.gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
        "train-labels-idx1-ubyte.gz": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
    ]
    /// The build does not matter, since each file is checked.
    static let package = DebianPackage(name: "dataset-fashion-mnist")
    /// Room for the package, its content and, where there are none, the lists of packages: some 160 MB at the most.
    static let neededBytes = 200_000_000

    /// The folder in which the package installs the files; in the package itself, without the leading slash.
    var installed = "/usr/share/datasets/fashion-mnist"
    /// The data set's own site as its authors publish it. It offers no TLS; the checksums stand in for it.
    var mirror = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
    /// The folders where programs are looked for; nil for the system's own search path.
    var searchPath: String? = Tool.systemSearchPath
    /// The checksums that must match. Another set is for tests.
    var files = Self.checksums

    /// Opens the training and test sets in a folder that `obtain` gave.
    ///
    /// - Throws: `DatasetError` that names the file that is missing or damaged.
    @Sendable static func open(at folder: String) throws(DatasetError) -> OpenedDataset {
        func part(_ name: String) throws(DatasetError) -> IDXDataset {
            try IDXDataset(
                images: FilePath.join(folder, "\(name)-images-idx3-ubyte.gz"),
                labels: FilePath.join(folder, "\(name)-labels-idx1-ubyte.gz"), classNames: classNames)
        }
        return OpenedDataset(layout: .idx, train: try part("train"), test: try part("t10k"))
    }

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
    @Sendable func obtain(cache: String?, progress: @escaping (String) -> Void) throws(DatasetError) -> String {
        if FileBytes.isFolder(installed), try missing(in: installed).isEmpty { return installed }
        let folder = FilePath.join(try DatasetCache.folder(cache), "fashion-mnist")
        try Folder.make(folder)
        guard try !missing(in: folder).isEmpty else { return folder }

        try DatasetCache.checkRoom(Self.neededBytes, at: folder)
        let work = try Folder.makeWork(in: folder)
        defer { try? FileManager.default.removeItem(atPath: work) }
        let fetcher = Fetcher(work: work, searchPath: searchPath, progress: progress)
        do throws(FetchFailure) {
            var attempts = Attempts()
            if try attempts.first({ () throws(FetchFailure) in try fetchPackage(fetcher, into: folder) }) == nil,
                try attempts.first({ () throws(FetchFailure) in try fetchFromMirror(fetcher, into: folder) }) == nil
            {
                throw .reasons(attempts.reasons)
            }
            return folder
        } catch {
            throw error.asDatasetError(
                folder: folder,
                advice: """
                    Check the network; or install Debian's package \(Self.package.name); or put its files \
                    (\(files.keys.sorted().joined(separator: ", "))) into that folder.
                    """)
        }
    }

    private func fetchPackage(_ fetcher: Fetcher, into folder: String) throws(FetchFailure) {
        let content = try fetcher.debianPackage(Self.package)
        for name in try FetchFailure.guarded({ () throws(DatasetError) in try missing(in: folder) }) {
            try adopt(name, from: FilePath.join(content, "usr/share/datasets/fashion-mnist"), into: folder, fetcher)
        }
    }

    private func fetchFromMirror(_ fetcher: Fetcher, into folder: String) throws(FetchFailure) {
        for name in try FetchFailure.guarded({ () throws(DatasetError) in try missing(in: folder) }) {
            try fetcher.download(mirror + name, as: name, in: fetcher.work, site: "the data set's site")
            try adopt(name, from: fetcher.work, into: folder, fetcher)
        }
    }

    /// Moves a file that is what it should be into the cache.
    private func adopt(
        _ name: String, from source: String, into folder: String, _ fetcher: Fetcher
    ) throws(FetchFailure) {
        guard let expected = files[name] else { return }
        try fetcher.check(name, in: source, sha256: expected)
        try FetchFailure.guarded { () throws(DatasetError) in
            try FileBytes.move(FilePath.join(source, name), to: FilePath.join(folder, name))
        }
    }

    /// The names of files that are not there or not what they should be, in order.
    private func missing(in folder: String) throws(DatasetError) -> [String] {
        let sums = try Checksums.sha256(of: files.keys.sorted(), in: folder, searchPath: searchPath)
        return files.keys.filter { sums[$0] != files[$0] }.sorted()
    }
}
