import Datasets
import Foundation
import Support
import TestFolders
import TestImages
import Testing

@testable import Catalogue

@Suite struct EmojiRetrievalTests {
    /// Drawings of both styles, each of bytes of its own, as `Emoji` sorts them.
    private static let files = [
        "train/people-body/1F44B.png", "train/people-body/1F44B-1F3FB.png", "train/symbols/A9.png",
        "test/symbols/AE.png", "test/people-body/1F44A.png",
    ]

    private func bytes(_ style: Emoji.Style, _ file: String) -> [UInt8] { Array("\(style.rawValue)/\(file)".utf8) }

    private func styles(_ folder: String) throws {
        for style in Emoji.Style.allCases {
            for file in Self.files {
                let path = "\(folder)/\(style.rawValue)/\(file)"
                try Folder.make(Folder.split(path).folder)
                try FileBytes.writeAtomically(bytes(style, file), to: path)
            }
        }
    }

    @Test func identitiesAreEmojiAndCamerasStyles() throws {
        let folder = try TemporaryFolder()
        try styles(folder.path + "/emoji")
        let made = try folder.makeFolder("made")
        try EmojiRetrieval.arrange(folder.path + "/emoji", into: made)
        let market = try MarketDataset.open(made)
        #expect(market.train.count == 6 && market.query.count == 2 && market.gallery.count == 2)
        #expect(market.train.classNames.count == 3 && market.leftOutOfTraining == 0)
        #expect(market.sharedIdentities.isEmpty)
        #expect(Set(market.train.identities).isDisjoint(with: market.gallery.identities))
        #expect(market.query.identities == market.gallery.identities)
        #expect(Set(market.query.cameras) == [1] && Set(market.gallery.cameras) == [2])
        for label in 0..<3 {
            let cameras = (0..<6).filter { market.train.label(at: $0) == label }.map { market.train.cameras[$0] }
            #expect(cameras == [1, 2])
        }
        // The table tells which emoji a number is, and the picture is that emoji's in the camera's style.
        let path = FilePath.join(made, EmojiRetrieval.tableName)
        let table = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
            .map { $0.split(separator: ",").map(String.init) }
        #expect(table.first == ["identity", "emoji", "group"])
        #expect(table.dropFirst().map { $0[1] } == ["A9", "AE", "1F44A", "1F44B", "1F44B-1F3FB"])
        for part in [market.train, market.query, market.gallery] {
            for index in 0..<part.count {
                let row = try #require(table.first { Int($0[0]) == part.identities[index] })
                let file = try #require(Self.files.first { $0.hasSuffix("/\(row[2])/\(row[1]).png") })
                #expect(file.hasPrefix("train/") == (part.root == market.train.root))
                let style = part.cameras[index] == 1 ? Emoji.Style.emojiOne : .noto
                #expect(try FileBytes.read(part.source(at: index)) == bytes(style, file))
            }
        }
        expectError(.unreadable, "A9.png") {
            let broken = try TemporaryFolder()
            try styles(broken.path)
            try FileManager.default.removeItem(atPath: broken.path + "/emoji-noto/train/symbols/A9.png")
            try EmojiRetrieval.arrange(broken.path, into: broken.makeFolder("made"))
        }
    }

    /// Drawings that are in the cache already, and what is made of them.
    private func source(_ cache: TemporaryFolder) throws -> EmojiRetrieval {
        try styles(cache.path + "/emoji")
        let sum = try ChecksumList.write(in: cache.path + "/emoji", searchPath: nil)
        let emoji = PreparedSource(name: "emoji", digest: sum, neededBytes: 0) { _, _ throws(FetchFailure) in
            throw .reason("nothing is to be fetched")
        }
        let made = try TemporaryFolder()
        try EmojiRetrieval.arrange(cache.path + "/emoji", into: made.path)
        return EmojiRetrieval(
            emoji: emoji, digest: try ChecksumList.write(in: made.path, searchPath: nil))
    }

    @Test func isMadeFromTheCacheAndRepaired() throws {
        let cache = try TemporaryFolder()
        let source = try source(cache)
        var said: [String] = []
        let target = try source.obtain(cache: cache.path) { said.append($0) }
        #expect(target == cache.path + "/emoji-retrieval" && said == ["naming the drawings by identity and camera"])
        #expect(try source.obtain(cache: cache.path) { said.append($0) } == target && said.count == 1)
        #expect(try MarketDataset.open(target).train.count == 6)
        // Copies: what happens to one set leaves the other as it is.
        try cache.write("damaged", to: "emoji-retrieval/query/0002_c1s1_000000_00.png")
        #expect(try FileBytes.read(cache.path + "/emoji/emoji-one/test/symbols/AE.png").count > 8)
        _ = try source.obtain(cache: cache.path) { said.append($0) }
        #expect(said.count == 2)
        #expect(try ChecksumList.matches(source.digest, in: target, searchPath: nil))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: cache.path).sorted() == ["emoji", "emoji-retrieval"])

        try cache.write("damaged", to: "emoji/emoji-one/test/symbols/AE.png")
        try FileManager.default.removeItem(atPath: target)
        expectError(.unobtainable, "nothing is to be fetched") { _ = try source.obtain(cache: cache.path) { _ in } }
        var other = try self.source(TemporaryFolder())
        other.emoji = source.emoji
        other.digest = String(repeating: "0", count: 64)
        try styles(cache.path + "/emoji")
        expectError(.unobtainable, "made with a list of SHA-256", other.digest) {
            _ = try other.obtain(cache: cache.path) { _ in }
        }
    }
}
