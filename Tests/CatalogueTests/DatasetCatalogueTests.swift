import Datasets
import Drawings
import TestFolders
import TestImages
import Testing

@testable import Catalogue

@Suite struct DatasetCatalogueTests {
    private static let all = DatasetCatalogue.names + DatasetCatalogue.syntheticNames

    @Test func everyNameIsOfOneTask() {
        let byTask = [
            DatasetCatalogue.classificationNames, DatasetCatalogue.reidentificationNames, DatasetCatalogue.faceNames,
            DatasetCatalogue.segmentationNames, DatasetCatalogue.detectionNames.filter { $0 != "synthetic-scenes" },
        ]
        #expect(byTask.joined().sorted() == Self.all.sorted())
        #expect(DatasetCatalogue.detectionNames == ["trees", "synthetic-scenes"])
        #expect(Set(Self.all).count == Self.all.count)
        #expect(DatasetCatalogue.reidentificationNames == ["emoji-retrieval", "synthetic-pedestrians"])
        #expect(
            DatasetCatalogue.syntheticNames == [
                "synthetic-pedestrians", "synthetic-faces", "synthetic-scenes", "synthetic-streets",
            ])
    }

    @Test func anUnknownNameListsTheCatalogue() {
        let error = expectError(.unrecognised, "no data set or file cifar-10") {
            _ = try DatasetCatalogue.open("cifar-10", cache: "/none")
        }
        for name in DatasetCatalogue.classificationNames { #expect(error?.advice.contains(name) == true) }
        expectError(.unrecognised, "no data set or file market-1501", "emoji-retrieval") {
            _ = try DatasetCatalogue.openReidentification("market-1501", cache: "/none")
        }
        let any = expectError(.unrecognised, "no data set or file cifar-10") {
            _ = try DatasetCatalogue.openTask("cifar-10", cache: "/none")
        }
        for name in DatasetCatalogue.names { #expect(any?.advice.contains(name) == true) }
    }

    @Test(arguments: all)
    func namesOpenForTheirOwnTaskAlone(name: String) {
        func refuses(_ known: [String], _ task: String, _ open: () throws -> Void) {
            guard !known.contains(name) else { return }
            expectError(.unrecognised, "\(name) is for ", "not for \(task)", known[0]) { try open() }
        }
        let fetched: (String) -> Void = { _ in Issue.record("fetched") }
        refuses(DatasetCatalogue.classificationNames, "classification") {
            _ = try DatasetCatalogue.open(name, cache: "/none", progress: fetched)
        }
        refuses(DatasetCatalogue.reidentificationNames, "re-identification") {
            _ = try DatasetCatalogue.openReidentification(name, cache: "/none", progress: fetched)
        }
        refuses(DatasetCatalogue.faceNames, "faces") {
            _ = try DatasetCatalogue.openFaces(name, cache: "/none", progress: fetched)
        }
        refuses(DatasetCatalogue.segmentationNames, "segmentation") {
            _ = try DatasetCatalogue.openSegmentation(name, cache: "/none", progress: fetched)
        }
    }

    @Test func checksumsAreComplete() {
        let sums = [
            PreparedSource.mnistPart.digest, PreparedSource.uciDigits.digest, Emoji().digest, EmojiRetrieval().digest,
            PhotoStamps.five.digest, PhotoStamps.nine.digest, Emoji.gemojione.build?.sha256 ?? "",
            Emoji.tanuki.build?.sha256 ?? "", Nuclei.prepared.digest,
        ]
        #expect(sums.allSatisfy { $0.count == 64 && $0.allSatisfy(\.isHexDigit) })
    }

    @Test func aSyntheticSetInTheCacheIsOpenedAsItIs() throws {
        let cache = try TemporaryFolder()
        var faces = SyntheticFaces.Options()
        (faces.count, faces.side) = (20, 32)
        try SyntheticFaces(faces).write(to: cache.file("synthetic-faces"))
        var people = SyntheticPedestrians.Options()
        (people.trainingIdentities, people.testIdentities, people.imagesPerIdentity) = (2, 2, 6)
        (people.distractors, people.junk, people.height) = (0, 0, 32)
        try SyntheticPedestrians(people).write(to: cache.file("synthetic-pedestrians"))
        let rendered: (String) -> Void = { _ in Issue.record("rendered") }
        let opened = try DatasetCatalogue.openFaces(
            "synthetic-faces", as: .gender, cache: cache.path, progress: rendered)
        #expect(opened.train.count + opened.test.count == 20 && opened.train.target == .gender)
        let market = try DatasetCatalogue.openReidentification(
            "synthetic-pedestrians", cache: cache.path, progress: rendered)
        #expect(market.train.classNames.count == 2)
        guard case .faces(let parts) = try DatasetCatalogue.openTask("synthetic-faces", cache: cache.path) else {
            Issue.record("not opened as faces")
            return
        }
        #expect(parts.train.count == opened.train.count && parts.train.target == .age)
    }

    @Test func aSyntheticSetThatIsNotThereIsRendered() throws {
        let cache = try TemporaryFolder()
        try cache.write("a file", to: "taken")
        var said: [String] = []
        expectError(.unwritable, "taken") {
            _ = try DatasetCatalogue.openFaces("synthetic-faces", cache: cache.file("taken")) { said.append($0) }
        }
        #expect(said == ["rendering synthetic-faces into \(cache.file("taken"))/synthetic-faces"])
    }
}
