import Support
import TestImages
import Testing

@testable import Datasets

@Suite struct SplitTests {
    /// Class sizes of many shapes, each with a few fractions.
    static let cases: [(sizes: [Int], fraction: Double)] = {
        var generator = SeededGenerator(seed: 5)
        return (0..<60).map { _ in
            let sizes = (0..<1 + generator.below(12)).map { _ in generator.below(generator.chance(0.3) ? 4 : 60) } + [9]
            return (sizes, generator.uniform(0.02, 0.9))
        }
    }()

    private func dataset(_ sizes: [Int], seed: UInt64 = 3) -> LabelsOnly {
        let sorted = sizes.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
        var generator = SeededGenerator(seed: seed)
        return LabelsOnly(generator.permutation(sorted.count).map { sorted[$0] })
    }

    @Test(arguments: cases)
    func stratifiedPartsAreDisjointCompleteAndProportional(sizes: [Int], fraction: Double) throws {
        let base = dataset(sizes)
        let seats = seatsByLargestRemainder(sizes: sizes, fraction: fraction)
        guard seats.contains(where: { $0 > 0 }) else { return }
        let (train, validation) = try stratifiedSplit(of: base, validationFraction: fraction, seed: 1)
        #expect((train.indices + validation.indices).sorted() == Array(0..<base.count))
        #expect(train.indices == train.indices.sorted() && validation.indices == validation.indices.sorted())
        for (label, size) in sizes.enumerated() {
            let held = validation.indices.count { base.label(at: $0) == label }
            #expect(held == seats[label])
            #expect(abs(Double(held) - Double(size) * fraction) < 1 || (size > 0 && held == size - 1))
            if size > 0 { #expect(held < size) }
        }
        #expect(validation.indices.count <= Int((Double(base.count) * fraction).rounded()))
    }

    @Test func seatsByHand() {
        #expect(seatsByLargestRemainder(sizes: [10, 10, 10], fraction: 0.1) == [1, 1, 1])
        // 0.5, 0.5, 2: the total is 3, and the lower class comes first.
        #expect(seatsByLargestRemainder(sizes: [5, 5, 20], fraction: 0.1) == [1, 0, 2])
        #expect(seatsByLargestRemainder(sizes: [7, 3, 11], fraction: 0.3) == [2, 1, 3])
        // Products that floating point puts just below a whole number.
        #expect(seatsByLargestRemainder(sizes: [100, 100], fraction: 0.29) == [29, 29])
        #expect(seatsByLargestRemainder(sizes: [1000, 10], fraction: 0.7) == [700, 7])
        // No class goes whole.
        #expect(seatsByLargestRemainder(sizes: [1, 2, 30], fraction: 0.9) == [0, 1, 27])
        #expect(seatsByLargestRemainder(sizes: [0, 4], fraction: 0.5) == [0, 2])
    }

    @Test func aSeedGivesOneSplitAndClassesTheirOwn() throws {
        let base = dataset([30, 40, 50])
        let first = try stratifiedSplit(of: base, validationFraction: 0.2, seed: 1)
        #expect(
            try stratifiedSplit(of: base, validationFraction: 0.2, seed: 1).validation.indices
                == first.validation.indices)
        #expect(
            try stratifiedSplit(of: base, validationFraction: 0.2, seed: 2).validation.indices
                != first.validation.indices)
        // Samples of a further class change nothing for the others.
        let more = LabelsOnly(base.labels + Array(repeating: 3, count: 10))
        let second = try stratifiedSplit(of: more, validationFraction: 0.2, seed: 1)
        #expect(second.validation.indices.filter { $0 < base.count } == first.validation.indices)
        // A larger fraction holds the smaller one's samples.
        let larger = try stratifiedSplit(of: base, validationFraction: 0.5, seed: 1)
        #expect(Set(first.validation.indices).isSubset(of: larger.validation.indices))
    }

    @Test func fractionsThatLeaveAPartEmptyAreRefused() {
        for fraction in [0, 1, -0.1, 1.5, .nan, .infinity] {
            expectError(.invalidArgument, "\(fraction)") {
                _ = try stratifiedSplit(of: dataset([10]), validationFraction: fraction, seed: 1)
            }
        }
        expectError(.invalidArgument, "leaves one part empty") {
            _ = try stratifiedSplit(of: dataset([10, 10]), validationFraction: 0.01, seed: 1)
        }
        expectError(.invalidArgument) {
            _ = try stratifiedSplit(of: dataset([1, 1]), validationFraction: 0.5, seed: 1)
        }
    }

    @Test func aSubsetShowsItsBasesSamples() throws {
        let base = LabelsOnly([0, 1, 2, 3, 4])
        let subset = try Subset(of: Subset(of: base, indices: [4, 0, 2, 2]), indices: [3, 0])
        #expect(subset.count == 2)
        #expect((0..<2).map(subset.label) == [2, 4])
        #expect((0..<2).map(subset.source) == ["sample 2", "sample 4"])
        #expect(subset.classNames == base.classNames)
        #expect(try subset.image(at: 1, decoding: ImageDecoding()).pixels == [4])
        expectError(.invalidArgument, "sample 2 in a data set of 2") {
            _ = try subset.image(at: 2, decoding: ImageDecoding())
        }
        expectError(.invalidArgument, "sample 5", "sample -1", "0 to 4") {
            _ = try Subset(of: base, indices: [5, 0, -1])
        }
    }

    // MARK: - Without regard to labels

    private func indices(_ set: (any ImageDataset)?) throws -> [Int] { try #require(set as? Subset).indices }

    @Test func randomPartsStayWhatTheyWere() throws {
        let base = LabelsOnly((0..<24).map { $0 % 3 })
        let whole = OpenedDataset(train: base, test: base)
        let faces = try whole.drawingValidation(1 / 12, stream: RandomStream.faceValidation)
        #expect(try indices(faces.validation) == [16, 21])
        #expect(faces.test?.count == 24)
        let target = try OpenedDataset(train: base).asUnlabelledTarget(validationFraction: 0.2)
        #expect(try indices(target.test) == [4, 5, 8, 14, 15])
        #expect(try indices(target.validation) == [6, 11, 13, 15])
        #expect(try whole.asUnlabelledTarget(validationFraction: 0.2).test?.count == 24)
    }

    @Test(arguments: [(4, 0.01, 2), (3, 0.4, 1), (100, 0.25, 25), (10, 0.2, 2), (7, 0.5, 4)])
    func randomPartsAreDisjointCompleteAndInOrder(count: Int, fraction: Double, held: Int) throws {
        let base = LabelsOnly((0..<count).map { $0 % 2 })
        let split = try randomSplit(of: base, holdingOut: fraction, stream: 1, as: "validation")
        #expect(split.heldOut.count == held)
        #expect((split.heldOut.indices + split.rest.indices).sorted() == Array(0..<count))
        #expect(split.heldOut.indices == split.heldOut.indices.sorted())
        #expect(split.rest.indices == split.rest.indices.sorted())
        var generator = SeededGenerator(seed: 0, 1)
        #expect(Set(split.heldOut.indices) == Set(generator.permutation(count).prefix(held)))
        if count == 100 {
            let other = try randomSplit(of: base, holdingOut: fraction, stream: 2, as: "validation")
            #expect(other.heldOut.indices != split.heldOut.indices)
        }
    }

    @Test func randomPartsThatWouldBeEmptyAreRefused() {
        for (count, fraction) in [(3, 0.1), (1, 0.5), (2, 0.9), (0, 0.5)] {
            let base = LabelsOnly(Array(repeating: 0, count: count))
            expectError(.invalidArgument, "a test part of \(fraction) of \(count) images leaves one part empty") {
                _ = try randomSplit(of: base, holdingOut: fraction, stream: 1, as: "test")
            }
        }
    }

    @Test func aSetIsRelabelledInAllItsParts() throws {
        let base = LabelsOnly([0, 1, 1])
        let opened = OpenedDataset(train: base, validation: base, test: base)
        let relabelled = try opened.relabelled(["1", "2", "0"], name: "target")
        for part in [relabelled.train, try #require(relabelled.validation), try #require(relabelled.test)] {
            #expect(part.classNames == ["1", "2", "0"])
            #expect((0..<3).map(part.label) == [2, 0, 0])
        }
        #expect(try opened.relabelled(["0", "1"], name: "target").train is LabelsOnly)
        expectError(.malformed, "target", "class 1 is not in the source") {
            _ = try opened.relabelled(["0", "2"], name: "target")
        }
    }
}
