import Foundation
import TestImages
import Testing

@testable import Datasets

@Suite struct FolderDatasetTests {
    @Test func classesAndFilesAreInByteOrder() throws {
        let folder = try TemporaryFolder()
        let image = try ReaderGoldens.picture("grey 8").bytes
        for name in [
            "b/2.png", "b/10.png", "b/Z.PNG", "b/é.jpeg", "b/sub/1.Jpg", "b/sub-2/1.png", "b/sub/deep/0.png", "B/x.jpg",
            "b/notes.txt", "b/.hidden.png", "b/.git/a.png", ".cache/a.png", "stray.png", "a b/1.png", "b/png",
            "b/a.gif",
        ] {
            try folder.write(image, to: name)
        }
        let dataset = try ImageFolderDataset(at: folder.path)
        #expect(dataset.classNames == ["B", "a b", "b"])
        let paths = (0..<dataset.count).map { String(dataset.source(at: $0).dropFirst(folder.path.count + 1)) }
        #expect(
            paths
                == [
                    "B/x.jpg", "a b/1.png", "b/10.png", "b/2.png", "b/Z.PNG", "b/é.jpeg", "b/sub/1.Jpg",
                    "b/sub-2/1.png",
                    "b/sub/deep/0.png",
                ].sorted { a, b in
                    // By folder, then by name.
                    let (x, y) = (Folder.split(a), Folder.split(b))
                    let (u, v) = (String(x.folder.dropLast()), String(y.folder.dropLast()))
                    return u == v ? Folder.precedes(x.name, y.name) : Folder.precedes(u, v)
                })
        #expect(Array(paths[6...]) == ["b/sub/1.Jpg", "b/sub-2/1.png", "b/sub/deep/0.png"])
        #expect((0..<dataset.count).map(dataset.label) == [0, 1, 2, 2, 2, 2, 2, 2, 2])
        #expect(try dataset.image(at: 0, decoding: ImageDecoding()).width == 11)
        expectError(.invalidArgument) { _ = try dataset.image(at: 9, decoding: ImageDecoding()) }
    }

    @Test func linksAreFollowedAndLoopsEnd() throws {
        let folder = try TemporaryFolder()
        let image = try ReaderGoldens.picture("grey 8").bytes
        try folder.write(image, to: "a/1.png")
        try folder.write(image, to: "elsewhere/2.png")
        let manager = FileManager.default
        try manager.createSymbolicLink(atPath: folder.path + "/a/loop", withDestinationPath: folder.path + "/a")
        try manager.createSymbolicLink(atPath: folder.path + "/a/more", withDestinationPath: "../elsewhere")
        try manager.createSymbolicLink(atPath: folder.path + "/a/again", withDestinationPath: "../elsewhere")
        try manager.createSymbolicLink(atPath: folder.path + "/a/3.png", withDestinationPath: "1.png")
        try manager.createSymbolicLink(atPath: folder.path + "/a/broken.png", withDestinationPath: "nothing")
        let dataset = try ImageFolderDataset(at: folder.path, classNames: ["a", "elsewhere"])
        let paths = (0..<dataset.count).map { String(dataset.source(at: $0).dropFirst(folder.path.count + 1)) }
        #expect(paths == ["a/1.png", "a/3.png", "a/again/2.png", "elsewhere/2.png"])
    }

    @Test func foldersWithoutClassesOrImagesAreRefused() throws {
        let folder = try TemporaryFolder()
        expectError(.empty, "no class folders") { _ = try ImageFolderDataset(at: folder.path) }
        try folder.write([1], to: "a.png")
        expectError(.empty, "1 images directly in it") { _ = try ImageFolderDataset(at: folder.path) }
        for name in ["x", "y", "z"] { try folder.makeFolder(name) }
        try folder.write([1], to: "y/1.jpg")
        expectError(.empty, "class folder x", "class folder z", "jpg, png") {
            _ = try ImageFolderDataset(at: folder.path)
        }
        expectError(.unreadable, "nowhere") { _ = try ImageFolderDataset(at: folder.path + "/nowhere") }
        expectError(.unreadable, "a.png") { _ = try ImageFolderDataset(at: folder.path + "/a.png") }
    }

    @Test func heldOutFoldersAreLabelledAsTheTrainingFolder() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "cat/1.jpg")
        try folder.write([1], to: "owl/1.jpg")
        let dataset = try ImageFolderDataset(at: folder.path, classNames: ["owl", "dog", "cat"])
        #expect(dataset.classNames == ["owl", "dog", "cat"])
        #expect((0..<2).map(dataset.label) == [0, 2])
        expectError(.malformed, "folder cat", "folder owl", "1 classes") {
            _ = try ImageFolderDataset(at: folder.path, classNames: ["dog"])
        }
    }

    @Test func aBrokenImageIsNamedWhenDecoded() throws {
        let folder = try TemporaryFolder()
        try folder.write(try ReaderGoldens.picture("4:2:0").bytes.dropLast(50), to: "cat/1.jpg")
        let dataset = try ImageFolderDataset(at: folder.path)
        let error = expectError(.corrupt, "cat/1.jpg", "Fetch the file again") {
            _ = try dataset.image(at: 0, decoding: ImageDecoding())
        }
        #expect(error?.file == dataset.source(at: 0))
    }
}
