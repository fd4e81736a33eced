import Foundation
import TestImages
import Testing

@testable import Datasets

/// Lists as spreadsheets, other systems and competitions write them, beside four images in a folder.
@Suite struct SpreadsheetListTests {
    private func folder() throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for name in ["0.jpg", "1.jpg", "2.JPG", "a b.png"] { try folder.write([1], to: "images/\(name)") }
        return folder
    }

    private static let samples = ["images/0.jpg cat", "images/1.jpg dog", "images/2.JPG cat", "images/a b.png dog"]

    private func samples(_ set: (any ImageDataset)?, _ folder: TemporaryFolder) throws -> [String] {
        let set = try #require(set)
        return (0..<set.count).map {
            "\(set.source(at: $0).dropFirst(folder.path.count + 1)) \(set.classNames[set.label(at: $0)])"
        }
    }

    @Test(
        arguments: [
            "path;label\nimages/0.jpg;cat\nimages/1.jpg;dog\nimages/2.JPG;cat\nimages/a b.png;dog\n",
            "sep=;\r\nFile Name;Species\r\nimages/0.jpg;cat\r\nimages/1.jpg;dog\r\nimages/2.JPG;cat\r\n\"images/a b.png\";dog\r\n",
            "path;weight;label\nimages/0.jpg;0,5;cat\nimages/1.jpg;1,5;dog\nimages/2.JPG;2,5;cat\nimages/a b.png;3;dog\n",
            "path|label\nimages/0.jpg|cat\nimages/1.jpg|dog\nimages/2.JPG|cat\nimages/a b.png|dog\n",
            "path\tlabel\nimages/0.jpg\tcat\nimages/1.jpg\tdog\nimages/2.JPG\tcat\nimages/a b.png\tdog\n",
            "images\\0.jpg,cat\nimages\\1.jpg,dog\n.\\images\\2.JPG,cat\nimages\\a b.png,dog\n",
            "image_id,dx,age\n0,cat,3\n1,dog,4\n2,cat,5\na b,dog,6\n",
            ",Image Id,Breed\n0,0.jpg,cat\n1,1.jpg,dog\n2,2.jpg,cat\n3,a b.png,dog\n",
            "Unnamed: 0,label,filepath\n0,cat,images/0.jpg\n1,dog,images/1.jpg\n2,cat,images/2.JPG\n3,dog,images/a b.png\n",
            "image_id,cat,dog\n0,1,0\n1,0,1\n2,1.0,0.0\na b,0,1\n",
            "Datei,Art\nimages/0.jpg,cat\nimages/1.jpg,dog\nimages/2.JPG,cat\nimages/a b.png,dog\n",
            "path,label,,\nimages/0.jpg,cat,,\nimages/1.jpg,dog,,\nimages/2.JPG,cat,,\nimages/a b.png,dog,,\n,,,\n",
            "C:\\Users\\me\\images\\0.jpg,cat\nC:\\Users\\me\\images\\1.jpg,dog\n/data/images/2.JPG,cat\n/data/images/a b.png,dog\n",
        ])
    func oneContentAsProgramsWriteIt(text: String) throws {
        let folder = try folder()
        let utf16 = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        for bytes in [Array(text.utf8), [0xEF, 0xBB, 0xBF] + Array(text.utf8), [0xFF, 0xFE] + utf16] {
            let list = try folder.write(bytes, to: "list.csv")
            let opened = try openDataset(at: list)
            #expect(try samples(opened.train, folder) == Self.samples)
            #expect(opened.classNames == ["cat", "dog"])
        }
    }

    @Test func aColumnGivesTheParts() throws {
        let folder = try folder()
        let words =
            "path,label,data set\nimages/0.jpg,cat,train\nimages/1.jpg,dog,Training\nimages/2.JPG,cat,valid\nimages/a b.png,dog,TEST\n"
        let opened = try openDataset(at: folder.write(words, to: "list.csv"))
        #expect(try samples(opened.train, folder) == Array(Self.samples[..<2]))
        #expect(try samples(opened.validation, folder) == [Self.samples[2]])
        #expect(try samples(opened.test, folder) == [Self.samples[3]])
        let flags =
            "fname,labels,is_valid\nimages/0.jpg,cat,False\nimages/1.jpg,dog,False\nimages/2.JPG,cat,True\nimages/a b.png,dog,True\n"
        let two = try openDataset(at: folder.write(flags, to: "list.csv"))
        #expect(try samples(two.validation, folder) == Array(Self.samples[2...]))
        expectError(.malformed, "label owl is none of the 2 classes", "cat, dog") {
            _ = try openDataset(at: folder.write(words.replacing("cat,valid", with: "owl,valid"), to: "list.csv"))
        }
        expectError(.malformed, "line 4", "no known part") {
            _ = try openDataset(at: folder.write(words.replacing("valid", with: "later"), to: "list.csv"))
        }
        // A column of that name may be something else.
        let other = "path,label,set\nimages/0.jpg,cat,7\nimages/1.jpg,dog,8\n"
        #expect(try openDataset(at: folder.write(other, to: "list.csv")).test == nil)
    }

    @Test(
        arguments: [
            (
                "foto,farbe,art\nimages/0.jpg,red,cat\nimages/1.jpg,red,dog\n",
                "the header (foto, farbe, art) names no column of labels"
            ),
            ("image_id\n0\n1\n", "a list without labels"),
            (
                "https://a.org/0.jpg,cat\nhttps://a.org/1.jpg,dog\n",
                "none of its 2 images is there: line 1 names https://a.org/0.jpg, which is an address on the web"
            ),
            ("D:\\x\\7.jpg,cat\nD:\\x\\8.jpg,dog\n", "a place on another machine"),
            ("x/7.jpg,cat\nx/8.jpg,dog\n", "an image that is: images/0.jpg"),
            ("images/0.jpg,cat,dog\nimages/1.jpg,dog,owl\n", "all of its 2 lines; on line 1: 3 fields"),
            ("image_id,cat,dog\n0,1,1\n1,1,1\n", "a single 1 is needed"),
            (
                "filename,class,xmin,ymin\nimages/0.jpg,cat,1,1\nimages/0.jpg,dog,9,9\nimages/1.jpg,cat,1,1\nimages/1.jpg,cat,5,5\n",
                "boxes on images"
            ),
            (
                "images/0.jpg,cat\nimages/0.jpg,dog\n",
                "line 2: images/0.jpg was already listed on line 1, as cat, here as dog"
            ),
        ])
    func unreadableTextHasOneMessageWithTheCause(text: String, words: String) throws {
        let folder = try folder()
        let list = try folder.write(text, to: "list.csv")
        let error = expectError(.malformed, list, words) { _ = try openDataset(at: list) }
        #expect(error?.problems.count == 1)
    }

    @Test func anIDMustMeanOneImage() throws {
        let folder = try TemporaryFolder()
        for name in ["train/0.jpg", "test/0.jpg", "test/1.jpg", "other/1.jpg"] { try folder.write([1], to: name) }
        let list = try folder.write("id,label\n0,cat\n1,dog\n", to: "train.csv")
        expectError(.malformed, "line 3: 1 names 2 images: other/1.jpg, test/1.jpg") { _ = try openDataset(at: list) }
        try folder.write([1], to: "train/1.jpg")
        let opened = try openDataset(at: list)
        #expect((0..<2).map(opened.train.source) == ["train/0.jpg", "train/1.jpg"].map(folder.file))
        #expect(opened.notes.contains { $0.contains("2 images were found by name") })
        // A folder that is written is not exchanged for another.
        expectError(.malformed, "there is no file valid/1.jpg") {
            _ = try openDataset(at: folder.write("train/0.jpg,cat\nvalid/1.jpg,dog\n", to: "train.csv"))
        }
    }

    @Test func anImageInTwoListsIsRefused() throws {
        let folder = try folder()
        try folder.write("images/0.jpg,cat\nimages/1.jpg,dog\n", to: "train.csv")
        try folder.write("images\\1.jpg,dog\nimages/2.JPG,cat\n", to: "test.csv")
        expectError(.malformed, "test.csv", "images/1.jpg is in \(folder.file("train.csv")) as well") {
            _ = try openDataset(at: folder.path)
        }
    }

    @Test(
        arguments: [
            ("red\ngreen\nblue\n", ["0", "2", "1", "0"], ["red", "blue", "green", "red"]),
            ("red\r\ngreen\r\nblue\r\n", ["3", "1", "2.0", "1"], ["blue", "red", "green", "red"]),
            ("7 red\n8 green\n9 blue\n", ["9", "7", "07", "7"], ["blue", "red", "red", "red"]),
            ("red\ngreen\nblue\n", ["blue", "red", "red", "red"], ["blue", "red", "red", "red"]),
            ("1\n10\n2\n", ["10", "1", "2", "2"], ["10", "1", "2", "2"]),
        ])
    func numbersBesideAClassFileAreItsPositions(file: String, labels: [String], names: [String]) throws {
        let folder = try folder()
        try folder.write(file, to: "classes.txt")
        let images = Self.samples.map { $0.split(separator: " ").dropLast().joined(separator: " ") }
        let list = zip(images, labels).map { "\($0),\($1)\n" }.joined()
        let opened = try openDataset(at: folder.write(list, to: "train.csv"))
        #expect(opened.classNames.count == 3)
        #expect((0..<4).map { opened.classNames[opened.train.label(at: $0)] } == names)
        #expect(opened.notes.contains { $0.contains("counted from 1") } == (labels[0] == "3"))
    }

    @Test func ambiguousNumbersAreRefused() throws {
        let folder = try folder()
        try folder.write("red\ngreen\nblue\n", to: "classes.txt")
        for (first, second) in [(1, 2), (2, 4), (0, 3)] {
            let list = try folder.write("images/0.jpg,\(first)\nimages/1.jpg,\(second)\n", to: "train.csv")
            expectError(.malformed, "from \(first) to \(second)", "0 to 2, or 1 to 3", "classes.txt") {
                _ = try openDataset(at: list)
            }
        }
        let list = try folder.write("images/0.jpg,red\nimages/1.jpg,pink\n", to: "train.csv")
        expectError(.malformed, "line 2: label pink is none of the 3 classes of classes.txt") {
            _ = try openDataset(at: list)
        }
    }

    @Test func classFilesAreTextOrAnIndex() throws {
        let folder = try TemporaryFolder()
        let names = ["apple", "pêche", "poire"]
        let text = names.joined(separator: "\r\n") + "\r\n\r\n"
        let utf16 = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        for bytes in [Array(text.utf8), [0xEF, 0xBB, 0xBF] + Array(text.utf8), [0xFF, 0xFE] + utf16] {
            #expect(try classNames(listedIn: folder.write(bytes, to: "names.txt")) == names)
        }
        #expect(
            try classNames(listedIn: folder.write(#"{"1": ["n2", "crane"], "0": ["n1", "tench"]}"#, to: "index.json"))
                == ["tench", "crane"])
        let latin = try folder.write(Array("apple\np".utf8) + [0xEA] + Array("che\n".utf8), to: "latin.txt")
        expectError(.malformed, latin, "line 2", "0xEA", "UTF-8") { _ = try classNames(listedIn: latin) }
        expectError(.empty, "names no class") { _ = try classNames(listedIn: folder.write("\n", to: "none.txt")) }
    }
}
