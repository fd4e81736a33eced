import Foundation
import TestImages
import Testing

@testable import Datasets

@Suite struct ListDatasetTests {
    private func read(
        _ text: String, name: String = "list.csv", classNames: [String]? = nil
    ) throws -> ListDataset {
        try ListDataset(bytes: Array(text.utf8), path: "folder/\(name)", classNames: classNames, checksFiles: false)
    }

    private func samples(_ dataset: ListDataset) -> [String] {
        (0..<dataset.count).map { "\(dataset.source(at: $0)) \(dataset.classNames[dataset.label(at: $0)])" }
    }

    @Test(
        arguments: [
            ("list.csv", "a.png,cat\nb c.png,dog\n"),
            ("list.csv", "\u{FEFF}a.png,cat\r\nb c.png,dog"),
            ("list.csv", "path,label\na.png,cat\n\n  \nb c.png , dog\n"),
            ("list.csv", "id,Label,note,FileName\n1,cat,\"x, \"\"y\"\"\n z\",a.png\n2,dog,,b c.png\n"),
            ("list.CSV", "\"a.png\",\"cat\"\r\n\"b c.png\" ,dog\r\n"),
            ("list.txt", "a.png,cat\nb c.png,dog\n"),
            ("list.txt", "a.png cat\nb c.png\t dog\n"),
            ("list.txt", "  a.png   cat  \r\rb c.png dog"),
            ("list", "image class\na.png cat\nb c.png dog"),
            ("list.tsv", "a.png\tcat\nb c.png\tdog\n"),
            ("list.tsv", "class\tpath\ncat\ta.png\ndog\t\"b c.png\"\n"),
        ])
    func oneContentInManySpellings(name: String, text: String) throws {
        let dataset = try read(text, name: name)
        #expect(dataset.classNames == ["cat", "dog"])
        #expect(samples(dataset) == ["folder/a.png cat", "folder/b c.png dog"])
    }

    @Test func namesSortByBytesAndNumbersByValue() throws {
        let names = try read("1,b\n2,a\n3,B\n4,ä\n5,b\n")
        #expect(names.classNames == ["B", "a", "b", "ä"])
        #expect((0..<5).map(names.label) == [2, 1, 0, 3, 2])
        let numbers = try read("x,10\ny,-2\nz,3.0\nw,3\nv,10\n")
        #expect(numbers.classNames == ["-2", "3", "10"])
        #expect((0..<5).map(numbers.label) == [2, 0, 1, 1, 2])
        let catalogue = try read("x,0042\ny,0017\n")
        #expect(catalogue.classNames == ["0017", "0042"] && catalogue.label(at: 0) == 1)
        let plate = try read("x,7\ny,B\nz,a\n")
        #expect(plate.classNames == ["7", "B", "a"])
        let known = try read("x,dog\ny,0\nz,1\n", classNames: ["dog", "cat"])
        #expect((0..<3).map(known.label) == [0, 0, 1])
        // A name that is a number is a name, and where all are, no number is a position.
        #expect(try read("x,1\n", classNames: ["1", "0"]).label(at: 0) == 0)
        #expect(try read("x,12.0\n", classNames: ["7", "12"]).label(at: 0) == 1)
        expectError(.malformed, "label 0 is none of the 2 classes") { _ = try read("x,0\n", classNames: ["7", "12"]) }
    }

    @Test func quotesKeepCommasQuotesAndLineEnds() throws {
        let dataset = try read("\"a, \"\"b\"\".png\",\"x\"\n\"c\nd.png\",\"y\"\n")
        #expect(samples(dataset) == ["folder/a, \"b\".png x", "folder/c\nd.png y"])
    }

    @Test func absolutePathsStayAbsolute() throws {
        #expect(try read("/data/a.png,x\n").source(at: 0) == "/data/a.png")
        let bare = try ListDataset(bytes: Array("a.png,x".utf8), path: "list.csv", classNames: nil, checksFiles: false)
        #expect(bare.source(at: 0) == "a.png")
    }

