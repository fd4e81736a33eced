import TestImages
import Testing

@testable import Datasets

@Suite struct SubsetByNameTests {
    /// 30 images in 3 classes, and one name in two of them.
    private func dataset() throws -> (folder: TemporaryFolder, train: any ImageDataset) {
        let folder = try TemporaryFolder()
        for label in 0..<3 {
            for image in 0..<10 { try folder.write([1], to: "train/n\(label)/n\(label)_\(image).JPEG") }
        }
        for label in 0..<2 { try folder.write([1], to: "train/n\(label)/same.JPEG") }
        return (folder, try openDataset(at: folder.path).train)
    }

    private func names(_ set: any ImageDataset) -> [String] {
        (0..<set.count).map { Folder.split(set.source(at: $0)).name }
    }

    @Test(arguments: ["", "n2/", "train/n2/", "./train/n2/", "whole"])
    func namesAndEndsOfPathsAreMatched(prefix: String) throws {
        let (folder, train) = try dataset()
        let start = prefix == "whole" ? folder.path + "/train/n2/" : prefix
        let list = try folder.write("\(start)n2_7.JPEG\r\n\n  \(start)n2_1.JPEG  \nn0_3.JPEG", to: "10percent.txt")
        let chosen = try subset(of: train, listedIn: list)
        #expect(names(chosen) == ["n0_3.JPEG", "n2_1.JPEG", "n2_7.JPEG"])
        #expect((0..<3).map(chosen.label) == [0, 2, 2])
        #expect(chosen.classNames == train.classNames)
        #expect(chosen.indices == chosen.indices.sorted())
    }

    @Test func aListOfAllSamplesGivesAll() throws {
        let (folder, train) = try dataset()
        let all = (0..<train.count).map { String(train.source(at: $0).dropFirst(folder.path.count + 1)) }
        let list = try folder.write(all.reversed().joined(separator: "\n"), to: "all.txt")
        #expect(try subset(of: train, listedIn: list).indices == Array(0..<train.count))
        let part = try Subset(of: train, indices: [5, 3])
        let two = try folder.write("n0_3.JPEG\nn0_5.JPEG", to: "two.txt")
        #expect(try names(subset(of: part, listedIn: two)) == names(part))
        expectError(.malformed, "n0_4.JPEG is none of the 2 images") {
            _ = try subset(of: part, listedIn: folder.write("n0_4.JPEG", to: "one.txt"))
        }
        let labelled = try ListDataset(at: folder.write("train/n0/n0_1.JPEG,x\ntrain/n0/n0_2.JPEG,y\n", to: "l.csv"))
        #expect(try subset(of: labelled, listedIn: folder.write("n0_2.JPEG", to: "l.txt")).indices == [1])
    }

    @Test func unknownAmbiguousAndRepeatedNamesAreToldByLine() throws {
        let (folder, train) = try dataset()
        func choose(_ text: String) throws { _ = try subset(of: train, listedIn: folder.write(text, to: "list.txt")) }
        expectError(
            .malformed, "list.txt", "line 2: n9_1.JPEG is none of the 32 images", "line 3: same.JPEG names 2 images",
            "line 5: n0/n0_1.JPEG was already listed on line 1", "line 6: 0_1.JPEG is none",
            "line 7: n1/n0_1.JPEG is none", "line 8: 2/n2_1.JPEG is none", "such as n0_0.JPEG"
        ) {
            try choose(
                "n0_1.JPEG\nn9_1.JPEG\nsame.JPEG\nn1/same.JPEG\nn0/n0_1.JPEG\n0_1.JPEG\nn1/n0_1.JPEG\n2/n2_1.JPEG")
        }
        let error = expectError(.malformed, "200 problems", "x0.JPEG", "x9.JPEG", "and 190 more") {
            try choose((0..<200).map { "x\($0).JPEG" }.joined(separator: "\n"))
        }
        #expect(error?.problems.count == 10 && error?.unlisted == 190)
        expectError(.empty, "names no image") { try choose("\n \n") }
        expectError(.unreadable, "nothing.txt") {
            _ = try subset(of: train, listedIn: folder.path + "/nothing.txt")
        }
    }

    @Test(arguments: [0.05, 0.1, 0.33, 0.9])
    func aFractionTakesItsShareOfEachClass(fraction: Double) throws {
        let sizes = [40, 100, 260]
        let base = LabelsOnly(sizes.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) })
        let chosen = try subset(of: base, fraction: fraction, seed: 3)
        let seats = seatsByLargestRemainder(sizes: sizes, fraction: fraction)
        #expect((0..<3).map { label in chosen.indices.count { base.label(at: $0) == label } } == seats)
        #expect(chosen.indices == Array(Set(chosen.indices)).sorted())
        #expect(try subset(of: base, fraction: fraction, seed: 3).indices == chosen.indices)
        #expect(try subset(of: base, fraction: fraction, seed: 4).indices != chosen.indices)
        #expect(Set(chosen.indices).isSubset(of: try subset(of: base, fraction: 0.95, seed: 3).indices))
        // Not what a validation split under this seed would hold out.
        let held = try stratifiedSplit(of: base, validationFraction: fraction, seed: 3).validation
        #expect(held.indices != chosen.indices)
    }

    @Test func fractionsOutOfRangeAreRefused() throws {
        let base = LabelsOnly([0, 1, 1, 2])
        #expect(try subset(of: base, fraction: 1, seed: 1).indices == [0, 1, 2, 3])
        for fraction in [0, -0.1, 1.01, .nan, .infinity] {
            expectError(.invalidArgument, "\(fraction)") { _ = try subset(of: base, fraction: fraction, seed: 1) }
        }
        expectError(.invalidArgument, "chooses none") { _ = try subset(of: base, fraction: 0.01, seed: 1) }
    }
}
