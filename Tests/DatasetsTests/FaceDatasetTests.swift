import TestImages
import Testing

@testable import Datasets

@Suite struct FaceDatasetTests {
    private func faces(_ count: Int) -> [String] {
        (0..<count).map { "\($0 % 90)_\($0 % 2)_\($0 % 5)_2017\(100_000 + $0).jpg" }
    }

    private func names(_ part: FaceDataset) -> [String] {
        (0..<part.count).map { Folder.split(part.source(at: $0)).name }
    }

    @Test func namesOfUTKFaceGiveAgeAndGender() throws {
        let folder = try TemporaryFolder()
        for name in ["0_1_4_1.jpg.chip.jpg", "116_0_0_2.png", "9_0_2_2017 .JPG"] {
            try folder.write([1], to: "train/part1/\(name)")
        }
        let picture = try ReaderGoldens.picture("grey 8")
        try folder.write(picture.bytes, to: "test/25_1_2_a_b.png")
        let parts = try FaceDataset.open(folder.path)
        #expect(!parts.isSplitByName && parts.leftOut.isEmpty)
        #expect(parts.train.ages == [0, 116, 9])
        #expect(parts.train.genders == [1, 0, 0])
        #expect(parts.train.classNames.count == 121 && parts.train.classNames[116] == "116")
        #expect((0..<3).map(parts.train.label) == parts.train.ages)
        #expect(parts.test.ages == [25])
        #expect(try parts.test.image(at: 0, decoding: ImageDecoding()).width == 11)
        let genders = try FaceDataset.open(folder.path, as: .gender)
        #expect(genders.train.classNames == ["male", "female"])
        #expect((0..<3).map(genders.train.label) == [1, 0, 0])
        #expect(genders.opened.test?.label(at: 0) == 1)
    }

    @Test func testSharesAreAsAskedAndNested() {
        let names = faces(4000)
        var smaller: Set<String> = []
        for fraction in [0.1, 0.2, 0.5, 0.9] {
            let test = names.filter(NameSplit(testFraction: fraction, seed: 3).isTest)
            // Four standard deviations of a binomial share at the most.
            #expect(abs(Double(test.count) / 4000 - fraction) < 0.032)
            #expect(smaller.isSubset(of: test))
            smaller = Set(test)
        }
    }

    @Test func aFolderWithoutPartsIsSplitByName() throws {
        let folder = try TemporaryFolder()
        let all = faces(100)
        for name in all { try folder.write([1], to: name) }
        let parts = try FaceDataset.open(folder.path)
        let (train, test) = (names(parts.train), names(parts.test))
        #expect(parts.isSplitByName)
        #expect((train + test).sorted() == all.sorted())
        #expect(try names(FaceDataset.open(folder.path).test) == test)
        #expect(try names(FaceDataset.open(folder.path, seed: 1).test) != test)
        // Another face moves none, and crops go where their pictures are.
        try folder.write([1], to: "1_1_1_new.jpg")
        for name in all { try folder.write([1], to: "crops/\(name).chip.jpg") }
        let again = try FaceDataset.open(folder.path)
        for (part, before) in [(again.train, train), (again.test, test)] {
            let found = Set(names(part)).subtracting(["1_1_1_new.jpg"])
            #expect(found == Set(before).union(before.map { "\($0).chip.jpg" }))
        }
        for fraction in [0, 1, -0.1, .nan] {
            expectError(.invalidArgument, "\(fraction)") {
                _ = try FaceDataset.open(folder.path, testFraction: fraction)
            }
        }
    }

