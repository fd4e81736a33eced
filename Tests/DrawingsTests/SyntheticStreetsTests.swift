import Datasets
import Support
import TestFolders
import TestImages
import Testing

@testable import Drawings

@Suite struct SyntheticStreetsTests {
    private func options(seed: UInt64 = 0) -> SyntheticStreets.Options {
        var options = SyntheticStreets.Options()
        (options.trainingImages, options.validationImages, options.cities) = (12, 3, 4)
        (options.height, options.seed) = (64, seed)
        return options
    }

    @Test func theSetLiesAsCityscapesDoes() throws {
        let folder = try TemporaryFolder()
        try SyntheticStreets(options()).write(to: folder.file("made"))
        let parts = try SegmentationParts.open(folder.file("made"))
        #expect(parts.layout == .cityscapes && parts.train.count == 12 && parts.validation?.count == 3)
        #expect(parts.train.source(at: 0).hasSuffix("leftImg8bit/train/aachen/aachen_000000_000000_leftImg8bit.png"))
        #expect(parts.leftOut.count == 0 && parts.test == nil)
        let counts = PixelCounts(of: parts.train)
        #expect(counts.problems.isEmpty)
        // In every picture there are road, pavement, buildings or trees, and sky; and cars somewhere.
        for label in [0, 1, 10] { #expect(counts.images[label] == 12, "\(parts.classes.names[label])") }
        for label in [2, 5, 7, 8, 11, 13] { #expect(counts.images[label] > 2, "\(parts.classes.names[label])") }
        #expect(counts.classes[0] * 10 > counts.total && counts.ignored * 10 < counts.total)
    }

    @Test func everyClassCanBeSeen() throws {
        var options = options()
        (options.trainingImages, options.cities) = (90, 18)
        let items = try SyntheticStreets(options).items
        var seen: Set<UInt8> = []
        for item in items.prefix(90) { seen.formUnion(try item.render().pictures[1].pixels) }
        #expect(seen.isSuperset(of: PixelClasses.cityscapesIDs.map { UInt8($0) }))
        // What is no class is the bonnet alone: nothing is left unpainted.
        #expect(seen.subtracting(PixelClasses.cityscapesIDs.map { UInt8($0) }) == [1])
    }

    @Test func aSeedGivesTheSameBytesAndCitiesDiffer() throws {
        func pictures(_ seed: UInt64) throws -> [[Image]] {
            try SyntheticStreets(options(seed: seed)).items.map { try $0.render().pictures }
        }
        let one = try pictures(0)
        #expect(try pictures(0) == one)
        #expect(try Set(pictures(1).map { $0[0] }).isDisjoint(with: one.map { $0[0] }))
        #expect(Set(one.map { $0[0] }).count == 15)
        let cities = (0..<18).map { StreetCity($0, seed: 0) } + (0..<3).map { StreetCity(1_000 + $0, seed: 0) }
        #expect(Set(cities.map(\.roadHalf)).count == 21)
    }

    @Test func optionsOutOfRangeAreNamed() {
        var wrong = options()
        (wrong.validationImages, wrong.cities, wrong.height) = (0, 19, 2_000)
        expectError(.invalidArgument, "validationImages is 0", "cities is 19", "height is 2000") {
            _ = try SyntheticStreets(wrong)
        }
    }
}
