import Testing

@testable import TensorFiles

/// Pickles that Python would never write.
struct PickleMachineTests {
    private func run(_ pickle: Pickle) throws -> PickleValue {
        try PyTorchFile(MappedFile(Zip.checkpoint(pickle).bytes)).root
    }

    private func reason(
        _ pickle: Pickle, sourceLocation: SourceLocation = #_sourceLocation
    ) -> String {
        let found = problems(sourceLocation: sourceLocation) { try run(pickle) }
        guard case .malformedPickle(_, let reason)? = found.first?.fault else { return "\(found)" }
        return reason
    }

    @Test func theStackAndTheMarksAreGuarded() {
        for opcodes in [".", "R", "a", "0", "2", "q\u{0}", "(.", "Q", "b", "]a", "}K\u{1}s", "NN(R"] {
            #expect(reason(Pickle() + opcodes + ".") == "the stack is empty", "\(opcodes)")
        }
        for opcodes in ["t", "l", "d", "e", "u", "1", "NNt"] {
            #expect(reason(Pickle() + opcodes + ".") == "there is no mark on the stack", "\(opcodes)")
        }
    }

    @Test func operandsOfTheWrongKindAreRefused() {
        #expect(reason(Pickle() + "NNa.") == "items are appended to what is not a list")
        #expect(reason(Pickle() + "NNNs.") == "items are set in what is not a dictionary")
        #expect(reason(Pickle() + "}(Nu.") == "a key has no value")
        #expect(reason(Pickle() + "h\u{7}.") == "nothing is remembered under 7")
        #expect(
            reason(Pickle() + [UInt8(ascii: "j")] + bytes(UInt32.max) + ".") == "nothing is remembered under 4294967295"
        )
        #expect(reason(Pickle() + "NN" + [0x93] + ".") == "the name of a global is not a string")
        #expect(reason(Pickle() + "NNb.") == "an object has a state that is not understood")
        #expect(reason(Pickle() + "V.") == "opcode 0x56 is not supported")
        #expect(reason(Pickle() + "I1x\n.") == "a number is not one of at most 64 bits")
        #expect(reason(Pickle(bytes: [0x80, 6]) + "N.") == "protocol 6 is not supported")
        #expect(reason(Pickle() + [UInt8(ascii: "X"), 1, 0, 0, 0, 0xFF] + ".") == "a string is not UTF-8")
        #expect(reason(Pickle() + [0x95] + bytes(1 << 40) + "N.") == "a frame is longer than the file")
        #expect(
            reason(Pickle() + "}(" + Pickle.text("a") + "N" + Pickle.text("a") + "Nu.")
                == "a key occurs twice in a dictionary")
        #expect(
            reason(
                Pickle() + Pickle.global("collections", "OrderedDict") + ")}" + Pickle.text("k") + "Ns" + [0x92] + ".")
                == "a constructor has keyword arguments")
    }

    @Test func lengthsBeyondTheFileAllocateNothing() {
        let huge: [[UInt8]] = [
            [UInt8(ascii: "X")] + bytes(UInt32.max), [0x8D] + bytes(Int.max), [0x8D] + bytes(UInt64.max),
            [0x8E] + bytes(UInt64.max), [0x96] + bytes(Int.max), [UInt8(ascii: "B")] + bytes(UInt32.max),
            [0x8B] + bytes(Int32.max), [0x8B] + bytes(Int32.min), [UInt8(ascii: "T")] + bytes(Int32(-1)),
        ]
        for opcode in huge {
            let found = problems { try run(Pickle() + opcode + ".") }
            guard case .unexpectedEnd? = found.first?.fault else {
                Issue.record("\(opcode): \(found)")
                continue
            }
        }
    }

    @Test func depthAndRingsAreRefused() throws {
        let tooDeep = "objects are nested more than 100 deep, or in a ring"
        #expect(reason(Pickle() + "N" + [UInt8](repeating: 0x85, count: 500_000) + ".") == tooDeep)
        #expect(
            reason(
                Pickle() + [UInt8](repeating: UInt8(ascii: "]"), count: 200_000)
                    + [UInt8](repeating: UInt8(ascii: "a"), count: 199_999) + ".") == tooDeep)
        #expect(reason(Pickle() + "]q\u{0}h\u{0}a.") == tooDeep)
        #expect(reason(Pickle() + "}q\u{0}" + Pickle.text("k") + "h\u{0}s.") == tooDeep)
        #expect(throws: Never.self) { try run(Pickle() + "N" + [UInt8](repeating: 0x85, count: 100) + ".") }
        #expect(reason(Pickle() + "N" + [UInt8](repeating: 0x85, count: 101) + ".") == tooDeep)
    }

    @Test func repetitionIsBounded() {
        // Each step holds the one before twice: 2^60 objects.
        let doubling = (0..<60).reduce(Pickle() + "N") { pickle, _ in pickle + "2" + [0x86] }
        #expect(reason(doubling + ".") == "it repeats its objects too often")
        // Ten thousand times the work of a key of a hundred thousand bytes.
        let key = String(repeating: "k", count: 100_000)
        var keys = Pickle() + Pickle.text(key) + "q\u{0}0"
        for _ in 0..<10_000 { keys = Pickle(bytes: keys.bytes + Array("}h\u{0}Ns0".utf8)) }
        #expect(reason(keys + "N.") == "it repeats too much work")
        // A long key above many tensors.
        let long = String(repeating: "n", count: 1_000_000)
        let names = Pickle() + "}" + Pickle.text(long) + "](" + Pickle.tensor() + "q\u{1}"
        let repeated = names + Array(repeating: Array("h\u{1}".utf8), count: 100).flatMap(\.self) + "es."
        #expect(reason(repeated) == "the names of its tensors are too long")
    }

    @Test func integersOfEveryLengthAreRead() throws {
        let cases: [([UInt8], PickleValue)] = [
            ([0x8A, 0], .int(0)), ([0x8A, 1, 0xFF], .int(-1)), ([0x8A, 1, 0x7F], .int(127)),
            ([0x8A, 2, 0xFF, 0x00], .int(255)), ([0x8A, 3, 0x00, 0x00, 0x80], .int(-8_388_608)),
            ([0x8A, 8] + bytes(Int.min), .int(.min)), ([0x8B, 2, 0, 0, 0, 1, 1], .int(257)),
            ([0x8A, 9] + bytes(UInt64.max) + [0], .bigInteger(littleEndian: bytes(UInt64.max) + [0])),
            ([UInt8(ascii: "J")] + bytes(Int32(-5)), .int(-5)), ([UInt8(ascii: "M"), 1, 2], .int(513)),
        ]
        for (opcode, value) in cases { #expect(try run(Pickle() + opcode + ".") == value) }
    }

    /// Whatever is done with an object that is not understood, the rest of the pickle is there.
    @Test func objectsThatAreNotUnderstoodAreNamed() throws {
        func read(_ opcodes: [UInt8]) throws -> PickleValue? {
            let start = Pickle() + "}(" + Pickle.text("t") + Pickle.tensor() + Pickle.text("o")
            let root = try run(start + opcodes + "u.")
            guard case .tensor? = root["t"] else { return nil }
            return root["o"]
        }
        let made = Pickle.global("m", "C")
        func text(_ opcodes: String) -> [UInt8] { Array(opcodes.utf8) }
        let object = PickleValue.object("m.C")
        #expect(try read(made) == object)
        #expect(try read(made + text(")R")) == object)
        #expect(try read(made + text(")") + [0x81]) == object)
        #expect(try read(made + text(")}") + Pickle.text("k") + text("Ns") + [0x92]) == object)
        #expect(try read(made + text(")R}") + Pickle.text("w") + Pickle.tensor() + text("sb")) == object)
        #expect(try read(text("(K\u{1}im\nC\n")) == object)
        #expect(try read(text("(") + made + text("K\u{1}o")) == object)
        #expect(try read(made + text("(I01\nL5L\ntR)R")) == object)
        // What makes an object of its first argument.
        #expect(try read(Pickle.global("copy_reg", "_reconstructor") + text("(") + made + text("NNtR")) == object)
        #expect(
            try read(Pickle.global("__builtin__", "getattr") + text("(") + made + Pickle.text("x") + text("tR"))
                == object)
        // What is made of it by what is understood.
        #expect(try read(Pickle.global("builtins", "set") + made + [0x85] + text("R")) == .object("builtins.set"))
        #expect(try read(Pickle.global("collections", "defaultdict") + made + [0x85] + text("R")) == .dictionary([]))
        // Numbers with their most significant byte first are not taken for others, found again or not.
        let type = Pickle.global("numpy", "dtype") + text("(") + Pickle.text("i2") + text("NNtRq\u{6}")
        let scalar = Pickle.global("numpy.core.multiarray", "scalar")
        let value = text("C\u{2}") + [1, 0] + text("tR")
        for (order, expected) in [("<", PickleValue.int(1)), (">", .object("numpy.i2"))] {
            let state = text("(K\u{3}") + Pickle.text(order) + text("tb")
            #expect(try read(scalar + text("(") + type + state + value) == expected)
            #expect(try read(type + state + text("0") + scalar + text("(h\u{6}") + value) == expected)
        }
        // Kinds of dictionaries and lists.
        let entry = PickleValue.Entry(key: .string("k"), value: .int(1))
        #expect(try read(made + text(")R") + Pickle.text("k") + text("K\u{1}s}b")) == .dictionary([entry]))
        #expect(try read(made + text(")R(K\u{1}K\u{2}e")) == .list([.int(1), .int(2)]))
        // A ring through its state, which is not looked at.
        #expect(try read(made + text(")Rq\u{5}}") + Pickle.text("me") + text("h\u{5}sb")) == object)
    }

    @Test func marksCanBeDropped() throws {
        #expect(try run(Pickle() + "K\u{1}(0.") == .int(1))
        #expect(try run(Pickle() + "K\u{1}(NN1.") == .int(1))
        #expect(try run(Pickle() + "(K\u{1}K\u{2}d.") == .dictionary([.init(key: .int(1), value: .int(2))]))
        #expect(try run(Pickle() + "(K\u{1}l.") == .list([.int(1)]))
    }

    @Test func pairsMakeAnOrderedDictionary() throws {
        let pairs =
            Pickle() + Pickle.global("collections", "OrderedDict") + "(]" + "]" + Pickle.text("a") + "aK\u{1}aatR."
        #expect(try run(pairs) == .dictionary([.init(key: .string("a"), value: .int(1))]))
    }
}
