import Datasets
import Foundation
import Support

/// Photographs of things cut out of their background, sorted into classes. From the stamps of the drawing program Tux
/// Paint, as Debian's package `tuxpaint-stamps-default` carries them (GPL 2): images in colour, of all sizes, the
/// background transparent. So few, and so various, that a network which never saw a photograph before does badly on them.
///
/// A quarter of each class is for the test. Drawings and mirror images are left out. This is where they may be had, and how
/// they are sorted into class folders.
struct PhotoStamps: Sendable {
    /// What is in a class: the photographs in and below some folders of the package, and some single ones.
    struct Class: Sendable {
        /// The name of the class.
        let name: String
        /// The folders, from that of the stamps on.
        let folders: [String]
        /// What counts as another class although it lies in one of the folders: folders or files without their ending.
        var except: [String] = []
        /// Single photographs from other folders, without their ending.
        var files: [String] = []
    }

    /// The name of the data set.
    let name: String
    /// The classes, in the order of their labels.
    let classes: [Class]
    /// Whether the names of files begin with their folders even where the class is that folder.
    let keepsFolders: Bool
    /// The package and the digest that must match. Others are for tests.
    var package = DebianPackage(
        name: "tuxpaint-stamps-default",
        build: .init(
            version: "2022.06.04-1", sha256: "6db6c1bfc870a47f1499d6203b083522eacb57c5f9c87d468f2e92eb6d9d5f34"))
    var digest: String
    /// The folders where programs are looked for; nil for the system's own search path.
    var searchPath: String? = Tool.systemSearchPath

    /// Five folders of the package as they are: animals, food, household, plants and vehicles, 265 photographs.
    static let five = PhotoStamps(
        name: "photo-stamps",
        classes: ["animals", "food", "household", "plants", "vehicles"].map { Class(name: $0, folders: [$0]) },
        keepsFolders: false, digest: "c5ec21341ddc68bcac56315fed9b998e11c7bdf1e35f37f3df68612c4fcf1668")

    /// Nine kinds of things of which there are at least 25 photographs each: the large folders of before in parts, and
    /// coins. 265 photographs, though not the same.
    static let nine: PhotoStamps = {
        // Most hoofed animals have a folder; the others lie among all mammals.
        let hoofed = ["giraffe", "hippopotamus", "pig", "pig_golden", "pig_golden2", "rhino_black", "wildboar"]
            .map { "animals/mammals/\($0)" }
        let hoofedFolders = ["bovines", "camel", "deer", "equines"].map { "animals/mammals/\($0)" }
        return PhotoStamps(
            name: "photo-stamps-9",
            classes: [
                Class(name: "birds", folders: ["animals/birds"]),
                Class(
                    name: "coins",
                    folders: ["canadian/coins", "euro/coins", "japanese", "us/coins"].map { "symbols/money/\($0)" }),
                Class(name: "flowers", folders: ["plants/flowers"]),
                Class(name: "fruit-and-nuts", folders: ["food/fruit", "food/nuts"]),
                Class(name: "hoofed-mammals", folders: hoofedFolders, files: hoofed),
                Class(name: "household", folders: ["household"]),
                Class(
                    name: "other-animals",
                    folders: ["amphibians", "fish", "insects", "lizards", "shellfish"].map { "animals/\($0)" }),
                Class(
                    name: "other-mammals", folders: ["animals/mammals", "animals/marsupials"],
                    except: hoofedFolders + hoofed + ["animals/mammals/bears/toys"]),
                Class(
                    name: "vegetables-and-herbs", folders: ["food/vegetables", "food/spices", "plants/mushrooms"],
                    files: ["eggplant", "lavender", "lettuce_bolted", "thyme"].map { "plants/\($0)" }),
            ], keepsFolders: true, digest: "4f6173a52346b9ce3bf25803fe1d5bf832f93ac7845d42eca635cd993fcb880d")
    }()

    var prepared: PreparedSource {
        PreparedSource(name: name, digest: digest, neededBytes: 500_000_000, searchPath: searchPath) {
            fetcher, folder throws(FetchFailure) in
            let content = try fetcher.debianPackage(package)
            fetcher.progress("sorting the photographs by class")
            try FetchFailure.guarded { () throws(DatasetError) in
                try sort(FilePath.join(content, "usr/share/tuxpaint/stamps"), into: folder)
            }
        }
    }

    /// Moves the photographs of each class to `train/CLASS/NAME.png`, or `test`; their own folders become part of the
    /// name.
    func sort(_ stamps: String, into folder: String) throws(DatasetError) {
        var found: [(path: String, label: Int)] = []
        for (label, kind) in classes.enumerated() {
            found += try kind.photographs(in: stamps).map { ($0, label) }
        }
        let isTest = stratifiedChoice(
            of: found.map(\.label), classes: classes.count, fraction: 0.25, seed: 0,
            stream: [RandomStream.photoStampTest])
        for (index, (path, label)) in found.enumerated() {
            let name = classes[label].name
            let target = FilePath.join(folder, "\(isTest[index] ? "test" : "train")/\(name)")
            try Folder.make(target)
            let kept = keepsFolders ? path : String(path.dropFirst(name.count + 1))
            try FileBytes.move(
                FilePath.join(stamps, path), to: FilePath.join(target, kept.replacing("/", with: "-")))
        }
    }
}

extension PhotoStamps.Class {
    private static let ending = ".png"

    /// The paths of the photographs of the class, from the folder of all stamps on.
    func photographs(in stamps: String) throws(DatasetError) -> [String] {
        var paths: [String] = []
        for folder in folders {
            let files = try Folder.files(below: FilePath.join(stamps, folder)) { $0.hasSuffix(Self.ending) }
            paths += files.filter { !$0.contains("cartoon") && !$0.contains("mirror") }.map {
                FilePath.join(folder, $0)
            }
        }
        paths.removeAll { path in
            except.contains { path == $0 + Self.ending || path.hasPrefix($0 + "/") }
        }
        return paths + files.map { $0 + Self.ending }
    }
}
