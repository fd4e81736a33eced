import TestImages
import Testing

@testable import Datasets

@Suite struct MarketDatasetTests {
    private static let train = [
        "0002_c1s1_000451_03.jpg", "0002_c2s1_000452_01.jpeg", "0010_c6s4_1_1.png", "0010_c6s4_2_1.png",
    ]
    private static let query = ["0001_c1s1_001051_00.jpg", "0003_c2s1_000001_00.jpg"]
    private static let gallery = [
        "-1_c1s1_000401_03.jpg", "0000_c1s1_000151_01.jpg", "0001_c1s1_001076_01.jpg", "0001_c12s2_1_00.jpg",
        "0003_c1s1_2_00.jpg.jpg", "0004_c1s1_2_00.jpg",
    ]

    private func write(
        train: [String] = train, query: [String] = query, gallery: [String] = gallery
    ) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (name, files) in zip(MarketDataset.folders, [train, query, gallery]) {
            for file in files { try folder.write([1], to: "\(name)/\(file)") }
        }
        return folder
    }

    @Test func namesGiveIdentityAndCamera() throws {
        let name = try #require(MarketName("0002_c1s1_000451_03.jpg"))
        #expect(name.identity == 2 && name.camera == 1)
        let junk = try #require(MarketName("-1_c6s3_1_2.jpg"))
        #expect(junk.identity == -1 && junk.camera == 6)
        #expect(MarketName("0005_c12_f0046182.jpg")?.camera == 12)
        for wrong in [
            "", "x.jpg", "0002.jpg", "0002_c1s1.jpg", "-2_c1s1_1_1.jpg", "2a_c1s1_1_1.jpg", "0002_1s1_1_1.jpg",
            "0002_cs1_1_1.jpg", "0002_c1s_1_1.jpg", "0002_c1s1s1_1_1.jpg", "_c1s1_1_1.jpg", "0002_c1s1__1.jpg",
            "99999999999999999999_c1s1_1_1.jpg", "٠_c1s1_1_1.jpg", "+2_c1s1_1_1.jpg", "--1_c1s1_1_1.jpg",
        ] {
            #expect(MarketName(wrong) == nil, "\(wrong)")
        }
    }

    @Test func threePartsWithIdentitiesAndCameras() throws {
        let folder = try write(train: Self.train + ["-1_c1s1_1_1.jpg", "0000_c1s1_1_1.jpg", "Thumbs.db"])
        try folder.write([1], to: "gt_bbox/0002_c1s1_000451_03.jpg")
        let market = try MarketDataset.open(folder.path)
        #expect(market.train.classNames == ["0002", "0010"])
        #expect(market.train.identities == [2, 2, 10, 10])
        #expect(market.train.cameras == [1, 2, 6, 6])
        #expect((0..<market.train.count).map(market.train.label) == [0, 0, 1, 1])
        #expect(market.train.source(at: 1) == "\(folder.path)/bounding_box_train/0002_c2s1_000452_01.jpeg")
        #expect(market.leftOutOfTraining == 2)
        #expect(market.query.identities == [1, 3] && market.query.cameras == [1, 2])
        #expect(market.gallery.identities == [-1, 0, 1, 1, 3, 4])
        #expect(market.gallery.cameras == [1, 1, 12, 1, 1, 1])
        // Query and gallery are labelled alike.
        #expect(market.query.classNames == ["-1", "0000", "0001", "0003", "0004"])
        #expect(market.gallery.classNames == market.query.classNames)
        for part in [market.train, market.query, market.gallery] {
            for index in 0..<part.count {
                #expect(part.classNames[part.label(at: index)] == ReidentificationPart.text(part.identities[index]))
            }
        }
        #expect(market.sharedIdentities.isEmpty)
        expectError(.invalidArgument) { _ = try market.train.image(at: 4, decoding: ImageDecoding()) }
    }

    @Test func imagesAreDecodedAndSharedPeopleTold() throws {
        let folder = try write(query: ["0002_c1s1_9_9.jpg"], gallery: ["0002_c2s1_9_9.png"])
        let picture = try ReaderGoldens.picture("rgb 8")
        try folder.write(picture.bytes, to: "bounding_box_test/0002_c2s1_9_9.png")
        let market = try MarketDataset.open(folder.path)
        #expect(try market.gallery.image(at: 0, decoding: ImageDecoding()).pixels == Array(picture.pixels))
        #expect(market.sharedIdentities == [2])
    }

    @Test func missingFoldersAreNamed() throws {
        let folder = try write(query: [])
        let error = expectError(.unrecognised, "no folder query", "0002_c1s1_000451_03.jpg") {
            _ = try MarketDataset.open(folder.path)
        }
        #expect(error?.problems.count == 1)
        let outer = try TemporaryFolder()
        try outer.makeFolder("Market-1501-v15.09.15/bounding_box_train")
        let all = expectError(.unrecognised, "3 problems", "Market-1501-v15.09.15 in it may be meant") {
            _ = try MarketDataset.open(outer.path)
        }
        #expect(all?.problems.count == 3)
        expectError(.unreadable, "nowhere") { _ = try MarketDataset.open(outer.path + "/nowhere") }
        try folder.makeFolder("query")
        expectError(.empty, "/query", "no image") { _ = try MarketDataset.open(folder.path) }
    }

    @Test func badNamesLonelyPeopleAndUnmatchedQueriesAreNamed() throws {
        let named = try write(gallery: Self.gallery + ["person7.jpg", "0001-c1.jpg"])
        expectError(.malformed, "bounding_box_test", "2 problems", "person7.jpg", "0001-c1.jpg") {
            _ = try MarketDataset.open(named.path)
        }
        let lonely = try write(train: Self.train + ["0007_c1s1_1_1.jpg"])
        let error = expectError(.malformed, "identity 0007 has one image, 0007_c1s1_1_1.jpg", "pair") {
            _ = try MarketDataset.open(lonely.path)
        }
        #expect(error?.problems.count == 1)
        let nobody = try write(train: ["-1_c1s1_1_1.jpg", "0000_c1s1_1_1.jpg"])
        expectError(.empty, "only junk") { _ = try MarketDataset.open(nobody.path) }
        let unmatched = try write(
            query: Self.query + ["0004_c1s1_1_1.jpg", "0009_c1s1_1_1.jpg", "-1_c1s1_1_1.jpg", "0000_c2s1_1_1.jpg"])
        let queries = expectError(
            .malformed, "4 problems", "0004_c1s1_1_1.jpg has no match: the gallery holds that identity under camera 1",
            "0009_c1s1_1_1.jpg has no match: the gallery holds no image", "-1_c1s1_1_1.jpg shows nobody"
        ) {
            _ = try MarketDataset.open(unmatched.path)
        }
        #expect(queries?.file == "\(unmatched.path)/query")
    }
}