    @Test func fewBadNamesAreLeftOutManyRefused() throws {
        let folder = try TemporaryFolder()
        let wrong = [
            ("61_1_20170109142408075.jpg.chip.jpg", "not AGE_GENDER_RACE_STAMP"),
            ("121_0_0_1.jpg", "age 121 is not in 0...120"),
            ("-1_0_0_1.jpg", "\"-1\" is no number"), ("53__0_1.jpg", "gender \"\""), ("61_3_2_1.jpg", "gender \"3\""),
            ("20_1_5_1.jpg", "race \"5\""), ("20_1_1_.jpg", "not AGE_GENDER_RACE_STAMP"),
            ("99999999999999999999_1_1_1.jpg", "is not in 0...120"), ("holiday.jpg", "not AGE"),
        ]
        for name in faces(36) + wrong.map(\.0) { try folder.write([1], to: name) }
        // A fifth.
        let parts = try FaceDataset.open(folder.path)
        #expect(parts.train.count + parts.test.count == 36)
        #expect(Set(parts.leftOut.map { Folder.split($0).name }) == Set(wrong.map(\.0)))
        #expect(parts.opened.notes.count == 1)
        #expect(parts.opened.notes.first?.hasPrefix("9 of 45 images are left out") == true)
        #expect(parts.opened.notes.first?.contains("-1_0_0_1.jpg, 121_0_0_1.jpg") == true)
        // Both that look at a folder see it alike.
        guard case .faces(let seen) = try TaskDataset.open(at: folder.path) else {
            Issue.record("not taken for faces")
            return
        }
        #expect(seen.leftOut == parts.leftOut && seen.train.ages == parts.train.ages)
        try folder.write([1], to: "one more.jpg")
        let error = expectError(.malformed, "10 problems", "Of 46 images, 10") { _ = try FaceDataset.open(folder.path) }
        for (name, word) in wrong {
            let problem = error?.problems.first { $0.what.hasPrefix("\(name): ") }
            #expect(problem?.what.contains(word) == true, "\(name)")
        }
    }

    @Test func partsAreFoundUnderManyNames() throws {
        for place in ["", "UTKFace/"] {
            let folder = try TemporaryFolder()
            for (index, part) in ["Training", "valid", "Test_set"].enumerated() {
                try folder.write([1], to: "\(place)\(part)/\(20 + index)_1_1_1.jpg")
            }
            let parts = try FaceDataset.open(folder.path)
            #expect(parts.train.ages == [20, 21] && parts.test.ages == [22] && !parts.isSplitByName)
        }
    }

    @Test func missingEmptyAndOverlappingPartsAreRefused() throws {
        let folder = try TemporaryFolder()
        expectError(.empty, "no image", "25_1_2_") { _ = try FaceDataset.open(folder.path) }
        expectError(.unreadable, "nowhere") { _ = try FaceDataset.open(folder.path + "/nowhere") }
        try folder.write([1], to: "train/1_1_1_1.jpg")
        expectError(.unrecognised, "folder train, but none called test") { _ = try FaceDataset.open(folder.path) }
        try folder.makeFolder("test")
        expectError(.empty, "/test") { _ = try FaceDataset.open(folder.path) }
        try folder.write([1], to: "test/1_1_1_1.jpg.chip.jpg")
        expectError(.malformed, "1_1_1_1.jpg.chip.jpg of test is in train") { _ = try FaceDataset.open(folder.path) }
        expectError(.invalidArgument, "1 faces leaves one part empty") {
            _ = try FaceDataset.open(folder.path + "/train")
        }
    }

