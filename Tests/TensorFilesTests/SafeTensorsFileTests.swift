import Testing

@testable import TensorFiles

/// A safetensors file with any header whatever, followed by `data` zero bytes.
func safeTensors(_ header: String, data: Int = 0, length: UInt64? = nil) -> [UInt8] {
    let text = Array(header.utf8)
    let length = length ?? UInt64(text.count)
    return withUnsafeBytes(of: length.littleEndian, Array.init) + text + [UInt8](repeating: 0, count: data)
}

struct SafeTensorsFileTests {
    private func faults(_ header: String, data: Int = 0) -> [TensorFileError.Problem] {
        problems { try SafeTensorsFile(MappedFile(safeTensors(header, data: data))) }
    }

    /// The header of one tensor `a` of four bytes, with a field replaced.
    private func entry(dtype: String = "\"U8\"", shape: String = "[4]", offsets: String = "[0,4]") -> String {
        #"{"a":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}}"#
    }

    @Test func readsWhatPythonWrote() throws {
        let file = try SafeTensorsFile(path: Golden.path("all.safetensors"))
        let expected = try Golden.tensors("safetensors")
        #expect(file.metadata == ["format": "pt"])
        #expect(file.tensors.count == expected.count)
        // Python orders the tensors in the file by type and name.
        let inFileOrder = try expected.map { try #require(file[$0.name]) }
        Golden.compare(inFileOrder, expected)
        #expect(file["a.scalar"]?.shape == [])
        #expect(file["missing"] == nil)
        #expect(Set(file.names) == Set(expected.map(\.name)))

        let none = try SafeTensorsFile(path: Golden.path("none.safetensors"))
        #expect(none.tensors.isEmpty && none.metadata.isEmpty)
    }

    @Test func namesKeepTheOrderOfTheHeader() throws {
        let header = #"""
            {"z":{"data_offsets":[1,2],"dtype":"U8","shape":[1]}, "b\u00e9\ud83d\ude00":
            {"dtype":"I8","shape":[],"data_offsets":[0,1]},"__metadata__":{"k\"":"v\\\/\n"}}
            """#
        let file = try SafeTensorsFile(MappedFile(safeTensors(header + "  ", data: 2)))
        #expect(file.names == ["z", "bé😀"])
        #expect(file.metadata == ["k\"": "v\\/\n"])
    }

    @Test func aWrongLengthIsRefused() {
        func fault(_ bytes: [UInt8]) -> [TensorFileError.Problem] {
            problems { try SafeTensorsFile(MappedFile(bytes)) }
        }
        #expect(fault([]) == [.init(.unexpectedEnd(offset: 0, needed: 8))])
        #expect(fault([1, 2, 3]) == [.init(.unexpectedEnd(offset: 0, needed: 8))])
        #expect(fault(safeTensors("{}", length: 3)) == [.init(.headerBeyondFile(length: 3, available: 2))])
        #expect(
            fault(safeTensors("{}", length: .max)) == [.init(.headerBeyondFile(length: .max, available: 2))])
        #expect(fault(safeTensors("", length: 0)) == [.init(.malformedHeader(offset: 8, expected: "a JSON object"))])
        let long = [UInt8](repeating: 0x20, count: 100_000_001)
        let bytes = withUnsafeBytes(of: UInt64(long.count).littleEndian, Array.init) + long
        #expect(fault(bytes) == [.init(.headerTooLong(length: 100_000_001))])
    }

    @Test(arguments: [
        ("[]", 0, "'{', which must come first"),
        (" {}", 0, "'{', which must come first"),
        ("{", 1, "a key"),
        ("{\"a\"", 4, "':'"),
        ("{\"a\":3}", 5, "an object with dtype, shape and data_offsets"),
        ("{\"a\":null}", 5, "an object with dtype, shape and data_offsets"),
        ("{\"a", 3, "a closing '\"'"),
        ("{\"a\n\":", 3, "a closing '\"'"),
        ("{\"a\\q\":{}}", 3, "a JSON escape"),
        ("{\"\\ud800x\":{}}", 8, "the second half of a surrogate pair"),
        ("{\"\\ud800\\u0041\":{}}", 2, "a valid surrogate pair"),
        ("{\"\\udc00\":{}}", 2, "a valid surrogate pair"),
        ("{\"\\u12g4\":{}}", 6, "four hexadecimal digits"),
        ("{}}", 2, "the end of the header"),
        ("{}x", 2, "the end of the header"),
        ("{\"__metadata__\":[]}", 16, "an object of strings"),
        ("{\"__metadata__\":{\"a\":1}}", 21, "a string"),
        ("{\"__metadata__\":{\"a\":\"b\",}}", 25, "a key"),
        ("{\"__metadata__\":{\"a\":\"b\"]", 24, "',' or '}'"),
    ])
    func brokenJSONIsRefusedWithItsPlace(header: String, offset: Int, expected: String) {
        let found = faults(header).map(\.fault)
        #expect(found == [.malformedHeader(offset: 8 + offset, expected: expected)])
    }

    @Test(arguments: [
        "1.0", "1e2", "01", "-", "\"4\"", "[4]", "9223372036854775808", "99999999999999999999999", "null", "+4", "",
    ])
    func whatIsNoIntegerIsRefused(number: String) {
        let found = faults(entry(shape: "[\(number)]"), data: 4)
        guard number.isEmpty == false else {
            // An empty shape is a scalar, of one byte.
            #expect(found == [.init(key: "a", .byteCountMismatch(expected: 1, actual: 4))])
            return
        }
        #expect(found.count == 1)
        #expect(found.first?.key == "a")
        switch found.first?.fault {
        case .malformedHeader(let offset, _): #expect((36...60).contains(offset))
        default: Issue.record("\(found)")
        }
    }

    @Test func bytesThatAreNotUTF8AreRefused() {
        var bytes = safeTensors("{\"ab\":1}")
        bytes[10] = 0xFF
        #expect(problems { try SafeTensorsFile(MappedFile(bytes)) } == [.init(.headerNotUTF8(offset: 10))])
    }

    @Test func deepNestingDoesNotOverflowTheStack() {
        let deep = "{\"a\":" + String(repeating: "[", count: 1_000_000)
        #expect(faults(deep).count == 1)
        let objects = String(repeating: "{\"a\":", count: 200_000)
        #expect(faults(objects).count == 1)
    }

    @Test func aKeyThatOccursTwiceIsRefused() {
        let tensor = #""a":{"dtype":"U8","shape":[],"data_offsets":[0,1]}"#
        #expect(faults("{\(tensor),\(tensor)}", data: 1) == [.init(key: "a", .duplicateKey(offset: 60))])
        let field = #"{"a":{"dtype":"U8","dtype":"U8","shape":[],"data_offsets":[0,1]}}"#
        #expect(faults(field, data: 1) == [.init(key: "a.dtype", .duplicateKey(offset: 27))])
        let pair = #"{"__metadata__":{"x":"1","x":"2"}}"#
        #expect(faults(pair) == [.init(key: "x", .duplicateKey(offset: 33))])
        let both = #"{"__metadata__":{},"__metadata__":{}}"#
        #expect(faults(both) == [.init(key: "__metadata__", .duplicateKey(offset: 27))])
    }

    @Test func aBadEntryIsRefused() {
        func fault(_ header: String, data: Int = 4) -> [TensorFileFault] {
            let found = faults(header, data: data)
            #expect(found.allSatisfy { $0.key == "a" })
            return found.map(\.fault)
        }
        #expect(fault(entry(dtype: "\"F4\"")) == [.unknownElementType("F4")])
        #expect(fault(entry(shape: "[-4]")) == [.negativeExtent([-4])])
        #expect(fault(entry(shape: "[2,2,2]")) == [.byteCountMismatch(expected: 8, actual: 4)])
        #expect(fault(entry(dtype: "\"F64\"")) == [.byteCountMismatch(expected: 32, actual: 4)])
        let huge = "[4611686018427387904,4611686018427387904,2]"
        #expect(
            fault(entry(shape: huge)) == [.sizeOverflow([4_611_686_018_427_387_904, 4_611_686_018_427_387_904, 2])])
        #expect(fault(entry(offsets: "[4,0]")) == [.invalidOffsets(begin: 4, end: 0)])
        #expect(fault(entry(offsets: "[-4,0]")) == [.invalidOffsets(begin: -4, end: 0)])
        #expect(fault(entry(offsets: "[1,5]")) == [.offsetsBeyondData(begin: 1, end: 5, dataBytes: 4)])
        let max = "[0,9223372036854775807]"
        #expect(fault(entry(offsets: max)) == [.offsetsBeyondData(begin: 0, end: .max, dataBytes: 4)])
        #expect(fault(entry(offsets: "[0]")) == [.missingField("data_offsets")])
        #expect(fault(#"{"a":{}}"#) == [.missingField("dtype"), .missingField("shape"), .missingField("data_offsets")])
        let extra = #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"strides":[1]}}"#
        #expect(fault(extra) == [.unknownField("strides")])
        let ranks = "[" + [String](repeating: "1", count: 65).joined(separator: ",") + "]"
        #expect(
            fault(entry(shape: ranks))
                == [.malformedHeader(offset: 35, expected: "at most 64 numbers")])
        let triple = fault(entry(offsets: "[0,4,4]"))
        #expect(triple == [.malformedHeader(offset: 54, expected: "at most 2 numbers")])
    }

    @Test func bytesThatNoOrTwoTensorsOwnAreRefused() {
        func two(_ first: String, _ second: String) -> String {
            #"{"a":{"dtype":"U8","shape":[2],"data_offsets":\#(first)},"#
                + #""b":{"dtype":"U8","shape":[2],"data_offsets":\#(second)}}"#
        }
        #expect(faults(two("[0,2]", "[2,4]"), data: 5) == [.init(.trailingBytes(count: 1))])
        #expect(faults(two("[0,2]", "[3,5]"), data: 5) == [.init(key: "b", .hole(gap: 2..<3))])
        #expect(faults(two("[3,5]", "[1,3]"), data: 5) == [.init(key: "b", .hole(gap: 0..<1))])
        let overlap = faults(two("[0,2]", "[1,3]"), data: 3)
        #expect(overlap == [.init(key: "b", .overlap(begin: 1, other: "a", otherEnd: 2))])
        #expect(faults(two("[0,2]", "[0,2]"), data: 2).count == 1)
        #expect(faults("{}", data: 1) == [.init(.trailingBytes(count: 1))])
    }

    @Test func everyBadEntryIsReported() {
        let header = #"""
            {"a":{"dtype":"X","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[-1],"data_offsets":[3,1]},
            "c":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}
            """#
        #expect(
            faults(header, data: 4) == [
                .init(key: "a", .unknownElementType("X")),
                .init(key: "b", .invalidOffsets(begin: 3, end: 1)),
                .init(key: "b", .negativeExtent([-1])),
            ])
        let error = TensorFileError(path: "w.safetensors", problems: faults(header, data: 4))
        #expect(error.description.hasPrefix("w.safetensors: 3 problems\n  \"a\": has the unsupported dtype \"X\""))
    }
}
