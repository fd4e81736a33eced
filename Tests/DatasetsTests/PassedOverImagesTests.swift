import TestImages
import Testing

@testable import Datasets

@Suite struct PassedOverImagesTests {
    @Test func otherKindsAreCountedByNameOrFirstBytes() throws {
        let folder = try TemporaryFolder()
        let png = try ReaderGoldens.picture("rgb 8").bytes
        for number in 0..<3 { try folder.write([1], to: "cat/\(number).TIFF") }
        for name in ["cat/a.gif", "dog/b.gif", "dog/more/c.heic"] { try folder.write([1], to: name) }
        for name in ["cat/a.png", "dog/a.webp", "dog/b.BMP", "dog/c.jfif"] { try folder.write(png, to: name) }
        try folder.write(png, to: "dog/photo")
        try folder.write(Array("II*\0".utf8), to: "dog/scan.001")
        for name in ["notes.txt", "dog/Thumbs.db", "dog/readme", ".hidden.gif", ".cache/x.gif", "cat/empty"] {
            try folder.write("text", to: name)
        }
        let found = try PassedOverImages(below: folder.path)
        #expect(
            found.kinds.map { "\($0.count) \($0.name)" } == [
                "3 .tiff", "2 .gif", "1 .heic", "1 PNG by the first bytes alone", "1 TIFF by the first bytes alone",
            ])
        #expect(found.count == 8 && found.words?.hasPrefix("8 files of other kinds: 3 .tiff, 2 .gif, ") == true)
        #expect(try openDataset(at: folder.path).train.count == 4)
        #expect(try PassedOverImages(below: folder.makeFolder("nothing")).words == nil)
        #expect(try PassedOverImages(below: folder.file("cat/a.gif")).count == 0)
    }

    @Test func theRefusalNamesThem() throws {
        let folder = try TemporaryFolder()
        try folder.write([1], to: "set/cat/a.gif")
        try folder.write(ReaderGoldens.picture("rgb 8").bytes, to: "set/dog/a.png")
        expectError(.empty, "class folder cat holds no image, but 1 file of other kinds: 1 .gif", "webp") {
            _ = try ImageFolderDataset(at: folder.file("set"))
        }
        expectError(.empty, "holds no image, but 1 file of other kinds: 1 .gif") {
            _ = try ImageFiles([folder.file("set/cat")])
        }
    }
}
