import Datasets
import Foundation
import Glibc
import Support
import Synchronization

/// A folder of rendered pictures: there as a whole or not at all, and never in place of something else.
struct SyntheticFolder: Sendable {
    /// One picture and the file that it becomes.
    struct Picture: Sendable {
        /// The path of the file below the folder, with slashes.
        let name: String
        let render: @Sendable () -> Image
    }

    /// Pictures that belong together, such as an image and its label map.
    struct Item: Sendable {
        /// The paths of the files below the folder, with slashes.
        let names: [String]
        /// Further names of files, under which they are found in another layout: one of `names` each.
        var links: [(name: String, target: String)] = []
        /// Gives the pictures, one for each of `names`, and what `endings` are made of.
        let render: @Sendable () throws(DatasetError) -> (pictures: [Image], notes: [String])
    }

    /// A file that is written when all pictures are.
    struct Ending: Sendable {
        /// The path of the file below the folder, with slashes.
        let name: String
        /// Gives the text of what the items left as notes, in their order.
        let text: @Sendable (_ notes: [[String]]) -> String
    }

    static let readmeName = "README.txt"

    /// Says what the pictures are; equal for equal pictures.
    let readme: String
    let items: [Item]
    let endings: [Ending]

    /// A folder of single pictures.
    init(readme: String, pictures: [Picture]) {
        self.init(
            readme: readme,
            items: pictures.map { picture in
                Item(names: [picture.name]) { () throws(DatasetError) in ([picture.render()], []) }
            })
    }

    /// A folder of pictures that belong together.
    init(readme: String, items: [Item], endings: [Ending] = []) {
        (self.readme, self.items, self.endings) = (readme, items, endings)
    }

    private var names: [String] {
        items.flatMap { $0.names + $0.links.map(\.name) } + endings.map(\.name)
    }

    /// Renders and writes all. A folder that holds the same set already is left as it is.
    ///
    /// - Parameters:
    ///   - folder: is made, with those above it.
    ///   - progress: told how many of how many pictures are done, on the caller's thread.
    /// - Throws: `DatasetError` of kind `.unwritable`, also when the folder holds anything else.
    func write(to folder: String, progress: (Int, Int) -> Void) throws(DatasetError) {
        let named = FilePath.trim(Folder.absolute(folder))
        // Of a link, the folder behind it: no folder can come to stand in a link's place.
        let folder = FilePath.real(named) ?? named
        if try isWritten(at: folder) { return progress(items.count, items.count) }
        let parent = FilePath.folder(of: folder)
        try Folder.make(parent)
        let work = try Folder.makeWork(in: parent)
        defer { try? FileManager.default.removeItem(atPath: work) }
        let made = FilePath.join(work, "made")
        try Folder.make(made)
        for part in Set(names.map { FilePath.folder(of: $0) }) where part != "." {
            try Folder.make(FilePath.join(made, part))
        }
        let notes = try fill(made, progress)
        for ending in endings {
            try FileBytes.create(FilePath.join(made, ending.name), Array(ending.text(notes).utf8))
        }
        try FileBytes.writeAtomically(Array(readme.utf8), to: FilePath.join(made, Self.readmeName))
        // Fails if by now somebody has put something there.
        try FileBytes.move(made, to: folder)
    }

    /// Whether this very set is there.
    ///
    /// - Throws: when something else is.
    private func isWritten(at folder: String) throws(DatasetError) -> Bool {
        guard FilePath.exists(folder) else { return false }
        guard FileBytes.isFolder(folder) else {
            throw DatasetError(.unwritable, file: folder, "is a file", advice: "Give the path of a new folder.")
        }
        let files = try Folder.files(below: folder) { _ in true }
        if files.isEmpty { return false }
        let readme = FilePath.join(folder, Self.readmeName)
        if files.contains(Self.readmeName), try FileBytes.read(readme, limit: 1 << 20) == Array(self.readme.utf8),
            Set(files) == Set(names + [Self.readmeName])
        {
            return true
        }
        throw DatasetError(
            .unwritable, file: folder, "holds \(files.count) file(s) that are not this set",
            advice: "Give the path of a new folder, or remove this one.")
    }

    /// Some pictures at a time on all processors. Each is a function of its own, so their order is of no matter.
    private func fill(_ folder: String, _ progress: (Int, Int) -> Void) throws(DatasetError) -> [[String]] {
        let atATime = 128
        let notes = Mutex([[String]](repeating: [], count: items.count))
        for first in stride(from: 0, to: items.count, by: atATime) {
            let failure = Mutex<DatasetError?>(nil)
            let some = items[first..<min(items.count, first + atATime)]
            DispatchQueue.concurrentPerform(iterations: some.count) { index in
                do throws(DatasetError) {
                    let item = some[first + index]
                    let rendered = try item.render()
                    for (name, picture) in zip(item.names, rendered.pictures) {
                        try FileBytes.create(FilePath.join(folder, name), picture.pngData())
                    }
                    for link in item.links { try Self.link(link.target, link.name, in: folder) }
                    notes.withLock { $0[first + index] = rendered.notes }
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
            if let error = failure.withLock({ $0 }) { throw error }
            progress(some.endIndex, items.count)
        }
        return notes.withLock { $0 }
    }

    /// Gives a file a second name, or a copy where the disk knows no such thing.
    private static func link(_ target: String, _ name: String, in folder: String) throws(DatasetError) {
        let (from, to) = (FilePath.join(folder, target), FilePath.join(folder, name))
        if Glibc.link(from, to) != 0 { try FileBytes.copy(from, to: to) }
    }
}
