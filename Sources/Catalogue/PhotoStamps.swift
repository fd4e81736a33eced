import Datasets
import Foundation
import Support

/// Photographs of things cut out of their background, in five classes: animals, food, household, plants and vehicles. From
/// the stamps of the drawing program Tux Paint, as Debian's package `tuxpaint-stamps-default` carries them (GPL 2): 265
/// images in colour, of all sizes, the background transparent. So few, and so various, that a network which never saw
/// a photograph before does badly on them.
///
/// A quarter of each class is for the test. Drawings and mirror images are left out. This is where they may be had, and how
/// they are sorted into class folders.
struct PhotoStamps: Sendable {
    static let classes = ["animals", "food", "household", "plants", "vehicles"]

    /// The package and the digest that must match. Others are for tests.
    var package = DebianPackage(
        name: "tuxpaint-stamps-default",
        build: .init(
            version: "2022.06.04-1", sha256: "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34"))
    var digest = "c5ec21341ddc68bcac56315fed9b998e11c7bdf1e35f37f3df68612c4fcf1668"
    /// The folders where programs are looked for; nil for the system's own search path.
    var searchPath: String? = Tool.systemSearchPath

    var prepared: PreparedSource {
        PreparedSource(name: "photo-stamps", digest: digest, neededBytes: 500_000_000, searchPath: searchPath) {
            fetcher, folder throws(FetchFailure) in
            let content = try fetcher.debianPackage(package)
            fetcher.progress("sorting the photographs by class")
            try FetchFailure.guarded { () throws(DatasetError) in
                try Self.sort(FilePath.join(content, "usr/share/tuxpaint/stamps"), into: folder)
            }
        }
    }

    /// Moves the photographs in and below each class's folder to `train/CLASS/NAME.png`, or `test`; their own folders
    /// become part of the name.
    static func sort(_ stamps: String, into folder: String) throws(DatasetError) {
        var paths: [String] = []
        for name in classes {
            let files = try Folder.files(below: FilePath.join(stamps, name)) { $0.hasSuffix(".png") }
            paths += files.filter { !$0.contains("cartoon") && !$0.contains("mirror") }.map { FilePath.join(name, $0) }
        }
        let labels = paths.map { path in classes.firstIndex { path.hasPrefix($0 + "/") } ?? 0 }
        let isTest = stratifiedChoice(
            of: labels, classes: classes.count, fraction: 0.25, seed: 0, stream: [RandomStream.photoStampTest])
        for (index, path) in paths.enumerated() {
            let name = classes[labels[index]]
            let target = FilePath.join(folder, "\(isTest[index] ? "test" : "train")/\(name)")
            try Folder.make(target)
            let file = FilePath.join(target, String(path.dropFirst(name.count + 1)).replacing("/", with: "-"))
            try FileBytes.move(FilePath.join(stamps, path), to: file)
        }
    }
}
