import Testing

@testable import TensorFiles

/// Sound and damaged files that must be refused with the right words.
struct PyTorchRefusalTests {
    private func refusal(_ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) -> [TensorFileFault] {
        problems(sourceLocation: sourceLocation) { try PyTorchFile(MappedFile(bytes)) }.map(\.fault)
    }

    /// What a pickle in a sound archive is refused for.
    private func refusal(_ pickle: Pickle, sourceLocation: SourceLocation = #_sourceLocation) -> [TensorFileFault] {
        refusal(Zip.checkpoint(pickle).bytes, sourceLocation: sourceLocation)
    }

    private func expectMalformed(
        _ faults: [TensorFileFault], _ reason: String, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        switch faults.first {
        case .malformedPickle(_, reason), .malformedArchive(_, reason): break
        default: Issue.record("\(faults)", sourceLocation: sourceLocation)
        }
    }

    // MARK: - Sound files of other kinds

    @Test func filesWithoutATensorThatCanBeReadAreRefusedByWhatTheyNeed() {
        // All at once, in the order of the file.
        let two =
            Pickle() + "](" + Pickle.global("a", "B") + ")R" + Pickle.global("c", "D") + Pickle.global("a", "B") + "e."
        #expect(refusal(two) == [.unsupportedGlobal("a.B"), .unsupportedGlobal("c.D")])
        let sparse = problems { try PyTorchFile(path: Golden.path("refused-sparse.pth")) }.map(\.fault)
        #expect(sparse.contains(.unsupportedGlobal("torch._utils._rebuild_sparse_tensor")))
    }

