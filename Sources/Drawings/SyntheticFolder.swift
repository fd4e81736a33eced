import Datasets
import Foundation
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

    static let readmeName = "README.txt"

    /// Says what the pictures are; equal for equal pictures.
    let readme: String
    let pictures: [Picture]

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
        if try isWritten(at: folder) { return progress(pictures.count, pictures.count) }
        let parent = FilePath.folder(of: folder)
        try Folder.make(parent)
        let work = try Folder.makeWork(in: parent)
        defer { try? FileManager.default.removeItem(atPath: work) }
        let made = FilePath.join(work, "made")
        try Folder.make(made)
        for part in Set(pictures.map { FilePath.folder(of: $0.name) }) where part != "." {
            try Folder.make(FilePath.join(made, part))
        }
        try fill(made, progress)
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
            Set(files) == Set(pictures.map(\.name) + [Self.readmeName])
        {
            return true
        }
        throw DatasetError(
            .unwritable, file: folder, "holds \(files.count) file(s) that are not this set",
            advice: "Give the path of a new folder, or remove this one.")
    }

    /// Some pictures at a time on all processors. Each is a function of its own, so their order is of no matter.
    private func fill(_ folder: String, _ progress: (Int, Int) -> Void) throws(DatasetError) {
        let atATime = 128
        for first in stride(from: 0, to: pictures.count, by: atATime) {
            let failure = Mutex<DatasetError?>(nil)
            let some = pictures[first..<min(pictures.count, first + atATime)]
            DispatchQueue.concurrentPerform(iterations: some.count) { index in
                do throws(DatasetError) {
                    let picture = some[first + index]
                    try FileBytes.create(FilePath.join(folder, picture.name), picture.render().pngData())
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
            if let error = failure.withLock({ $0 }) { throw error }
            progress(some.endIndex, pictures.count)
        }
    }
}
