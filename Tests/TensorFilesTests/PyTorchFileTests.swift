import Foundation
import Testing

@testable import TensorFiles

struct PyTorchFileTests {
    @Test(
        arguments: ["plain", "module", "optimizer", "views", "dtypes", "nested"],
        [PyTorchFile.Container.archive, .legacy])
    func tensorsAreThoseThatPythonSaved(name: String, container: PyTorchFile.Container) throws {
        let file = try PyTorchFile(path: Golden.path(container == .archive ? "\(name).pth" : "\(name).legacy.pth"))
        #expect(file.container == container)
        Golden.compare(file.tensors, try Golden.tensors(name))
        for tensor in file.tensors { #expect(file[tensor.name] == tensor) }
        try file.verifyChecksums()
    }

    @Test(arguments: ["objects.pth", "objects.legacy.pth", "objects.protocol4.pth"])
    func tensorsAreReadBesideObjectsThatAreNotUnderstood(name: String) throws {
        let file = try PyTorchFile(path: Golden.path(name))
        Golden.compare(file.tensors, try Golden.tensors("objects"))
        let told = file.unread.map(\.description)
        #expect(
            told.prefix(7) == [
                "args (argparse.Namespace)", "meta.classes (numpy.ndarray)", "meta.scores (numpy.ndarray)",
                "meta.half (numpy.f2)", "mode (trainlib.Mode)", "history.loss (trainlib.History)",
                "again.0 (trainlib.History)",
            ])
        #expect(told.dropFirst(7).prefix(2) == ["when (datetime.datetime)", "schedule (functools.partial)"])
        #expect(told.count == 10)
        #expect(file.root["again"]?[1] == .int(7))
    }