    @Test(arguments: 2...12)
    func evenFewFacesGiveBothParts(count: Int) throws {
        let names = (0..<count).map { "\(20 + $0)_0_0_\($0)" }
        for fraction in [0.001, 0.2, 0.999] {
            let split = NameSplit(testFraction: fraction, seed: 0)
            let test = zip(names, split.areTest(names)).filter(\.1).map(\.0)
            #expect((1..<count).contains(test.count))
            let reversed = Array(names.reversed())
            #expect(Set(zip(reversed, split.areTest(reversed)).filter(\.1).map(\.0)) == Set(test))
            let alone = names.filter(split.isTest)
            if (1..<count).contains(alone.count) { #expect(test == alone, "as each by itself") }
        }
    }

    @Test func listsGiveAgesAndGenders() throws {
        let folder = try TemporaryFolder()
        var text = "Age,note,Image,Sex\r\n"
        for index in 0..<60 {
            try folder.write([1], to: "images/\(index).jpg")
            let age = "\(index)" + (index % 3 == 0 ? ".0" : "")
            text += "\(age),\"a, b\",images/\(index).jpg,\(["M", "f", "0", "1"][index % 4])\r\n"
        }
        let parts = try FaceDataset.open(folder.write(text, to: "morph.csv"), as: .gender)
        #expect(parts.isSplitByName && parts.train.count + parts.test.count == 60)
        for part in [parts.train, parts.test] {
            for index in 0..<part.count {
                #expect(names(part)[index] == "\(part.ages[index]).jpg")
                #expect(part.label(at: index) == part.ages[index] % 2)
                #expect(part.genders?[index] == part.label(at: index))
            }
        }
        // Who looks at the list sees faces, and who wants classes is told.
        guard case .faces(let seen) = try TaskDataset.open(at: folder.file("morph.csv")) else {
            Issue.record("not taken for faces")
            return
        }
        #expect(seen.test.ages == parts.test.ages)
        expectError(.unrecognised, "lists ages", "--task age") { _ = try openDataset(at: folder.file("morph.csv")) }
        let blank = try folder.write(
            "path,age,gender\n" + (0..<60).map { "images/\($0).jpg,30,\n" }.joined(), to: "blank.csv")
        #expect(try FaceDataset.open(blank).train.genders == nil)
        let bare = try folder.write("path,age\n" + (0..<60).map { "images/\($0).jpg,30\n" }.joined(), to: "bare.csv")
        #expect(try FaceDataset.open(bare).test.ages.allSatisfy { $0 == 30 })
        for list in [blank, bare] {
            expectError(.invalidArgument, "tells no genders", "column gender") {
                _ = try FaceDataset.open(list, as: .gender)
            }
        }
    }

    @Test func imagesOfOnePersonStayTogether() throws {
        let folder = try TemporaryFolder()
        var text = "path,age,subject\n"
        for index in 0..<90 {
            try folder.write([1], to: "\(index).jpg")
            text += "\(index).jpg,\(index),person\(index / 3)\n"
        }
        let parts = try FaceDataset.open(folder.write(text, to: "list.csv"))
        #expect(Set(parts.train.ages.map { $0 / 3 }).isDisjoint(with: parts.test.ages.map { $0 / 3 }))
        #expect(parts.train.count + parts.test.count == 90)
    }

    @Test func badLinesAreNamedByFileAndNumber() throws {
        let folder = try TemporaryFolder()
        for name in ["a.jpg", "b.jpg", "c.jpg", "d.jpg"] { try folder.write([1], to: name) }
        let list = try folder.write(
            """
            path,age,gender
            a.jpg,30,M
            b.jpg,old,M
            c.jpg,200,M
            d.jpg,3,x
            a.jpg,30,F
            e.jpg,30,F
            ,30,F
            b.jpg
            """, to: "list.csv")
        let error = expectError(.malformed, "list.csv", "7 problems", "path,age,gender") {
            _ = try FaceDataset.open(list)
        }
        #expect(error?.problems.compactMap(\.line) == Array(3...9))
        let words = [
            "b.jpg: the age \"old\"", "c.jpg: the age 200 is not in", "d.jpg: the gender \"x\"", "listed on line 2",
            "no file e.jpg", "without a path", "1 fields where the header has 3",
        ]
        for (problem, word) in zip(error?.problems ?? [], words) { #expect(problem.what.contains(word), "\(problem)") }
        expectError(.malformed, "line 1", "no header") {
            _ = try FaceDataset.open(folder.write("a.jpg,30,M\n", to: "bare.csv"))
        }
        expectError(.empty, "lists no face") { _ = try FaceDataset.open(folder.write("path,age\n", to: "none.csv")) }
        expectError(.empty, "lists no face") { _ = try FaceDataset.open(folder.write("", to: "empty.csv")) }
    }
}
