import Foundation
import Support
import Testing

@testable import TensorFiles

struct StoredTensorTests {
    /// A storage of the numbers 0, 1, 2, ….
    private func storage(_ count: Int32) throws -> StorageRegion {
        let bytes = (0..<count).flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
        return try StorageRegion(file: MappedFile(bytes), offset: 0, byteCount: bytes.count)
    }

    private func tensor(
        _ shape: [Int], _ strides: [Int]? = nil, offset: Int = 0, of storage: StorageRegion
    ) throws -> StoredTensor {
        try StoredTensor(
            name: "t", elementType: .int32, shape: shape, strides: strides, storage: storage, storageOffset: offset)
    }

    @Test func gatherAgreesWithIndexArithmetic() throws {
        var random = SeededGenerator(seed: 1)
        let storage = try storage(2000)
        for _ in 0..<300 {
            let rank = Int.random(in: 0...5, using: &random)
            let shape = (0..<rank).map { _ in Int.random(in: 0...4, using: &random) }
            // Strides of a shuffled layout, with gaps and repeats now and then.
            let strides = (0..<rank).map { _ in [0, 1, 2, 3, 4, 12, 24, 64].randomElement(using: &random) ?? 1 }
            let offset = Int.random(in: 0...20, using: &random)
            let tensor = try tensor(shape, strides, offset: offset, of: storage)

            var expected: [Int32] = []
            for position in 0..<shape.reduce(1, *) {
                var rest = position
                var index = offset
                for dimension in shape.indices.reversed() {
                    index += rest % shape[dimension] * strides[dimension]
                    rest /= shape[dimension]
                }
                expected.append(Int32(index))
            }
            #expect(try tensor.elements(as: Int32.self) == expected, "\(shape) \(strides)")
        }
    }

    @Test func contiguityIsThatOfPyTorch() throws {
        let storage = try storage(24)
        #expect(try tensor([2, 3, 4], of: storage).isContiguous)
        #expect(try tensor([2, 3, 4], of: storage).strides == [12, 4, 1])
        #expect(try tensor([], of: storage).isContiguous)
        #expect(try tensor([0, 3], [7, 9], of: storage).isContiguous)
        #expect(try tensor([2, 1, 4], [4, 99, 1], of: storage).isContiguous)
        #expect(try tensor([1], [Int.max], of: storage).isContiguous)
        #expect(try !tensor([4, 6], [1, 4], of: storage).isContiguous)
        #expect(try !tensor([2, 3], [0, 1], of: storage).isContiguous)
        #expect(try !tensor([2, 3], [4, 1], of: storage).isContiguous)
    }

    @Test func aContiguousTensorIsNotCopied() throws {
        let storage = try storage(24)
        let tensor = try tensor([2, 3], offset: 4, of: storage)
        let start = storage.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        #expect(tensor.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } == start + 16)
    }

    @Test func strideOfASingletonIsNeverSteppedAlong() throws {
        let tensor = try tensor([1, 2, 1, 2], [Int.max, 2, Int.max, 1], offset: 3, of: storage(24))
        #expect(try tensor.elements(as: Int32.self) == [3, 4, 5, 6])
        let gapped = try self.tensor([2, 1, 2], [4, Int.max, 1], offset: 3, of: storage(24))
        #expect(try gapped.elements(as: Int32.self) == [3, 4, 7, 8])
    }

    @Test func whatReachesOutsideIsRefused() throws {
        let storage = try storage(24)
        func fault(_ shape: [Int], _ strides: [Int]? = nil, offset: Int = 0) -> TensorFileFault? {
            problems { try tensor(shape, strides, offset: offset, of: storage) }.first?.fault
        }
        func outside(_ shape: [Int], _ strides: [Int], _ offset: Int) -> TensorFileFault {
            .outsideStorage(shape: shape, strides: strides, offset: offset, storageBytes: 96)
        }
        #expect(try tensor([24], of: storage).elementCount == 24)
        #expect(fault([25]) == outside([25], [1], 0))
        #expect(fault([24], offset: 1) == outside([24], [1], 1))
        #expect(fault([], offset: 24) == outside([], [], 24))
        #expect(fault([2, 2], [23, 1]) == outside([2, 2], [23, 1], 0))
        #expect(fault([2], [Int.max]) == .sizeOverflow([Int.max, 0]))
        #expect(
            fault([2, 2], [Int.max / 2 + 1, Int.max / 2 + 1]) == .sizeOverflow([Int.max / 2 + 1, Int.max / 2 + 1, 0]))
        #expect(fault([], offset: Int.max) == .sizeOverflow([Int.max]))
        #expect(fault([], offset: Int.max / 2) == .sizeOverflow([Int.max / 2]))
        #expect(fault([-1]) == .negativeExtent([-1]))
        #expect(fault([2], [-1], offset: 3) == .negativeExtent([-1, 3]))
        #expect(fault([2], offset: -1) == .negativeExtent([1, -1]))
        #expect(fault([2, 3], [1]) == .rankMismatch(shape: [2, 3], strides: [1]))
        #expect(fault([1 << 31, 1 << 31]) == .sizeOverflow([1 << 31, 1 << 31]))
        #expect(fault([1 << 62, 0, 4]) == .sizeOverflow([1 << 62, 0, 4]))
        #expect(fault([Int](repeating: 1, count: 65)) == .tooManyDimensions(65))
        #expect(fault([1 << 40], [0]) == .expansionTooLarge(bytes: 1 << 42))
        let key = problems { try tensor([25], of: storage) }.first?.key
        #expect(key == "t")
    }

    @Test func readingAsAnotherTypeIsRefused() throws {
        let tensor = try tensor([2], of: storage(2))
        #expect(
            problems { try tensor.elements(as: Float.self) }
                == [.init(key: "t", .elementTypeMismatch(expected: [.float32], actual: .int32))])
        var short = [UInt8](repeating: 0, count: 7)
        let copied = problems { try short.withUnsafeMutableBytes { try tensor.copyBytes(to: $0) } }
        #expect(copied == [.init(key: "t", .byteCountMismatch(expected: 8, actual: 7))])
        var exact = [UInt8](repeating: 9, count: 8)
        try exact.withUnsafeMutableBytes { try tensor.copyBytes(to: $0) }
        #expect(exact == [0, 0, 0, 0, 1, 0, 0, 0])
    }
}

