import Support
import TestImages
import Testing

@testable import Datasets

/// Cross-validation: how all images of a data set are dealt out to folds.
@Suite struct FoldTests {
    /// Class sizes, some of them none, and a number of folds that the smallest class allows.
    static let cases: [(sizes: [Int], folds: Int)] = {
        var generator = SeededGenerator(seed: 8)
        return (0..<40).map { _ in
            let folds = 2 + generator.below(9)
            let sizes = (0..<1 + generator.below(9)).map { _ in
                generator.chance(0.2) ? 0 : folds + generator.below(40)
            }
            return (sizes + [folds], folds)
        }
    }()

    private func labels(_ sizes: [Int]) -> LabelsOnly {
        let sorted = sizes.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
        var generator = SeededGenerator(seed: 4)
        return LabelsOnly(generator.permutation(sorted.count).map { sorted[$0] })
    }

    private func names(_ set: (any ImageDataset)?) -> [String] {
        (0..<(set?.count ?? 0)).compactMap { set?.source(at: $0) }
    }

    @Test(arguments: cases)
    func foldsAndClassesInThemDifferByOneAtMost(sizes: [Int], folds: Int) throws {
        let base = labels(sizes)
        let dealt = try stratifiedFolds(of: base, folds: folds)
        #expect(dealt.count == base.count && dealt.allSatisfy((1...folds).contains))
        #expect(try stratifiedFolds(of: base, folds: folds) == dealt)
        func isEven(_ counts: [Int]) -> Bool { (counts.max() ?? 0) - (counts.min() ?? 0) <= 1 }
        #expect(isEven((1...folds).map { fold in dealt.count { $0 == fold } }))
        for label in sizes.indices {
            let counts = (1...folds).map { fold in
                dealt.indices.count { dealt[$0] == fold && base.label(at: $0) == label }
            }
            #expect(isEven(counts) && counts.reduce(0, +) == sizes[label])
        }
    }

    /// Settings that are stored mean the same images with every version.
    @Test func foldsAreThoseThatTheyWere() throws {
        let (two, three) = try (
            stratifiedFolds(of: BarImages(count: 16), folds: 2), stratifiedFolds(of: BarImages(count: 16), folds: 3)
        )
        #expect(two == [1, 2, 1, 2, 1, 1, 1, 1, 2, 1, 2, 2, 2, 2, 2, 1])
        #expect(three == [1, 3, 2, 2, 3, 1, 3, 1, 1, 2, 1, 1, 2, 2, 3, 3])
    }

    @Test func everyImageOfAllPartsIsTestedOnce() throws {
        let whole = OpenedDataset(
            layout: .lists, train: BarImages(count: 21), validation: BarImages(count: 9, name: "choose"),
            test: BarImages(count: 14, name: "test"), notes: ["a note"])
        let all = names(whole.train) + names(whole.validation) + names(whole.test)
        #expect(names(whole.all) == all)
        var tested: [String] = []
        for fold in 1...4 {
            let round = try whole.fold(fold, of: 4)
            #expect(round.validation == nil && round.layout == .lists && round.notes == whole.notes)
            #expect(round.test?.count == 11 && round.train.count == 33)
            #expect(Set(names(round.train)).union(names(round.test)) == Set(all))
            #expect(round.classNames == whole.classNames)
            tested += names(round.test)
        }
        #expect(tested.sorted() == all.sorted())
    }

    @Test func joinedDataSetsKeepWhatTheirPartsSay() throws {
        let parts = [BarImages(count: 3), BarImages(count: 0), BarImages(count: 5, broken: [4], name: "other")]
        let joined = JoinedDataset(parts)
        #expect(joined.count == 8 && joined.classNames == parts[0].classNames)
        #expect((0..<8).map(joined.label) == [0, 1, 2, 0, 1, 2, 3, 0])
        #expect(joined.source(at: 2) == "bar 2" && joined.source(at: 3) == "other 0" && joined.mark(at: 3).isEmpty)
        #expect(try joined.annotation(at: 5) == .number(2) && joined.annotationKind == .number)
        let decoding = ImageDecoding()
        #expect(
            try joined.image(at: 4, decoding: decoding).pixels == parts[2].image(at: 1, decoding: decoding).pixels)
        expectError(.corrupt, "other 4") { _ = try joined.image(at: 7, decoding: decoding) }
        expectError(.invalidArgument, "no sample 8") { _ = try joined.image(at: 8, decoding: decoding) }
        expectError(.invalidArgument, "no sample 8") { _ = try joined.annotation(at: 8) }
    }

    @Test func whatCannotBeCutIsRefusedWithTheClasses() throws {
        let set = labels([9, 3, 0, 4, 12])
        #expect(try Set(stratifiedFolds(of: set, folds: 3)) == [1, 2, 3])
        let error = expectError(
            .invalidArgument, "each of 5 folds tests every class, but 1 has 3 images, 3 has 4 images"
        ) {
            _ = try stratifiedFolds(of: set, folds: 5)
        }
        #expect(error?.advice.hasPrefix("Set data.folds to 3 or fewer") == true)
        expectError(.invalidArgument, "0 has 9 images, 1 has 3 images, 3 has 4 images and another class has too few") {
            _ = try stratifiedFolds(of: set, folds: 50)
        }
        let single = expectError(.invalidArgument, "1 has 1 image") {
            _ = try stratifiedFolds(of: labels([5, 1]), folds: 2)
        }
        #expect(single?.advice.hasPrefix("Give more images of each class") == true)
        expectError(.invalidArgument, "1 folds") { _ = try stratifiedFolds(of: set, folds: 1) }
        expectError(.invalidArgument, "no images to cut") { _ = try stratifiedFolds(of: LabelsOnly([]), folds: 2) }
        for fold in [0, 4] {
            expectError(.invalidArgument, "there is no fold \(fold) of 3") {
                _ = try OpenedDataset(train: set).fold(fold, of: 3)
            }
        }
    }

    @Test func aRunNoticesThatItsFoldIsAnother() throws {
        let folder = try TemporaryFolder()
        let whole = OpenedDataset(train: BarImages(count: 24), test: BarImages(count: 8, name: "test"))
        func open(_ fold: Int) throws {
            try DataRecord(folder: folder.path, of: whole.fold(fold, of: 4), root: "bars", changes: .undecided).open()
        }
        try open(2)
        try open(2)
        let error = #expect(throws: ChangedDataError.self) { try open(3) }
        #expect(error?.changes.lines.contains { $0.hasPrefix("8 images are moved from train to test: ") } == true)
    }
}
