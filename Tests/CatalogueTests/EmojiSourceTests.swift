import Datasets
import Foundation
import TestFolders
import TestImages
import Testing

@testable import Catalogue

@Suite struct EmojiSourceTests {
    private static let one = "usr/share/rubygems-integration/all/gems/gemojione-3.3.0/assets/png"
    private static let tanuki = "usr/share/rubygems-integration/all/gems/tanuki_emoji-0.6.0"

    /// Ten hands in three tones and five faces, which both packages have, and one emoji that only one has.
    private func source(_ tools: FakeTools) throws -> Emoji {
        var list = "# group: People & Body\n"
        var one: [String: [UInt8]] = ["\(Self.one)/1F600.png": [1], "\(Self.one)/sprite.png": [1]]
        var noto: [String: [UInt8]] = ["\(Self.tanuki)/app/assets/images/tanuki_emoji/emoji_u1f601.png": [1]]
        func add(_ points: [UInt32]) {
            let names = points.map { String($0, radix: 16) }
            list += names.joined(separator: " ") + " ; fully-qualified # E1.0\n"
            one["\(Self.one)/\(names.map { $0.uppercased() }.joined(separator: "-")).png"] = Array(names[0].utf8)
            noto["\(Self.tanuki)/app/assets/images/tanuki_emoji/emoji_u\(names.joined(separator: "_")).png"] =
                Array((names[0] + "noto").utf8)
        }
        for hand: UInt32 in 0x1F440..<0x1F44A {
            add([hand])
            for tone: UInt32 in [0x1F3FB, 0x1F3FF] { add([hand, tone]) }
        }
        list += "# group: Smileys & Emotion\n1F600 ; x\n1F601 ; x\n"
        for face: UInt32 in 0x1F610..<0x1F615 { add([face]) }
        noto["\(Self.tanuki)/vendor/unicode/emoji-test.txt"] = Array(list.utf8)
        let sums = try (tools.pack("one.deb", one), tools.pack("noto.deb", noto))
        return Emoji(
            emojiOne: DebianPackage(
                name: "one", build: .init(version: "1", sha256: sums.0)),
            noto: DebianPackage(
                name: "noto", build: .init(version: "2", sha256: sums.1)),
            digest: "", searchPath: tools.searchPath)
    }

    /// The same with the digest of what it makes, as the refusal of a wrong one tells it.
    private func settled(_ source: Emoji) throws -> PreparedSource {
        let scratch = try TemporaryFolder()
        let error = expectError(.unobtainable, "made with a list of SHA-256") {
            _ = try source.prepared.obtain(cache: scratch.path) { _ in }
        }
        var prepared = source.prepared
        prepared.digest = try #require(
            error?.description.split(separator: " ").first { $0.count == 64 && $0.allSatisfy(\.isHexDigit) }
                .map(String.init))
        return prepared
    }

    @Test func bothStylesHaveTheSameEmojiInTheSamePlaces() throws {
        let folder = try TemporaryFolder()
        let tools = try FakeTools(folder, ["apt-get", "dpkg-deb", "sha256sum"])
        let prepared = try settled(source(tools))
        let target = try prepared.obtain(cache: folder.path + "/cache") { _ in }
        let files = try Emoji.Style.allCases.map { style in
            try Folder.files(below: "\(target)/\(style.rawValue)") { $0.hasSuffix(".png") }
        }
        #expect(files[0] == files[1] && files[0].count == 10 * 3 + 5)
        let test = files[0].filter { $0.hasPrefix("test/") }
        #expect(test.count { $0.hasPrefix("test/people-body/") } == 2 * 3)
        #expect(test.count { $0.hasPrefix("test/smileys-emotion/") } == 1)
        #expect(!files[0].contains { $0.contains("1F600") || $0.contains("1F601") })
        for file in files[0] {
            let emoji = try #require(EmojiSequence(emojiOne: String(file.split(separator: "/")[2])))
            let point = String(emoji.points[0], radix: 16)
            // The hand without a tone lies beside it.
            let folder = file.split(separator: "/").prefix(2).joined(separator: "/")
            #expect(files[0].contains("\(folder)/\(point.uppercased()).png"))
            #expect(try FileBytes.read("\(target)/emoji-one/\(file)") == Array(point.utf8))
            #expect(try FileBytes.read("\(target)/emoji-noto/\(file)") == Array((point + "noto").utf8))
        }
        let opened = try openDataset(at: target + "/emoji-noto", layout: .splitFolders)
        #expect(opened.classNames == ["people-body", "smileys-emotion"])
        #expect(opened.train.count == 28 && opened.test?.count == 7)

        let calls = try tools.calls()
        _ = try prepared.obtain(cache: folder.path + "/cache") { _ in }
        #expect(try tools.calls() == calls)
    }

    @Test func anotherBuildIsRefusedByItsChecksum() throws {
        let folder = try TemporaryFolder()
        let tools = try FakeTools(folder, ["apt-get", "dpkg-deb", "sha256sum"])
        let source = try source(tools)
        try folder.write("another build", to: "site/one.deb")
        let cache = try TemporaryFolder()
        expectError(.unobtainable, "one.deb was fetched with SHA-256") {
            _ = try source.prepared.obtain(cache: cache.path) { _ in }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: cache.path) == [])
    }

    @Test func packageListsAreFetchedOnceWhereTheSystemHasNone() throws {
        let folder = try TemporaryFolder()
        let tools = try FakeTools(folder, ["apt-get", "dpkg-deb", "sha256sum"])
        let prepared = try settled(source(tools))
        #expect(try tools.calls().count { $0.hasSuffix("update") } == 0)
        try folder.write("", to: "site/no-lists")
        _ = try prepared.obtain(cache: folder.path + "/cache") { _ in }
        let calls = try tools.calls()
        #expect(calls.count { $0.hasSuffix("update") } == 1)
        #expect(calls.contains { $0.contains("Dir::State::Lists=") && $0.hasSuffix("download one=1") })

        try tools.remove("dpkg-deb")
        let cache = try TemporaryFolder()
        expectError(.unobtainable, "apt-get and dpkg-deb are not both installed") {
            _ = try prepared.obtain(cache: cache.path) { _ in }
        }
    }
}