struct ElementTypeTests {
    @Test func everyNameLeadsBackToItsType() {
        for type in ElementType.allCases {
            #expect(ElementType(torchName: type.torchName) == type)
            if let name = type.safeTensorsName { #expect(ElementType(safeTensorsName: name) == type) }
            if let name = type.torchStorageName { #expect(ElementType(torchStorageName: name) == type) }
        }
        #expect(Set(ElementType.allCases.map(\.torchName)).count == ElementType.allCases.count)
        #expect(Set(ElementType.allCases.compactMap(\.safeTensorsName)).count == ElementType.allCases.count - 2)
        #expect(ElementType(torchName: "quint8") == nil)
        #expect(ElementType(safeTensorsName: "F4") == nil)
        #expect(ElementType(torchStorageName: "QInt8Storage") == nil)
    }

    @Test func sizesAreThoseOfTheirSwiftNumbers() {
        func check<Number: StoredElement>(_ type: Number.Type) {
            for elementType in Number.elementTypes { #expect(elementType.byteSize == MemoryLayout<Number>.size) }
        }
        check(UInt8.self)
        check(Int8.self)
        check(Int16.self)
        check(UInt16.self)
        check(Int32.self)
        check(UInt32.self)
        check(Int64.self)
        check(UInt64.self)
        check(Float.self)
        check(Double.self)
        #expect(ElementType.complex32.byteSize == 2 * ElementType.float16.byteSize)
        #expect(ElementType.complex64.byteSize == 2 * ElementType.float32.byteSize)
        #expect(ElementType.complex128.byteSize == 2 * ElementType.float64.byteSize)
    }

    @Test func layoutRankKeepsTensorsAligned() {
        let written = ElementType.allCases.filter { $0.safeTensorsName != nil }
            .sorted { $0.layoutRank > $1.layoutRank }
        for (earlier, later) in zip(written, written.dropFirst()) {
            #expect(earlier.byteSize.isMultiple(of: later.byteSize))
        }
    }
}

struct MappedFileTests {
    @Test func lendsTheBytesOfTheFile() throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let file = try MappedFile(path: folder.write(bytes, to: "a"))
        #expect(file.byteCount == bytes.count)
        #expect(file.withUnsafeBytes { Array($0) } == bytes)
        // The contents stay when the name is gone.
        try FileManager.default.removeItem(atPath: folder.file("a"))
        #expect(file.withUnsafeBytes { $0[9_999] } == bytes[9_999])
    }

    @Test func anEmptyFileHasNoBytes() throws {
        let folder = try TemporaryFolder()
        let file = try MappedFile(path: folder.write([], to: "empty"))
        #expect(file.byteCount == 0)
        #expect(file.withUnsafeBytes { $0.isEmpty })
        #expect(MappedFile([]).withUnsafeBytes { $0.isEmpty })
    }

    @Test func whatIsNoFileIsRefused() throws {
        let folder = try TemporaryFolder()
        let missing = folder.file("missing")
        #expect(
            problems { try MappedFile(path: missing) } == [.init(.system(call: "open", code: ENOENT))])
        #expect(problems { try MappedFile(path: folder.path) } == [.init(.notARegularFile)])
        // Opening a pipe must not wait for somebody to write to it.
        #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
        #expect(problems { try MappedFile(path: folder.file("pipe")) } == [.init(.notARegularFile)])
        let error = #expect(throws: TensorFileError.self) { try MappedFile(path: missing) }
        #expect(error?.description == "\(missing): open failed: No such file or directory")
    }

    @Test func regionsStayWithinTheFile() throws {
        let file = MappedFile([1, 2, 3, 4])
        let region = try StorageRegion(file: file, offset: 1, byteCount: 2)
        #expect(region.withUnsafeBytes { Array($0) } == [2, 3])
        #expect(try StorageRegion(file: file, offset: 4, byteCount: 0).byteCount == 0)
        for (offset, count) in [(0, 5), (5, 0), (-1, 1), (1, -1), (4, 1), (1, Int.max), (Int.max, Int.max)] {
            #expect(
                problems { try StorageRegion(file: file, offset: offset, byteCount: count) }
                    == [.init(.unexpectedEnd(offset: offset, needed: count))])
        }
    }

    @Test func textFromAFileCannotDriveTheTerminal() {
        #expect(quoted("a\u{1B}[2J\"\n") == #""a\u{1b}[2J\"\u{a}""#)
        #expect(quoted(String(repeating: "x", count: 1000)).count == 123)
    }
}
