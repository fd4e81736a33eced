import Foundation

/// Photographs of things cut out of their background, in five classes: animals, food, household, plants and vehicles. From
/// the stamps of the drawing program Tux Paint, as Debian's package `tuxpaint-stamps-default` carries them (GPL 2): 265
/// images in colour, of all sizes, the background transparent. So few, and so various, that a network which never saw
/// a photograph before does badly on them.
///
/// A quarter of each class is for the test. Drawings and mirror images are left out.
public enum PhotoStamps {
    /// Fetches the package, sorts its photographs by class, and gives the folder: class folders in `train` and `test`. Where
    /// it is in the cache already, unharmed, nothing is fetched.
    ///
    /// - Parameters:
    ///   - cache: the folder under which it is kept. Nil: `DatasetCache.defaultFolder()`.
    ///   - progress: told in words what is being done.
    /// - Throws: `DatasetError` of kind `.unobtainable`, which tells why each way failed, or `.unwritable`.
    public static func obtain(
        cache: String? = nil, progress: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> String {
        try PhotoStampSource().prepared.obtain(cache: cache, progress: progress)
    }

    /// Opens the training and test sets in a folder that `obtain` gave.
    ///
    /// - Throws: `DatasetError` that names what is missing or damaged.
    public static func open(at folder: String) throws(DatasetError) -> OpenedDataset {
        try openDataset(at: folder, layout: .splitFolders)
    }
}

/// Where the photographs of `PhotoStamps` may be had, and how they are sorted into class folders.
struct PhotoStampSource: Sendable {
    static let classes = ["animals", "food", "household", "plants", "vehicles"]

    /// What must match. Others are for tests.
    var package = DebianPackage(
        name: "tuxpaint-stamps-default",
        build: .init(
            version: "2022.06.04-1", sha256: "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34"))
    var digest = "c5ec21341ddc68bcac56315fed9b998e11c7bdf1e35f37f3df68612c4fcf1668"
    /// Where programs are looked for; nil for the system's own search path.
    var searchPath: String? = Tool.systemSearchPath

    var prepared: PreparedSource {
        PreparedSource(name: "photo-stamps", digest: digest, neededBytes: 500_000_000, searchPath: searchPath) {
            fetcher, folder throws(FetchFailure) in
            let content = try fetcher.debianPackage(package)
            fetcher.progress("sorting the photographs by class")
            try FetchFailure.guarded { () throws(DatasetError) in
                try Self.sort(Folder.join(content, "usr/share/tuxpaint/stamps"), into: folder)
            }
        }
    }

    /// Moves the photographs in and below each class's folder to `train/CLASS/NAME.png`, or `test`; their own folders become
    /// part of the name.
    static func sort(_ stamps: String, into folder: String) throws(DatasetError) {
        var paths: [String] = []
        for name in classes {
            let files = try Folder.files(below: Folder.join(stamps, name)) { $0.hasSuffix(".png") }
            paths += files.filter { !$0.contains("cartoon") && !$0.contains("mirror") }.map { Folder.join(name, $0) }
        }
        let labels = paths.map { path in classes.firstIndex { path.hasPrefix($0 + "/") } ?? 0 }
        let isTest = stratifiedChoice(of: labels, classes: classes.count, fraction: 0.25, seed: 0, stream: [0x57A3])
        for (index, path) in paths.enumerated() {
            let name = classes[labels[index]]
            let target = Folder.join(folder, "\(isTest[index] ? "test" : "train")/\(name)")
            try DatasetCache.makeFolder(target)
            let file = Folder.join(target, String(path.dropFirst(name.count + 1)).replacing("/", with: "-"))
            guard rename(Folder.join(stamps, path), file) == 0 else { throw FileBytes.unwritable(file, errno) }
        }
    }
}
