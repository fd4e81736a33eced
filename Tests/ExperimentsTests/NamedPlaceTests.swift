import Foundation
import Support
import Testing

@testable import Experiments

/// A run goes on by whatever path its files are named, and not with others.
@Suite struct NamedPlaceTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func open(_ name: String, _ from: String, digest: Bool = true) throws -> RunFolder {
        var configuration = NamingConfiguration()
        configuration.from = from
        let place = NamedPlace(from, digest: digest ? try FileDigest.text(of: from) : nil)
        return try RunFolder(
            folder.file(name), configuration: Resolved(configuration), seed: 1, places: ["from": place])
    }

    @Test func aFileIsKnownByItsContent() throws {
        let old = try folder.write("weights", to: "old/search/network")
        #expect(try open("run", old).record.places?["from"]?.path == FilePath.real(old))
        try FileManager.default.moveItem(atPath: folder.file("old"), toPath: folder.file("new"))
        let new = folder.file("new/search/network")
        #expect(try open("run", new).isResumed)
        #expect(RunFolder.places(of: folder.file("run"))["from"]?.path == FilePath.real(new))
        try folder.write("other weights", to: "new/search/network")
        let error = #expect(throws: RunFolderError.self) { _ = try open("run", new) }
        #expect(error?.description.contains("  from: \(new) as it was then → \(new) with other content\n") == true)
    }

    @Test func aFolderIsKnownByWhereItIs() throws {
        let data = try folder.makeFolder("data")
        _ = try open("run", data, digest: false)
        try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: data)
        for name in [data + "/", folder.file("link"), folder.file("data/../data")] {
            #expect(try open("run", name, digest: false).isResumed)
        }
        let other = try folder.makeFolder("other")
        #expect(throws: RunFolderError.self) { _ = try open("run", other, digest: false) }
    }

    /// Of a run of before, there is nothing but the text.
    @Test func aRunWithoutRecordedPlacesGoesOn() throws {
        let file = try folder.write("weights", to: "new/search/network")
        for (text, isSame) in [("runs/old/search/network", true), ("search/network", true), ("other/network", false)] {
            var configuration = NamingConfiguration()
            configuration.from = text
            let path = "run-\(text.count)"
            _ = try RunFolder(folder.file(path), configuration: Resolved(configuration), seed: 1)
            if isSame {
                #expect(try open(path, file).isResumed)
            } else {
                #expect(throws: RunFolderError.self) { _ = try open(path, file) }
            }
        }
    }
}

/// Settings that name a file.
private struct NamingConfiguration: Configuration {
    var from = ""
}
