import Foundation
import Support
import Testing

@testable import TensorFiles

struct SafeTensorsWriterTests {
    private let small = TensorSource(name: "new", elementType: .uint8, shape: [2], bytes: [1, 2])

    @Test func writesByteForByteWhatPythonWrites() throws {
        let folder = try TemporaryFolder()
        let python = try SafeTensorsFile(path: Golden.path("all.safetensors"))
        // In any order: the layout depends on the contents alone.
        var random = SeededGenerator(seed: 3)
        let sources = python.tensors.map { TensorSource($0) }.shuffled(using: &random)
        try SafeTensorsWriter.write(sources, metadata: python.metadata, to: folder.file("all"))
        let written = [UInt8](try Data(contentsOf: URL(filePath: folder.file("all"))))
        #expect(try written == Golden.bytes("all.safetensors"))

        try SafeTensorsWriter.write([], to: folder.file("none"))
        #expect(try [UInt8](Data(contentsOf: URL(filePath: folder.file("none")))) == Golden.bytes("none.safetensors"))
        #expect(try folder.names == ["all", "none"])
    }

    @Test func whatIsWrittenIsRead() throws {
        let folder = try TemporaryFolder()
        let views = try PyTorchFile(path: Golden.path("views.pth"))
        let metadata = ["format": "pt", "änderung": "ja \"\\\u{7}\u{1F}\u{2028}", "": ""]
        try SafeTensorsWriter.write(views.tensors.map { TensorSource($0) }, metadata: metadata, to: folder.file("v"))
        let file = try SafeTensorsFile(path: folder.file("v"))
        #expect(file.metadata == metadata)
        let expected = try Golden.tensors("views")
        Golden.compare(try expected.map { try #require(file[$0.name]) }, expected, strided: false)
        // Bytes are aligned, so that a reader may use them where they lie.
        for tensor in file.tensors {
            #expect(tensor.storage.offset.isMultiple(of: tensor.elementType.byteSize))
        }
    }

    /// A file with checksums opens here only as it was written, and everywhere else as any other.
    @Test func everyChangedByteIsSeen() throws {
        let folder = try TemporaryFolder()
        let tensors = [
            small, TensorSource(name: "empty", elementType: .float32, shape: [0], bytes: []),
            TensorSource(name: "long", elementType: .float32, shape: [2], bytes: [UInt8](repeating: 7, count: 8)),
        ]
        try SafeTensorsWriter.write(tensors, metadata: ["card": "{}", "z": ""], checksums: true, to: folder.file("x"))
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: folder.file("x"))))
        let file = try SafeTensorsFile(MappedFile(bytes))
        #expect(file.metadata == ["card": "{}", "z": ""])
        for tensor in file.tensors { try tensor.storage.verify() }
        // With the name of the checksums they are lost, and nothing else is.
        let name = Array("supernet.crc32".utf8)
        let start = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
        for place in bytes.indices where !(start..<start + name.count).contains(place) {
            for change in [0x01, 0x20, bytes[place]] as [UInt8] where change != 0 {
                var damaged = bytes
                damaged[place] ^= change
                let found = #expect(throws: TensorFileError.self, "byte \(place) of \(bytes.count)") {
                    for tensor in try SafeTensorsFile(MappedFile(damaged)).tensors { try tensor.storage.verify() }
                }
                if place >= bytes.count - 2 { #expect(found?.problems.first?.key == "new") }
            }
        }
        // Another program changes a tensor and keeps the metadata; of the checksums, it knows nothing.
        let text = String(decoding: bytes[8...], as: UTF8.self)
        #expect(text.contains("\"supernet.crc32\" :\""))
        let metadata = ["supernet.crc32": String(repeating: "1", count: 16), "card": "new"]
        try SafeTensorsWriter.write([small], metadata: metadata, to: folder.file("other"))
        let other = try SafeTensorsFile(path: folder.file("other"))
        try other.tensors[0].storage.verify()
        #expect(other.metadata == ["card": "new"])
        // The same tensors without: a reader that knows of no checksums finds the same values.
        try SafeTensorsWriter.write(tensors, metadata: ["card": "{}", "z": ""], to: folder.file("plain"))
        let plain = try SafeTensorsFile(path: folder.file("plain"))
        #expect(plain.tensors.map { $0.contiguousBytes() } == file.tensors.map { $0.contiguousBytes() })
    }

    @Test func largeTensorsArriveInStretches() throws {
        let folder = try TemporaryFolder()
        let stretch = (0..<700_001).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let source = TensorSource(name: "big", elementType: .uint8, shape: [3, stretch.count]) { sink in
            for _ in 0..<3 { try stretch.withUnsafeBytes { try sink($0) } }
        }
        let whole = TensorSource(
            name: "whole", elementType: .uint8, shape: [3 * stretch.count], bytes: stretch + stretch + stretch)
        try SafeTensorsWriter.write([source, whole, small], to: folder.file("big"))
        let file = try SafeTensorsFile(path: folder.file("big"))
        #expect(file["big"]?.contiguousBytes() == stretch + stretch + stretch)
        #expect(file["whole"]?.contiguousBytes() == stretch + stretch + stretch)
        #expect(file["new"]?.contiguousBytes() == [1, 2])
    }

    @Test func whatCannotBeWrittenIsRefusedAllAtOnce() throws {
        let folder = try TemporaryFolder()
        let sources = [
            small, small,
            TensorSource(name: "__metadata__", elementType: .uint8, shape: [0], bytes: []),
            TensorSource(name: "c", elementType: .complex128, shape: [0], bytes: []),
            TensorSource(name: "n", elementType: .uint8, shape: [-1], bytes: []),
            TensorSource(name: "h", elementType: .float32, shape: [1 << 40, 1 << 40], bytes: []),
        ]
        let found = problems { try SafeTensorsWriter.write(sources, to: folder.file("x")) }
        #expect(
            found == [
                .init(key: "new", .duplicateName), .init(key: "__metadata__", .reservedName),
                .init(key: "c", .unwritableElementType(.complex128)), .init(key: "n", .negativeExtent([-1])),
                .init(key: "h", .sizeOverflow([1 << 40, 1 << 40])),
            ])
        #expect(try folder.names.isEmpty)
    }

    @Test(arguments: [0, 3, 5])
    func aSourceOfTheWrongLengthLeavesTheOldFile(count: Int) throws {
        let folder = try TemporaryFolder()
        try folder.write([42], to: "x")
        let wrong = TensorSource(
            name: "w", elementType: .float32, shape: [], bytes: [UInt8](repeating: 0, count: count))
        #expect(
            problems { try SafeTensorsWriter.write([wrong], to: folder.file("x")) }
                == [.init(key: "w", .byteCountMismatch(expected: 4, actual: count))])
        #expect(try folder.names == ["x"])
        #expect(try MappedFile(path: folder.file("x")).withUnsafeBytes { Array($0) } == [42])
    }

    @Test func aSourceThatThrowsLeavesTheOldFile() throws {
        struct Unreadable: Error {}
        let folder = try TemporaryFolder()
        try folder.write([42], to: "x")
        let failing = TensorSource(name: "w", elementType: .uint8, shape: [1]) { _ in throw Unreadable() }
        #expect(throws: Unreadable.self) { try SafeTensorsWriter.write([small, failing], to: folder.file("x")) }
        #expect(try folder.names == ["x"])
        #expect(try MappedFile(path: folder.file("x")).withUnsafeBytes { Array($0) } == [42])
    }

    @Test func aFullDiskLeavesTheOldFile() throws {
        let folder = try TemporaryFolder()
        try folder.write([42], to: "x")
        for capacity in [0, 10, 1_500_000] {
            var free = capacity
            let put: OutputFile.Write = { descriptor, bytes, count in
                guard free > 0 else {
                    errno = ENOSPC
                    return -1
                }
                let written = Foundation.write(descriptor, bytes, min(count, free))
                free -= written
                return written
            }
            let big = TensorSource(
                name: "b", elementType: .uint8, shape: [2_000_000], bytes: [UInt8](repeating: 7, count: 2_000_000))
            #expect(throws: FileError(operation: "write", path: folder.file("x"), reason: .diskFull)) {
                try write([small, big], put, folder.file("x"))
            }
            #expect(try folder.names == ["x"])
            #expect(try MappedFile(path: folder.file("x")).withUnsafeBytes { Array($0) } == [42])
        }
    }

    @Test func interruptedAndPartialWritesAreContinued() throws {
        let folder = try TemporaryFolder()
        var calls = 0
        try write(
            [small],
            { descriptor, bytes, count in
                calls += 1
                if calls.isMultiple(of: 3) {
                    errno = EINTR
                    return -1
                }
                return Foundation.write(descriptor, bytes, min(count, 5))
            }, folder.file("x"))
        #expect(calls > 10)
        #expect(try SafeTensorsFile(path: folder.file("x"))["new"]?.contiguousBytes() == [1, 2])
    }

    private func write(_ tensors: [TensorSource], _ put: @escaping OutputFile.Write, _ path: String) throws {
        let layout = try SafeTensorsLayout(tensors, metadata: [:], path: path)
        try AtomicFile.write(to: path, put: put) { try SafeTensorsWriter.write(layout, to: $0, path: path) }
    }
}