    @Test func everyBadLineIsReportedInOrder() throws {
        let text = """
            path,label
            a.png,cat
            b.png
            c.png,dog,extra
            "d.png"x,cat
            e"f.png,cat
            ,cat
            g.png,
            a.png,dog
            ./a.png,cat
            h//i.png,cat
            h/i.png,cat
            "two
            lines.png",cat
            "never ends,cat
            """
        let error = expectError(.malformed, "folder/list.csv", "path,label") { _ = try read(text) }
        let problems = try #require(error).problems
        let lines = problems.compactMap(\.line)
        #expect(lines == [3, 4, 5, 6, 7, 8, 9, 10, 12, 15])
        let words = [
            "1 fields where the header has 2", "3 fields", "after a closing quote", "quote within", "without a path",
            "without a label", "already listed on line 2", "already listed on line 2", "already listed on line 11",
            "never ends",
        ]
        for (problem, word) in zip(problems, words) { #expect(problem.what.contains(word), "\(problem)") }
    }

    @Test func manyBadLinesAreCounted() throws {
        let lines = ["good.png cat"] + (0..<50).map { "file\($0)" }
        let error = expectError(.malformed, "50 problems", "line 2:", "line 21:", "and 30 more") {
            _ = try read(lines.joined(separator: "\n"), name: "list.txt")
        }
        #expect(error?.problems.count == 20)
        #expect(error?.unlisted == 30)
        // What all lines have is told once.
        let one = expectError(.malformed, "all of its 50 lines", "line 1: a path without a label") {
            _ = try read(lines.dropFirst().joined(separator: "\n"), name: "list.txt")
        }
        #expect(one?.problems.count == 1)
    }

    @Test func impossibleLabelsAreRefused() throws {
        expectError(.malformed, "line 2: label cat is a name, but line 1 gives a number") {
            _ = try read("a,1\nb,cat\n")
        }
        expectError(.malformed, "line 3: label 007 and label 7 on line 1 differ in zeros alone") {
            _ = try read("a,7\nb,8\nc,007\n")
        }
        expectError(.malformed, "labels run from 1 to 2", "positions of the 2 classes from 0 to 1", "cat, dog") {
            _ = try read("a,1\nb,2\n", classNames: ["cat", "dog"])
        }
        for label in ["owl", "2", "99999999999999999999999"] {
            expectError(.malformed, "\(label) is none of the 2 classes") {
                _ = try read("a,\(label)\n", classNames: ["cat", "dog"])
            }
        }
    }

    @Test func emptyListsAndOtherEncodingsAreRefused() throws {
        for text in ["", "\n\n", "path,label\n", "\u{FEFF}"] {
            expectError(.empty, "lists no image") { _ = try read(text) }
        }
        let latin: [UInt8] = Array("a.png,cat\nb".utf8) + [0xE9] + Array(".png,dog\nc.png,cat".utf8)
        for name in ["l.csv", "l.txt"] {
            let error = expectError(.malformed, "line 2", "not UTF-8") {
                _ = try ListDataset(bytes: latin, path: name, classNames: nil, checksFiles: false)
            }
            #expect(error?.problems.count == 1)
        }
        expectError(.malformed, "zero byte") { _ = try read("a\0.png,cat\n") }
    }

    @Test func missingFilesAreAllReported() throws {
        let folder = try TemporaryFolder()
        let golden = try ReaderGoldens.picture("rgb 8")
        try folder.write(golden.bytes, to: "images/a.png")
        let good = try folder.write("images/a.png,x\n", to: "good.csv")
        let dataset = try ListDataset(at: good)
        #expect(try dataset.image(at: 0, decoding: ImageDecoding()).pixels == Array(golden.pixels))
        expectError(.invalidArgument) { _ = try dataset.image(at: 1, decoding: ImageDecoding()) }
        let bad = try folder.write("images/a.png,x\nimages/b.png,x\nimages,x\n", to: "bad.csv")
        expectError(.malformed, "line 2: there is no file images/b.png", "line 3") { _ = try ListDataset(at: bad) }
        let unchecked = try ListDataset(at: bad, checksFiles: false)
        #expect(unchecked.count == 3)
        expectError(.unreadable, "images/b.png") { _ = try unchecked.image(at: 1, decoding: ImageDecoding()) }
    }
}
