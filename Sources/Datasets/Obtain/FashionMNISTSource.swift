import Foundation

/// Where the files of Fashion-MNIST may be had, and how.
struct FashionMNISTSource: Sendable {
    /// SHA-256 of each file, as Debian's package 0.0~git20200523.55506a9-1 has them.
    static let checksums = [
        "t10k-images-idx3-ubyte.gz": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
        "t10k-labels-idx1-ubyte.gz": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
        "train-images-idx3-ubyte.gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
        "train-labels-idx1-ubyte.gz": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
    ]
    /// The build does not matter: each file is checked.
    static let package = DebianPackage(name: "dataset-fashion-mnist")
    /// Package, its content and, where there are none, the lists of packages: some 160 MB at the most.
    static let neededBytes = 200_000_000

    /// Where the package installs the files; in the package itself, without the leading slash.
    var installed = "/usr/share/datasets/fashion-mnist"
    /// The data set's own site as its authors publish it. It offers no TLS; the checksums stand in for it.
    var mirror = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
    /// Where programs are looked for; nil for the system's own search path.
    var searchPath: String? = Tool.systemSearchPath
    /// What must match. Another set is for tests.
    var files = Self.checksums

    func obtain(cache: String, progress: @escaping (String) -> Void) throws(DatasetError) -> String {
        if FileBytes.isFolder(installed), try missing(in: installed).isEmpty { return installed }
        let folder = Folder.join(DatasetCache.absolute(cache), "fashion-mnist")
        try DatasetCache.makeFolder(folder)
        guard try !missing(in: folder).isEmpty else { return folder }

        try DatasetCache.checkRoom(Self.neededBytes, at: folder)
        let work = try DatasetCache.makeWorkFolder(in: folder)
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
            try adopt(name, from: Folder.join(content, "usr/share/datasets/fashion-mnist"), into: folder, fetcher)
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
        let target = Folder.join(folder, name)
        guard rename(Folder.join(source, name), target) == 0 else {
            throw .fatal(FileBytes.unwritable(target, errno))
        }
    }

    /// Names of files that are not there or not what they should be, in order.
    private func missing(in folder: String) throws(DatasetError) -> [String] {
        let sums = try Checksums.sha256(of: files.keys.sorted(), in: folder, searchPath: searchPath)
        return files.keys.filter { sums[$0] != files[$0] }.sorted()
    }
}
