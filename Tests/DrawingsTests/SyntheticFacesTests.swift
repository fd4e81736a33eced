import Datasets
import Support
import TestFolders
import TestImages
import Testing

@testable import Drawings

@Suite struct SyntheticFacesTests {
    private func parsed(_ name: String) throws -> (age: Int, gender: Int, race: Int) {
        let match = try #require(name.wholeMatch(of: /([0-9]+)_([01])_([0-4])_[0-9]{14}\.png/))
        return (try #require(Int(match.1)), try #require(Int(match.2)), try #require(Int(match.3)))
    }

    @Test func aSeedGivesTheSameBytes() throws {
        let folder = try TemporaryFolder()
        var options = SyntheticFaces.Options()
        (options.count, options.side) = (12, 32)
        for name in ["one", "two"] { try SyntheticFaces(options).write(to: "\(folder.path)/\(name)") }
        options.seed = 1
        try SyntheticFaces(options).write(to: folder.path + "/other")
        func files(_ name: String) throws -> [String: [UInt8]] {
            let part = "\(folder.path)/\(name)"
            let names = try Folder.list(part).files
            return try Dictionary(uniqueKeysWithValues: names.map { ($0, try FileBytes.read("\(part)/\($0)")) })
        }
        let one = try files("one")
        #expect(one.count == 13)
        #expect(try files("two") == one)
        #expect(try Set(files("other").values).isDisjoint(with: one.values))
        #expect(String(decoding: one["README.txt"] ?? [], as: UTF8.self).contains("SYNTHETIC"))
        for (name, bytes) in one where name.hasSuffix(".png") {
            _ = try parsed(name)
            let image = try Image.decode(bytes: bytes, name: name)
            #expect((image.width, image.height, image.channels) == (32, 32, 3))
        }
    }

    @Test func namesAreUTKFacesAndAgesEven() throws {
        let names = try SyntheticFaces().pictures().map(\.name)
        #expect(names.count == 3_000 && Set(names).count == 3_000)
        let faces = try names.map(parsed)
        let counts = Dictionary(grouping: faces, by: \.age).mapValues(\.count)
        #expect(Set(counts.keys) == Set(1...90))
        #expect(counts.values.allSatisfy { $0 == 33 || $0 == 34 })
        #expect((1_350...1_650).contains(faces.count { $0.gender == 1 }))
        for race in 0..<5 { #expect((480...720).contains(faces.count { $0.race == race })) }
        var options = SyntheticFaces.Options()
        (options.count, options.ages) = (100, 18...20)
        let few = try SyntheticFaces(options).pictures().map { try parsed($0.name).age }
        #expect(Set(few) == [18, 19, 20])
    }

    @Test func traitsFollowAgeAndGenderAndOverlap() {
        func faces(_ age: Int, female: Bool) -> [FaceTraits] {
            (0..<200).map { index in
                var generator = SeededGenerator(seed: 5, UInt64(age), UInt64(index))
                return FaceTraits(age: age, isFemale: female, race: index % 5, &generator)
            }
        }
        func mean(_ faces: [FaceTraits], _ value: (FaceTraits) -> Double) -> Double {
            faces.map(value).reduce(0, +) / Double(faces.count)
        }
        for female in [false, true] {
            let ages = [2, 10, 20, 40, 60, 80].map { faces($0, female: female) }
            let eyes = ages.map { mean($0, \.eyeSize) }
            let wear = ages.map { mean($0, \.wear) }
            let light = ages.map { mean($0) { Double($0.hairTint.luma) } }
            #expect(zip(eyes, eyes.dropFirst()).allSatisfy { $0 > $1 })
            #expect(zip(wear.dropFirst(2), wear.dropFirst(3)).allSatisfy { $0 < $1 } && wear[0] == 0)
            #expect(light[4] > light[3] + 0.1 && light[5] > light[4] + 0.1)
            #expect(ages[0...1].joined().allSatisfy { $0.beard == .none })
        }
        let (men, women) = (faces(35, female: false), faces(35, female: true))
        #expect(men.contains { $0.beard != .none } && men.contains { $0.beard == .none })
        #expect(women.allSatisfy { $0.beard == .none })
        #expect(mean(men, \.jaw) > mean(women, \.jaw) + 0.05)
        #expect(men.map(\.jaw).min() ?? 1 < women.map(\.jaw).max() ?? 0)
        #expect((40...180).contains(women.count { $0.hasLipstick }) && men.allSatisfy { !$0.hasLipstick })
    }

    @Test func optionsOutOfRangeAreAllNamed() {
        var options = SyntheticFaces.Options()
        (options.count, options.ages, options.side) = (0, 0...95, 8)
        expectError(.invalidArgument, "count is 0", "ages are 0...95", "side is 8") { _ = try SyntheticFaces(options) }
    }
}
