import Datasets
import Foundation
import TestImages
import Testing
import Training

/// Which images are learned from, decided on, and tested on.
@Suite struct DataSplitTests {
    private func options(_ change: (inout DataConfiguration) -> Void = { _ in }) -> DataConfiguration {
        var options = DataConfiguration()
        options.validationFraction = 0.25
        change(&options)
        return options
    }

    private func sources(_ set: (any ImageDataset)?) -> Set<String> {
        Set((0..<(set?.count ?? 0)).compactMap { set?.source(at: $0) })
    }

    @Test func aHeldOutPartAloneIsTheTestAndChoicesGetASplit() throws {
        let given = OpenedDataset(train: BarImages(count: 80), validation: BarImages(count: 12))
        let cut = try options().withValidation(given)
        #expect(cut.test?.count == 12)
        #expect(cut.validation?.count == 20 && cut.train.count == 60)
        #expect(sources(cut.train).isDisjoint(with: sources(cut.validation)))
    }

    @Test func threePartsStayAsTheyAre() throws {
        let given = OpenedDataset(
            train: BarImages(count: 80), validation: BarImages(count: 12), test: BarImages(count: 8))
        let cut = try options().withValidation(given)
        #expect((cut.train.count, cut.validation?.count, cut.test?.count) == (80, 12, 8))
    }

    @Test func aTestIsSetApartFirstWhereThereIsNone() throws {
        let all = BarImages(count: 80)
        let cut = try options { $0.testFraction = 0.2 }.withValidation(OpenedDataset(train: all))
        #expect((cut.train.count, cut.validation?.count, cut.test?.count) == (48, 16, 16))
        let parts = [sources(cut.train), sources(cut.validation), sources(cut.test)]
        #expect(parts[0].union(parts[1]).union(parts[2]) == sources(all))
        // Whatever is chosen among the others, the test stays the same images.
        let other = try options { ($0.testFraction, $0.fraction, $0.validationFraction) = (0.2, 0.5, 0.5) }
            .withValidation(OpenedDataset(train: all))
        #expect(sources(other.test) == parts[2])
        // A part that is there is the test, and nothing is set apart.
        let given = OpenedDataset(train: all, test: BarImages(count: 8))
        #expect(try options { $0.testFraction = 0.2 }.withValidation(given).train.count == 60)
        #expect(throws: (any Error).self) { try options { $0.testFraction = 1 }.validate() }
    }

    @Test func aFractionKeepsTheMixtureOfClasses() throws {
        let cut = try options { ($0.fraction, $0.validationFraction) = (0.5, 0.2) }.withValidation(
            OpenedDataset(train: BarImages(count: 80)))
        #expect(cut.train.count == 32)
        let whole = try options { $0.validationFraction = 0.2 }.withValidation(
            OpenedDataset(train: BarImages(count: 80)))
        #expect(sources(cut.validation) == sources(whole.validation))
        #expect(sources(cut.train).isSubset(of: sources(whole.train)))
        for label in 0..<4 {
            #expect((0..<cut.train.count).count { cut.train.label(at: $0) == label } * 4 == cut.train.count)
        }
    }

    @Test func aListNamesTheTrainingImages() throws {
        let path = NSTemporaryDirectory() + "supernet-list-\(UUID().uuidString).txt"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let names = (0..<16).map { "bar \($0)" }
        try names.joined(separator: "\n").write(toFile: path, atomically: true, encoding: .utf8)
        let cut = try options { $0.list = path }.withValidation(OpenedDataset(train: BarImages(count: 80)))
        #expect(sources(cut.train).union(sources(cut.validation)) == Set(names))
        try "bar 99".write(toFile: path, atomically: true, encoding: .utf8)
        #expect(throws: DatasetError.self) {
            try options { $0.list = path }.withValidation(OpenedDataset(train: BarImages(count: 80)))
        }
    }
}
