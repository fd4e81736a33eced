import Datasets
import Foundation
import Support
import TestFolders
import TestImages
import Testing

@testable import Drawings

@Suite struct SyntheticPedestriansTests {
    /// What a name of the layout says.
    private struct Parsed: Hashable {
        let folder: String
        let person: Int
        let camera: Int

        init?(_ path: String) {
            guard let match = path.wholeMatch(of: /([a-z_]+)\/(-1|[0-9]{4})_c([1-6])s1_[0-9]{6}_[0-9]{2}\.png/),
                let person = Int(match.2), let camera = Int(match.3)
            else { return nil }
            (folder, self.person, self.camera) = (String(match.1), person, camera)
        }
    }

    private func options(seed: UInt64 = 1) -> SyntheticPedestrians.Options {
        var options = SyntheticPedestrians.Options()
        (options.trainingIdentities, options.testIdentities, options.imagesPerIdentity) = (2, 2, 6)
        (options.distractors, options.junk, options.height, options.seed) = (2, 1, 32, seed)
        return options
    }

    private func files(_ folder: String) throws -> [String: [UInt8]] {
        let names = try Folder.files(below: folder) { _ in true }
        return try Dictionary(uniqueKeysWithValues: names.map { ($0, try FileBytes.read(FilePath.join(folder, $0))) })
    }

    @Test func aSeedGivesTheSameBytesAndNothingIsReplaced() throws {
        let folder = try TemporaryFolder()
        let (one, two, other) = (folder.path + "/a/one", folder.path + "/two", folder.path + "/other")
        let set = try SyntheticPedestrians(options())
        var told: [Int] = []
        try set.write(to: one) { done, total in told += [done, total] }
        try set.write(to: two)
        try SyntheticPedestrians(options(seed: 2)).write(to: other)
        let made = try files(one)
        #expect(made.count == 28 && told == [27, 27])
        #expect(try files(two) == made)
        let changed = try files(other)
        #expect(Set(changed.values).isDisjoint(with: made.values))
        #expect(String(decoding: made["README.txt"] ?? [], as: UTF8.self).contains("SYNTHETIC"))
        for (name, bytes) in made where name.hasSuffix(".png") {
            let image = try Image.decode(bytes: bytes, name: name)
            #expect((image.width, image.height, image.channels) == (16, 32, 3))
        }

        try set.write(to: one)
        let another = try SyntheticPedestrians(options(seed: 3))
        expectError(.unwritable, "two", "28 file(s)") { try another.write(to: two) }
        try folder.write("mine", to: "mine/notes.txt")
        expectError(.unwritable, "mine") { try set.write(to: folder.path + "/mine") }
        expectError(.unwritable, "notes.txt") { try set.write(to: folder.path + "/mine/notes.txt") }
        try folder.makeFolder("empty")
        try set.write(to: folder.path + "/empty/")
        #expect(try files(folder.path + "/empty") == made)
        #expect(try files(two) == made)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(left.allSatisfy { !$0.hasPrefix(".unfinished") })
    }

    @Test(arguments: [6, 7, 12, 25])
    func namesAreMarket1501sAndEveryQueryHasAMatch(images: Int) throws {
        var options = SyntheticPedestrians.Options()
        options.imagesPerIdentity = images
        let names = try SyntheticPedestrians(options).pictures().map(\.name)
        #expect(Set(names).count == names.count)
        let parsed = names.compactMap(Parsed.init)
        #expect(parsed.count == names.count)
        let parts = Dictionary(grouping: parsed, by: \.folder)
        #expect(Set(parts.keys) == ["bounding_box_train", "query", "bounding_box_test"])
        let (train, query) = (parts["bounding_box_train"] ?? [], parts["query"] ?? [])
        let gallery = parts["bounding_box_test"] ?? []
        #expect(Set(train.map(\.person)) == Set(1...120))
        #expect(Set(query.map(\.person)) == Set(121...180))
        #expect(Set(gallery.map(\.person)) == Set([-1, 0] + (121...180)))
        #expect(gallery.count { $0.person == 0 } == 120 && gallery.count { $0.person == -1 } == 40)
        #expect(train.count == 120 * images)
        #expect(query.count + gallery.count == 60 * images + 160)
        #expect(Set(query).count == query.count)
        let camerasOf = Dictionary(grouping: gallery, by: \.person).mapValues { Set($0.map(\.camera)) }
        let isMatched = query.map { !(camerasOf[$0.person] ?? []).subtracting([$0.camera]).isEmpty }
        #expect(isMatched.allSatisfy { $0 })
        for (_, seen) in Dictionary(grouping: train, by: \.person) { #expect(Set(seen.map(\.camera)).count >= 3) }
    }

    @Test func clothesTellPersonsApartBetterThanTheMeanColour() throws {
        var options = SyntheticPedestrians.Options()
        (options.trainingIdentities, options.testIdentities, options.imagesPerIdentity) = (1, 24, 6)
        (options.distractors, options.junk, options.height) = (0, 0, 32)
        let pictures = try SyntheticPedestrians(options).pictures()
        func part(_ folder: String) throws -> [(place: Parsed, image: Image)] {
            try pictures.filter { $0.name.hasPrefix(folder + "/") }.map { (try #require(Parsed($0.name)), $0.render()) }
        }
        let (query, gallery) = (try part("query"), try part("bounding_box_test"))
        func rankOne(_ describe: (Image) -> [Double]) -> Double {
            let known = gallery.map { ($0.place, describe($0.image)) }
            let found = query.count { asked in
                let mine = describe(asked.image)
                let near = known.filter { $0.0.camera != asked.place.camera }.min {
                    distance($0.1, mine) < distance($1.1, mine)
                }
                return near?.0.person == asked.place.person
            }
            return Double(found) / Double(query.count)
        }
        func distance(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
        let whole = rankOne { mean($0, rows: 0..<32, columns: 0..<16) }
        let clothes = rankOne {
            mean($0, rows: 8..<15, columns: 6..<10) + mean($0, rows: 17..<24, columns: 6..<10)
        }
        #expect(whole < 0.5, "\(whole)")
        // Chance is one of 24.
        #expect(clothes > 0.2 && clothes > 1.3 * whole, "\(clothes), \(whole)")
    }

    private func mean(_ image: Image, rows: Range<Int>, columns: Range<Int>) -> [Double] {
        var sums = [0.0, 0, 0]
        for row in rows {
            for column in columns {
                for channel in 0..<3 {
                    sums[channel] += Double(image.pixels[(row * image.width + column) * 3 + channel])
                }
            }
        }
        return sums.map { $0 / Double(rows.count * columns.count) }
    }

    @Test func noTwoPersonsLookAlike() throws {
        let looks = try SyntheticPedestrians().looks(240)
        #expect(Set(looks.map(\.signature)).count == 240)
    }

    @Test func optionsOutOfRangeAreAllNamed() {
        var options = SyntheticPedestrians.Options()
        (options.testIdentities, options.imagesPerIdentity, options.height) = (0, 5, 33)
        expectError(.invalidArgument, "testIdentities is 0", "imagesPerIdentity is 5", "height is 33") {
            _ = try SyntheticPedestrians(options)
        }
    }
}
