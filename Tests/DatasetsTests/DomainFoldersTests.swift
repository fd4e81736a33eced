import Testing

@testable import Datasets

@Suite("Domains of class folders")
struct DomainFoldersTests {
    private func write(_ domains: [String: [String]]) throws -> TemporaryFolder {
        let folder = try TemporaryFolder()
        for (domain, classes) in domains {
            for name in classes {
                for index in 0..<2 { try folder.write([1], to: "\(domain)/\(name)/0000\(index).jpg") }
            }
        }
        return folder
    }

    @Test("all domains are labelled by the classes of all; a transfer by those of its source")
    func domains() throws {
        let folder = try write([
            "Art": ["Bike", "Mug"], "Real World": ["Mug", "Bike", "Clock"], "Clipart": ["Bike", "Alarm", "Mug"],
        ])
        try folder.write("x", to: "ImageInfo.csv")
        let picture = try ReaderGoldens.picture("grey 8")
        try folder.write(picture.bytes, to: "Art/Mug/0.png")
        let domains = try DomainFolders.open(folder.path)
        #expect(domains.names == ["Art", "Clipart", "Real World"])
        #expect(domains.classNames == ["Alarm", "Bike", "Clock", "Mug"])
        #expect(domains.domains.allSatisfy { $0.classNames == domains.classNames })
        let art = try domains.domain("Art")
        #expect((0..<art.count).map(art.label) == [1, 1, 3, 3, 3])

        let transfer = try domains.transfer(from: "Real World", to: "Art")
        #expect(transfer.source.classNames == ["Bike", "Clock", "Mug"])
        #expect(transfer.labelledTarget.classNames == transfer.source.classNames)
        #expect((0..<5).map(transfer.labelledTarget.label) == [0, 0, 2, 2, 2])
        // What adaptation sees: the same images in the same order, no labels.
        #expect(transfer.target.classNames.count == 1)
        #expect((0..<5).map(transfer.target.source) == (0..<5).map(transfer.labelledTarget.source))
        #expect(try transfer.target.image(at: 2, decoding: ImageDecoding()).width == 11)
    }

    @Test("classes that the source lacks are named, and so is an unknown domain")
    func disagreement() throws {
        let folder = try write(["A": ["x", "y"], "B": ["w", "x", "y", "z"]])
        let domains = try DomainFolders.open(folder.path)
        #expect(try domains.transfer(from: "B", to: "A").source.classNames == ["w", "x", "y", "z"])
        let error = expectError(.malformed, "class w of the target B is not in the source A", "class z") {
            _ = try domains.transfer(from: "A", to: "B")
        }
        #expect(error?.problems.count == 2)
        expectError(.invalidArgument, "no domain C", "A, B") { _ = try domains.transfer(from: "A", to: "C") }
        expectError(.invalidArgument, "source and as target") { _ = try domains.transfer(from: "A", to: "A") }
    }

    @Test("empty domains and other layouts are refused, every empty one named")
    func refusals() throws {
        let folder = try write(["A": ["x", "y"], "B": ["x"]])
        for name in ["C", "D/x"] { try folder.makeFolder(name) }
        let error = expectError(.empty, "domain C: has no class folders", "domain D: class folder x", "DOMAIN/CLASS") {
            _ = try DomainFolders.open(folder.path)
        }
        #expect(error?.problems.count == 2)
        // Class folders without domains above them.
        expectError(.empty, "domain x: has no class folders, but 2 images", "domain y") {
            _ = try DomainFolders.open(folder.path + "/A")
        }
        let one = try write(["A": ["x", "y"]])
        expectError(.unrecognised, "one folder, A") { _ = try DomainFolders.open(one.path) }
        let office = try write(["amazon/images": ["x"], "dslr/images": ["x"]])
        expectError(.unrecognised, "the one class images") { _ = try DomainFolders.open(office.path) }
        expectError(.unreadable, "nowhere") { _ = try DomainFolders.open(one.path + "/nowhere") }
    }
}
