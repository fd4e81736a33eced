import Datasets
import Experiments
import Foundation
import TestFolders
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

    @Test func aFoldOfAllImagesIsTheTestWhateverPartsThereAre() throws {
        let given = OpenedDataset(
            train: BarImages(count: 80), validation: BarImages(count: 12, name: "choose"),
            test: BarImages(count: 8, name: "test"))
        let all = sources(given.train).union(sources(given.validation)).union(sources(given.test))
        var tested: [String] = []
        for fold in 1...5 {
            let cut = try options { ($0.folds, $0.fold) = (5, fold) }.withValidation(given)
            #expect((cut.train.count, cut.validation?.count, cut.test?.count) == (60, 20, 20))
            #expect(sources(cut.train).union(sources(cut.validation)).union(sources(cut.test)) == all)
            // A share of what is learned from takes nothing from the other parts.
            let share = try options { ($0.folds, $0.fold, $0.fraction) = (5, fold, 0.5) }.withValidation(given)
            #expect(share.train.count == 30)
            #expect(sources(share.validation) == sources(cut.validation) && sources(share.test) == sources(cut.test))
            tested += sources(cut.test)
        }
        #expect(tested.count == 100 && Set(tested) == all)
        // A folder without parts, and one with a part that is held out alone.
        for given in [
            OpenedDataset(train: BarImages(count: 40)),
            OpenedDataset(train: BarImages(count: 30), validation: BarImages(count: 10, name: "held out")),
        ] {
            let cut = try options { ($0.folds, $0.fold) = (4, 1) }.withValidation(given)
            #expect((cut.train.count, cut.validation?.count, cut.test?.count) == (22, 8, 10))
        }
        #expect(throws: DatasetError.self) {
            try options { ($0.folds, $0.fold) = (30, 1) }.withValidation(given)
        }
    }

    @Test(arguments: [
        (1, 1, "`folds`: must be at least 2, or 0 for no folds, is 1"),
        (-3, 0, "`folds`: must be at least 2, or 0 for no folds, is -3"),
        (5, 0, "`fold`: must say which of the 5 folds is the test, from 1 to 5, is 0"),
        (5, 6, "`fold`: must say which of the 5 folds is the test, from 1 to 5, is 6"),
        (0, 2, "`fold`: needs the number of folds, `folds`, is 2 without it"),
    ])
    func foldsThatMakeNoSenseAreRefused(folds: Int, fold: Int, words: String) throws {
        let error = #expect(throws: InvalidConfiguration.self) {
            try options { ($0.folds, $0.fold) = (folds, fold) }.validate()
        }
        #expect(error?.description.contains(words) == true)
    }

    @Test func nothingElseMayChooseTheTestOrTheImagesOfFolds() throws {
        try options { ($0.folds, $0.fold) = (5, 5) }.validate()
        let error = #expect(throws: InvalidConfiguration.self) {
            try options { ($0.folds, $0.fold, $0.testFraction, $0.list) = (5, 5, 0.2, "tenth.txt") }.validate()
        }
        #expect(error?.issues.map(\.key) == ["test-fraction", "list"])
    }

    @Test func settingsOfBeforeHaveNoFolds() throws {
        let folder = try TemporaryFolder()
        try folder.write("source: photos\nfraction: 0.5\n", to: "config.yaml")
        let stored = try ConfigurationLoader.load(DataConfiguration.self, stored: folder.file("config.yaml")).value
        #expect(stored.folds == 0 && stored.fold == 0 && stored.fraction == 0.5)
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