    /// A module that was saved whole, as its `state_dict` would have been: without a buffer that is not kept.
    @Test(arguments: ["module-whole.pth", "module-whole.legacy.pth"])
    func aModuleIsReadAsItsStateDict(name: String) throws {
        let file = try PyTorchFile(path: Golden.path(name))
        let expected = Dictionary(uniqueKeysWithValues: try Golden.tensors("module-whole").map { ($0.name, $0) })
        #expect(Set(file.tensors.map(\.name)) == Set(expected.keys))
        Golden.compare(file.tensors, try file.tensors.map { try #require(expected[$0.name]) })
        #expect(file.unread == [UnreadObject(name: "config", type: "__main__.Config")])
    }

    @Test(arguments: ["deflated.pth", "no-checksums.pth"])
    func archivesThatArePackedOtherwiseAreRead(name: String) throws {
        let file = try PyTorchFile(path: Golden.path(name))
        Golden.compare(file.tensors, try Golden.tensors("plain"))
        #expect(try file["weight"]?.elements(as: Float.self) == [1.5, -2, 0.25, 8])
        try file.verifyChecksums()
    }

    @Test func recordsWithoutACommonFolderAreRead() throws {
        var zip = Zip.checkpoint(Pickle() + Pickle.tensor() + ".")
        zip.records = [("notes.txt", [1])] + zip.records.map { (String($0.name.dropFirst("model/".count)), $0.data) }
        #expect(try PyTorchFile(MappedFile(zip.bytes)).tensors.first?.contiguousBytes() == [UInt8](0..<16))
    }

    @Test(arguments: [
        "nested.pth", "nested.legacy.pth", "nested.protocol3.pth", "nested.protocol4.pth", "nested.protocol5.pth",
    ])
    func valuesAreThoseThatPythonSaved(name: String) throws {
        let root = try PyTorchFile(path: Golden.path(name)).root
        #expect(root["epoch"] == .int(3))
        #expect(root["best"] == .double(0.5))
        #expect(root["name"] == .string("näme"))
        #expect(root["flags"] == .list([.bool(true), .bool(false), .null]))
        #expect(root["pair"] == .tuple([.int(1), .int(-2)]))
        let power = [UInt8](repeating: 0, count: 12) + [0x10]
        let integers = [255, 256, 65536, -1, 1 << 31, Int.min, Int.max]
        #expect(root["ints"] == .list(integers.map { .int($0) } + [.bigInteger(littleEndian: power)]))
        #expect(root["raw"] == .bytes([0x00, 0xFF, 0x7F]))
        #expect(
            root["classes"]
                == .dictionary([
                    .init(key: .int(4), value: .string("four")), .init(key: .int(5), value: .string("five")),
                ]))
        #expect(root["unordered"] == .set([.int(9)]))
        #expect(root["frozen"] == .set([.int(8)]))
        #expect(root["complex"] == .complex(real: 1.5, imaginary: -2))
        #expect(root["counter"] == .dictionary([.init(key: .string("a"), value: .int(2))]))
        #expect(root["default"] == .dictionary([.init(key: .string("k"), value: .list([.int(1)]))]))
        #expect(root["numpy"] == .list([.double(0.1), .double(0.5), .int(-7), .bool(true)]))
        #expect(root["size"] == .tuple([.int(2), .int(3)]))
        #expect(root["dtype"] == .global("torch.bfloat16"))
        #expect(root["device"] == .string("cuda:1"))
        #expect(root["missing"] == nil)
        #expect(root["pair"]?[1] == .int(-2))
        #expect(root["flags"]?[3] == nil)
    }

    @Test func aSubtreeIsReadUnderItsOwnNames() throws {
        let file = try PyTorchFile(path: Golden.path("nested.pth"))
        #expect(try file.tensors(under: "state_dict").map(\.name) == ["conv1.weight", "conv1.bias"])
        #expect(try file.tensors(under: "list").map(\.name) == ["0", "1.0"])
        #expect(try file.tensors(under: "state_dict").first?.elements(as: Float.self) == [1, 1, 1, 1])
        let found = problems { try file.tensors(under: "state") }
        #expect(found.count == 1)
        guard case .unknownPrefix(let available)? = found.first?.fault else {
            Issue.record("\(found)")
            return
        }
        #expect(available.prefix(2) == ["state_dict", "epoch"])
    }

    @Test(arguments: ["views.pth", "views.legacy.pth"])
    func sharedStorageStaysShared(name: String) throws {
        let file = try PyTorchFile(path: Golden.path(name))
        let base = try #require(file["base"])
        for view in ["transposed", "sliced", "stepped", "element"] {
            #expect(file[view]?.storage == base.storage)
        }
        #expect(file["tied.a"]?.storage == file["tied.b"]?.storage)
        #expect(file["tied.a"]?.storage != base.storage)
        #expect(base.storage.byteCount == 96)
    }

    @Test func anOlderPickleInTheLegacyContainerIsRead() throws {
        let file = try PyTorchFile(path: Golden.path("plain.protocol4.legacy.pth"))
        Golden.compare(file.tensors, try Golden.tensors("plain"))
    }

    @Test func sixtyFourBitArchivesAreRead() throws {
        var zip = Zip.checkpoint(Pickle() + Pickle.tensor() + ".")
        for (wide, comment) in [(false, ""), (true, ""), (true, "a comment")] {
            zip.wide = wide
            zip.comment = Array(comment.utf8)
            let file = try PyTorchFile(MappedFile(zip.bytes))
            #expect(file.tensors.map(\.name) == [""])
            #expect(file.tensors.first?.contiguousBytes() == [UInt8](0..<16))
            try file.verifyChecksums()
        }
    }

    @Test func viewsOfStoragesAreRead() throws {
        // As PyTorch 0.3 wrote a tensor on the elements 1 and 2 of a storage of four.
        let view = "(" + String(decoding: Pickle.text("v") + Pickle.int(1) + Pickle.int(2), as: UTF8.self) + "t"
        var id = Pickle.storage(legacy: true)
        id.replaceSubrange(id.count - 3..<id.count - 2, with: Array(view.utf8))
        var stream = Stream()
        stream.object = (Pickle() + Pickle.tensor(storage: id, shape: [Pickle.int(2)]) + ".").bytes
        let file = try PyTorchFile(MappedFile(stream.bytes))
        #expect(file.tensors.first?.contiguousBytes() == [UInt8](4..<12))
        #expect(file.tensors.first?.storage.byteCount == 8)
    }

    @Test func textOfPython2IsRead() throws {
        let pickle = Pickle() + "}U\u{1}aU\u{2}xysU\u{1}b" + [UInt8(ascii: "U"), 1, 0xFF] + "s."
        let root = try PyTorchFile(MappedFile(Zip.checkpoint(pickle).bytes)).root
        #expect(root["a"] == .string("xy"))
        #expect(root["b"] == .bytes([0xFF]))
    }
}
