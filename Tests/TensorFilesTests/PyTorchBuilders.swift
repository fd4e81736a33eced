@testable import TensorFiles

/// Little-endian bytes of an integer.
func bytes<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian, Array.init)
}

/// Writes pickles opcode by opcode, also such as Python never would.
struct Pickle {
    var bytes: [UInt8] = [0x80, 2]

    static func + (left: Pickle, right: [UInt8]) -> Pickle {
        Pickle(bytes: left.bytes + right)
    }

    static func + (left: Pickle, right: String) -> Pickle {
        left + Array(right.utf8)
    }

    static func text(_ text: String) -> [UInt8] {
        [UInt8(ascii: "X")] + TensorFilesTests.bytes(UInt32(text.utf8.count)) + Array(text.utf8)
    }

    static func int(_ value: Int32) -> [UInt8] {
        [UInt8(ascii: "J")] + TensorFilesTests.bytes(value)
    }

    static func long(_ value: Int) -> [UInt8] {
        [0x8A, 8] + TensorFilesTests.bytes(value)
    }

    static func global(_ module: String, _ name: String) -> [UInt8] {
        Array("c\(module)\n\(name)\n".utf8)
    }

    /// A persistent id of a storage of float32 with the key `0`.
    static func storage(key: [UInt8] = text("0"), count: [UInt8] = int(4), legacy: Bool = false) -> [UInt8] {
        Array("(".utf8) + text("storage") + global("torch", "FloatStorage") + key + text("cpu") + count
            + (legacy ? [UInt8(ascii: "N")] : []) + Array("tQ".utf8)
    }

    /// A tensor of float32 on that storage.
    static func tensor(
        storage: [UInt8] = storage(), offset: [UInt8] = int(0), shape: [[UInt8]] = [int(4)],
        strides: [[UInt8]] = [int(1)]
    ) -> [UInt8] {
        func tuple(_ items: [[UInt8]]) -> [UInt8] { Array("(".utf8) + items.flatMap(\.self) + Array("t".utf8) }
        return global("torch._utils", "_rebuild_tensor_v2")
            + tuple([storage, offset, tuple(shape), tuple(strides), [0x89], Array("}".utf8)]) + Array("R".utf8)
    }
}

/// Writes zip archives of stored records, also damaged ones.
struct Zip {
    var records: [(name: String, data: [UInt8])] = []
    var method: UInt16 = 0
    var flags: UInt16 = 0
    /// Puts all sizes and offsets into the 64-bit fields.
    var wide = false
    var comment: [UInt8] = []

    /// An archive as `torch.save` writes it, with that pickle and a storage of 16 bytes.
    static func checkpoint(_ pickle: Pickle, storage: [UInt8] = [UInt8](0..<16)) -> Zip {
        Zip(records: [
            ("model/data.pkl", pickle.bytes), ("model/byteorder", Array("little".utf8)), ("model/data/0", storage),
        ])
    }

    var bytes: [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for (name, data) in records {
            var checksum = CRC32()
            data.withUnsafeBytes { checksum.update($0) }
            let header = file.count
            let size = wide ? .max : UInt32(data.count)
            let common: [[UInt8]] = [
                number(45 as UInt16), number(flags), number(method), number(0 as UInt32), number(checksum.value),
                number(size), number(size), number(UInt16(name.utf8.count)),
            ]
            let sizes = wide ? number(UInt64(data.count)) + number(UInt64(data.count)) : []
            let localExtra = wide ? number(1 as UInt16) + number(16 as UInt16) + sizes : []
            let extra = wide ? number(1 as UInt16) + number(24 as UInt16) + sizes + number(UInt64(header)) : []
            file += Array("PK\u{3}\u{4}".utf8) + common.flatMap(\.self) + number(UInt16(localExtra.count))
            file += Array(name.utf8) + localExtra + data
            directory += Array("PK\u{1}\u{2}".utf8) + number(45 as UInt16) + common.flatMap(\.self)
            directory += number(UInt16(extra.count)) + [UInt8](repeating: 0, count: 10)
            directory += number(wide ? .max : UInt32(header)) + Array(name.utf8) + extra
        }
        let start = file.count
        file += directory
        if wide {
            let end = file.count
            file += Array("PK\u{6}\u{6}".utf8) + number(44 as UInt64) + [UInt8](repeating: 0, count: 12)
            file += number(UInt64(records.count)) + number(UInt64(records.count))
            file += number(UInt64(directory.count)) + number(UInt64(start))
            file += Array("PK\u{6}\u{7}".utf8) + number(0 as UInt32) + number(UInt64(end)) + number(1 as UInt32)
        }
        let count = wide ? UInt16.max : UInt16(records.count)
        file += Array("PK\u{5}\u{6}".utf8) + number(0 as UInt32) + number(count) + number(count)
        file += number(wide ? .max : UInt32(directory.count)) + number(wide ? .max : UInt32(start))
        return file + number(UInt16(comment.count)) + comment
    }

    private func number(_ value: some FixedWidthInteger) -> [UInt8] { TensorFilesTests.bytes(value) }
}

/// Writes the container of PyTorch before 1.6, part by part.
struct Stream {
    var magic: [UInt8] = [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E]
    var version = (Pickle() + Pickle.int(1001) + ".").bytes
    var machine = (Pickle() + "}" + Pickle.text("little_endian") + [0x88] + "s.").bytes
    var object = (Pickle() + Pickle.tensor(storage: Pickle.storage(legacy: true)) + ".").bytes
    var keys = (Pickle() + "]" + Pickle.text("0") + "a.").bytes
    var storages: [UInt8] = TensorFilesTests.bytes(4) + [UInt8](0..<16)

    var bytes: [UInt8] { magic + version + machine + object + keys + storages }
}
