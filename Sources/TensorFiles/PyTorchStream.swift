/// The container of `torch.save` before PyTorch 1.6: pickles of a magic number, a version, facts about the machine, the
/// object, and the keys of its storages; then each storage as a 64-bit number of elements and the elements.
struct PyTorchStream {
    /// The magic number `0x1950a86a20f9469cfc6c`, least significant byte first.
    private static let magicNumber: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
    private static let protocolVersion = 1001

    private let file: MappedFile

    init(_ file: MappedFile) {
        self.file = file
    }

    /// Everything that the file holds, and the names of what is not understood.
    func read() throws -> (root: PickleValue, unknown: [String]) {
        var cursor = ByteCursor(file: file, range: 0..<file.byteCount)
        guard case .bigInteger(Self.magicNumber) = try PickleMachine.run(&cursor).root else {
            throw file.error(.notAPyTorchFile("it is a pickle, but does not begin with PyTorch's magic number"))
        }
        guard case .int(Self.protocolVersion) = try PickleMachine.run(&cursor).root else {
            throw file.error(.notAPyTorchFile("its version is not \(Self.protocolVersion)"))
        }
        try checkMachine(try PickleMachine.run(&cursor))
        let graph = try PickleMachine.run(&cursor)
        let keys = try storageKeys(&cursor)
        let regions = try placeStorages(keys, of: graph, &cursor)
        guard cursor.remaining == 0 else { throw file.error(.trailingBytes(count: cursor.remaining)) }

        let root = try graph.value(of: file) { storage in
            guard let region = regions[storage.key] else { throw file.error(key: storage.key, .missingRecord) }
            guard region.byteCount == storage.byteCount else {
                throw file.error(
                    key: storage.key,
                    .byteCountMismatch(expected: storage.byteCount, actual: region.byteCount))
            }
            return region
        }
        return (root, graph.unknownGlobals)
    }

    /// Refuses storages of a big-endian machine.
    private func checkMachine(_ facts: PickleGraph) throws {
        guard case .dictionary(let index) = facts.root else {
            throw file.error(.notAPyTorchFile("it does not describe the machine that wrote it"))
        }
        for case (.string("little_endian"), .bool(false)) in facts.dictionaries[index].entries {
            throw file.error(.bigEndian)
        }
    }

    private func storageKeys(_ cursor: inout ByteCursor) throws -> [String] {
        let start = cursor.offset
        let graph = try PickleMachine.run(&cursor)
        guard case .list(let index) = graph.root else {
            throw file.error(.malformedPickle(offset: start, "the keys of the storages are not a list"))
        }
        return try graph.sequences[index].map { item in
            guard case .string(let key) = item else {
                throw file.error(.malformedPickle(offset: start, "the key of a storage is not a string"))
            }
            return key
        }
    }

    /// Finds the bytes of each storage, which follow each other in the order of their keys.
    private func placeStorages(
        _ keys: [String], of graph: PickleGraph, _ cursor: inout ByteCursor
    ) throws -> [String: StorageRegion] {
        // The number of elements is counted in the type by which the storage is mentioned first.
        let elementTypes = Dictionary(graph.storages.map { ($0.key, $0.elementType) }) { first, _ in first }
        var regions: [String: StorageRegion] = [:]
        for key in keys {
            guard let type = elementTypes[key] else {
                throw file.error(
                    key: key, .malformedPickle(offset: cursor.offset, "no tensor refers to this storage"))
            }
            guard regions[key] == nil else { throw file.error(key: key, .duplicateKey(offset: cursor.offset)) }
            let count = try cursor.byteCount64()
            let (byteCount, overflow) = count.multipliedReportingOverflow(by: type.byteSize)
            guard !overflow else {
                throw file.error(key: key, .unexpectedEnd(offset: cursor.offset, needed: Int.max))
            }
            let offset = try cursor.skip(byteCount)
            regions[key] = try StorageRegion(file: file, offset: offset, byteCount: byteCount)
        }
        return regions
    }
}