    @Test func commandsAreRefusedAndNotRun() {
        let pickle = Pickle() + Pickle.global("os", "system") + Pickle.text("exit") + [0x85] + "R."
        #expect(refusal(pickle) == [.unsupportedGlobal("os.system")])
        let stacked =
            Pickle() + Pickle.text("builtins") + Pickle.text("eval") + [0x93] + Pickle.text("1") + [0x85] + "R."
        #expect(refusal(stacked) == [.unsupportedGlobal("builtins.eval")])
        let error = TensorFileError(path: "m.pth", .unsupportedGlobal("os.system"))
        #expect(
            error.description
                == #"m.pth: needs the Python object "os.system", which is not executed here; save a plain state_dict()"#
        )
        // Nor is anything called that is known as a value only.
        let constant = Pickle() + Pickle.global("torch", "float32") + ")R."
        expectMalformed(refusal(constant), "wrong arguments for \"torch.float32\"")
        let number = Pickle() + "K\u{1})R."
        expectMalformed(refusal(number), "what is called is no function")
    }

    @Test func pendingConjugationIsRefused() {
        let found = problems { try PyTorchFile(path: Golden.path("refused-conjugate.pth")) }
        #expect(found.first?.key == "a")
        guard case .unsupportedTensor(let reason)? = found.first?.fault else {
            Issue.record("\(found)")
            return
        }
        #expect(reason.contains("\"conj\""))
    }

    @Test func otherContainersAreRefused() throws {
        func refusal(of name: String) -> [TensorFileError.Problem] {
            problems { try PyTorchFile(path: Golden.path("refused-\(name).pth")) }
        }
        #expect(refusal(of: "compressed").map(\.fault) == [.compressedRecord(method: 12)])
        #expect(refusal(of: "bigendian") == [.init(.bigEndian)])
        #expect(refusal(of: "torchscript") == [.init(.torchScript)])
        var tar = [UInt8](repeating: 0, count: 1024)
        tar.replaceSubrange(257..<262, with: Array("ustar".utf8))
        #expect(self.refusal(tar) == [.tarContainer])
        #expect(self.refusal([]) == [.notAPyTorchFile("it is empty")])
        let words = [UInt8]("<html>".utf8)
        let reason = "it begins neither like a zip archive nor like a pickle of protocol 2 or later"
        #expect(self.refusal(words) == [.notAPyTorchFile(reason)])
        let safeTensors = try Golden.bytes("all.safetensors")
        #expect(self.refusal(safeTensors) == [.notAPyTorchFile(reason)])
    }

    // MARK: - Zip

    @Test func damagedArchivesAreRefused() {
        let sound = Zip.checkpoint(Pickle() + Pickle.tensor() + ".")
        let bytes = sound.bytes
        for count in 4..<bytes.count { #expect(!refusal(Array(bytes[..<count])).isEmpty) }

        var zip = sound
        zip.records.append(("model/data/0", []))
        expectMalformed(refusal(zip.bytes), "the record \"model/data/0\" occurs twice")
        zip = sound
        zip.flags = 1
        expectMalformed(refusal(zip.bytes), "it is encrypted")
        zip = sound
        zip.method = 12
        #expect(refusal(zip.bytes) == [.compressedRecord(method: 12)])
        zip = sound
        zip.records.remove(at: 2)
        #expect(refusal(zip.bytes) == [.missingRecord])
        zip = sound
        zip.records.remove(at: 0)
        #expect(refusal(zip.bytes) == [.missingRecord])
        zip = sound
        zip.records = [("data", zip.records[0].data)]
        #expect(refusal(zip.bytes) == [.notAPyTorchFile("its zip records lie under no common folder")])
        for size in [0, 15, 17] {
            let short = Zip.checkpoint(Pickle() + Pickle.tensor() + ".", storage: [UInt8](repeating: 0, count: size))
            #expect(refusal(short.bytes) == [.byteCountMismatch(expected: 16, actual: size)])
        }
        expectMalformed(
            refusal(Array("PK\u{3}\u{4}".utf8) + [UInt8](repeating: 0, count: 100)),
            "it has no end-of-directory record; the file is truncated")
    }

    @Test func aRecordUnderAnotherNameIsRefused() throws {
        var bytes = Zip.checkpoint(Pickle() + Pickle.tensor() + ".").bytes
        // The directory's name stays; the local header's changes.
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("model/data/0".utf8)) })
        bytes[place + 11] = UInt8(ascii: "1")
        expectMalformed(refusal(bytes), "its local header names another")
    }

    @Test func aChangedByteFailsItsChecksum() throws {
        var bytes = Zip.checkpoint(Pickle() + Pickle.tensor() + ".").bytes
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: [UInt8](0..<16)) })
        bytes[place] ^= 1
        let file = try PyTorchFile(MappedFile(bytes))
        let found = problems { try file.verifyChecksums() }
        #expect(found.map(\.key) == ["model/data/0"])
        // Whoever takes the values is told, whatever way they are taken.
        let tensor = try #require(file.tensors.first)
        #expect(problems { try tensor.elements(as: Float.self) } == found)
        var copy = [UInt8](repeating: 0, count: 16)
        #expect(problems { try copy.withUnsafeMutableBytes { try tensor.copyBytes(to: $0) } } == found)
        let folder = try TemporaryFolder()
        #expect(problems { try SafeTensorsWriter.write([TensorSource(tensor)], to: folder.file("x")) } == found)
    }

    @Test func aChangedPickleIsDamagedAndNotAnObjectThatIsLeftOut() throws {
        var bytes = Zip.checkpoint(Pickle() + Pickle.tensor() + ".").bytes
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("_rebuild".utf8)) })
        bytes[place] ^= 1
        #expect(problems { try PyTorchFile(MappedFile(bytes)) }.map(\.key) == ["model/data.pkl"])
    }

    @Test func deflatedRecordsAreBoundedAndChecked() throws {
        let sound = try Golden.bytes("deflated.pth")
        // Every byte of the pickle, which comes first; some bits of the last mean nothing.
        let name = Array("data.pkl".utf8)
        let start = try #require(sound.indices.first { sound[$0...].starts(with: name) }) + name.count
        let end = try #require(
            sound.indices.first { $0 > start && sound[$0...].starts(with: Array("PK\u{3}\u{4}".utf8)) })
        for place in start..<end - 1 {
            var bytes = sound
            bytes[place] ^= 0x10
            #expect(refusal(bytes).count == 1, "byte \(place)")
        }
        // A record that says to be of any size.
        var bytes = sound
        let directory = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("PK\u{1}\u{2}".utf8)) })
        bytes.replaceSubrange(directory + 24..<directory + 28, with: [0xFE, 0xFF, 0xFF, 0x7F])
        expectMalformed(refusal(bytes), "what it inflates to is out of all proportion")
        for size in [0, 1, 1000] as [UInt32] {
            bytes.replaceSubrange(directory + 24..<directory + 28, with: TensorFilesTests.bytes(size))
            #expect(refusal(bytes).count == 1, "\(size)")
        }
    }

    // MARK: - Tensors

    @Test func tensorsOutsideTheirStorageAreRefused() {
        func fault(_ tensor: [UInt8]) -> [TensorFileFault] { refusal(Pickle() + tensor + ".") }
        let int = Pickle.int
        let long = Pickle.long
        func outside(_ shape: [Int], _ strides: [Int], _ offset: Int) -> [TensorFileFault] {
            [.outsideStorage(shape: shape, strides: strides, offset: offset, storageBytes: 16)]
        }
        #expect(fault(Pickle.tensor(shape: [int(5)])) == outside([5], [1], 0))
        #expect(fault(Pickle.tensor(offset: int(1))) == outside([4], [1], 1))
        #expect(fault(Pickle.tensor(shape: [int(2)], strides: [int(4)])) == outside([2], [4], 0))
        #expect(fault(Pickle.tensor(offset: int(-1))) == [.negativeExtent([1, -1])])
        #expect(fault(Pickle.tensor(shape: [int(-4)])) == [.negativeExtent([-4])])
        #expect(fault(Pickle.tensor(strides: [int(-1)])) == [.negativeExtent([-1, 0])])
        #expect(fault(Pickle.tensor(strides: [])) == [.rankMismatch(shape: [4], strides: [])])
        #expect(fault(Pickle.tensor(shape: [long(1 << 62)])) == [.sizeOverflow([1 << 62])])
        #expect(fault(Pickle.tensor(shape: [int(2)], strides: [long(.max)])) == [.sizeOverflow([.max, 0])])
        #expect(fault(Pickle.tensor(shape: [long(1 << 40)], strides: [int(0)])) == [.expansionTooLarge(bytes: 1 << 42)])
        let many = [[UInt8]](repeating: int(1), count: 65)
        expectMalformed(
            fault(Pickle.tensor(shape: many, strides: many)), "a tensor has 65 dimensions; at most 64 are supported")
        expectMalformed(
            fault(Pickle.tensor(shape: [Pickle.text("4")])), "wrong arguments for \"torch._utils._rebuild_tensor_v2\"")
    }

    @Test func everyBadTensorIsReportedByName() {
        let bad = Pickle.tensor(shape: [Pickle.int(5)])
        let pickle = Pickle() + "}(" + Pickle.text("a") + bad + Pickle.text("b") + Pickle.tensor() + Pickle.text("c")
        let list = pickle + "]" + bad + "au."
        let found = problems { try PyTorchFile(MappedFile(Zip.checkpoint(list).bytes)) }
        #expect(found.map(\.key) == ["a", "c.0"])
    }

    @Test func ambiguousNamesAreRefused() {
        let inner = "}" + String(decoding: Pickle.text("b"), as: UTF8.self)
        let pickle = Pickle() + "}(" + Pickle.text("a") + inner + Pickle.tensor() + "s"
        let found = refusal(pickle + Pickle.text("a.b") + Pickle.tensor() + "u.")
        #expect(found == [.ambiguousName])
    }

    @Test func damagedStoragesAreRefused() {
        func fault(_ storage: [UInt8]) -> [TensorFileFault] { refusal(Pickle() + storage + ".") }
        let reason = "a persistent id does not describe a storage"
        expectMalformed(fault(Pickle.storage(count: Pickle.int(-1))), reason)
        expectMalformed(fault(Pickle.storage(key: Pickle.int(0))), reason)
        expectMalformed(fault(Pickle.storage(key: Pickle.text(String(repeating: "0", count: 257)))), reason)
        expectMalformed(fault(Array("(tQ".utf8)), reason)
        // A storage must be understood: what it is not would be a tensor that is.
        let other = Array("(".utf8) + Pickle.text("storage") + Pickle.global("torch", "QInt8Storage") + Pickle.text("0")
        #expect(
            fault(other + Pickle.text("cpu") + Pickle.int(4) + Array("tQ".utf8)) == [
                .unsupportedGlobal("torch.QInt8Storage")
            ])
        expectMalformed(fault(Array("NQ".utf8)), "a persistent id is not a tuple")
        expectMalformed(
            fault(Pickle.storage(count: Pickle.long(.max))), "a storage of \(Int.max) elements is too large")
        #expect(fault(Pickle.storage(count: Pickle.int(5))) == [.byteCountMismatch(expected: 20, actual: 16)])
        #expect(fault(Pickle.storage(key: Pickle.text("../0"))) == [.missingRecord])
    }

    // MARK: - Legacy

    @Test func damagedStreamsAreRefused() throws {
        let sound = Stream()
        #expect(try PyTorchFile(MappedFile(sound.bytes)).tensors.first?.contiguousBytes() == [UInt8](0..<16))
        for count in 1..<sound.bytes.count { #expect(!refusal(Array(sound.bytes[..<count])).isEmpty) }

        func fault(_ change: (inout Stream) -> Void) -> [TensorFileFault] {
            var stream = sound
            change(&stream)
            return refusal(stream.bytes)
        }
        #expect(
            fault { $0.magic[5] ^= 1 } == [
                .notAPyTorchFile("it is a pickle, but does not begin with PyTorch's magic number")
            ])
        #expect(
            fault { $0.version = (Pickle() + Pickle.int(1002) + ".").bytes } == [
                .notAPyTorchFile("its version is not 1001")
            ])
        #expect(
            fault { $0.machine = (Pickle() + "}" + Pickle.text("little_endian") + [0x89] + "s.").bytes } == [.bigEndian]
        )
        #expect(fault { $0.storages += [0] } == [.trailingBytes(count: 1)])
        #expect(fault { $0.storages.replaceSubrange(0..<8, with: bytes(3)) } == [.trailingBytes(count: 4)])
        #expect(
            fault { $0.storages = bytes(3) + [UInt8](0..<12) } == [.byteCountMismatch(expected: 16, actual: 12)])
        for hostile in [-1, Int.max, Int.max / 4 + 1, 1 << 40] {
            switch fault({ $0.storages.replaceSubrange(0..<8, with: bytes(hostile)) }).first {
            case .unexpectedEnd: break
            case let other: Issue.record("\(String(describing: other))")
            }
        }
        #expect(
            fault {
                $0.keys = (Pickle() + "].").bytes
                $0.storages = []
            } == [.missingRecord])
        expectMalformed(
            fault { $0.keys = (Pickle() + "]" + Pickle.text("7") + "a.").bytes }, "no tensor refers to this storage")
        expectMalformed(fault { $0.keys = (Pickle() + "}.").bytes }, "the keys of the storages are not a list")
        switch fault({ $0.keys = (Pickle() + "](" + Pickle.text("0") + Pickle.text("0") + "e.").bytes }).first {
        case .duplicateKey: break
        case let other: Issue.record("\(String(describing: other))")
        }
    }
}
