import Foundation
import Support
import Testing

@testable import TensorFiles

/// Thousands of damaged files, the same on every run: each must be read or refused, never crash, hang or allocate
/// without bound.
@Suite(.timeLimit(.minutes(5)))
struct FuzzTests {
    /// `bytes` with one to four random changes.
    private func mutate(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !bytes.isEmpty else { return bytes }
            let place = Int.random(in: bytes.indices, using: &random)
            let rest = bytes.count - place
            switch Int.random(in: 0..<8, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
            case 2: bytes[place] = [0, 0x7F, 0x80, 0xFF, 0x2E, 0x28].randomElement(using: &random) ?? 0
            case 3: bytes.removeSubrange(place..<place + Int.random(in: 0...min(rest, 9), using: &random))
            case 4: bytes.insert(UInt8.random(in: .min ... .max, using: &random), at: place)
            case 5: bytes.removeLast(Int.random(in: 0...min(rest, 40), using: &random))
            case 6:
                let end = place + Int.random(in: 0...min(rest, 40), using: &random)
                bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: bytes.indices, using: &random))
            default:
                let values = [Int.max, Int.min, -1, 0, 1 << 32, 1 << 62, Int(UInt32.max)]
                for (offset, byte) in TensorFilesTests.bytes(values.randomElement(using: &random) ?? 0).enumerated()
                where place + offset < bytes.count && (offset < 4 || place.isMultiple(of: 2)) {
                    bytes[place + offset] = byte
                }
            }
        }
        return bytes
    }

    /// Reads mutants of `goldens` and everything they still hold; returns how many were read.
    private func run(
        _ goldens: [String], count: Int, seed: UInt64, _ read: (MappedFile) throws -> [StoredTensor]
    ) throws -> Int {
        var random = SeededGenerator(seed: seed)
        let originals = try goldens.map { try Golden.bytes($0) }
        var accepted = 0
        for index in 0..<count {
            let mutant = mutate(originals[index % originals.count], &random)
            do {
                for tensor in try read(MappedFile(mutant)) {
                    // Every element can be reached, wherever the file says it lies.
                    let size = tensor.withUnsafeBytes { $0.reduce(into: 0) { count, _ in count += 1 } }
                    #expect(size == tensor.byteCount)
                }
                accepted += 1
            } catch let error as TensorFileError {
                #expect(!error.problems.isEmpty && !error.description.isEmpty)
            }
        }
        return accepted
    }

    @Test func safeTensors() throws {
        let accepted = try run(["all.safetensors"], count: 3000, seed: 11) { try SafeTensorsFile($0).tensors }
        #expect((1..<3000).contains(accepted))
    }

    @Test func archives() throws {
        let goldens = ["plain.pth", "views.pth", "nested.pth", "nested.protocol4.pth", "objects.pth", "deflated.pth"]
        let accepted = try run(goldens, count: 3000, seed: 12) { try PyTorchFile($0).tensors }
        #expect((1..<3000).contains(accepted))
    }

    @Test func streams() throws {
        let goldens = ["plain.legacy.pth", "views.legacy.pth", "nested.legacy.pth", "objects.legacy.pth"]
        let accepted = try run(goldens, count: 3000, seed: 13) { try PyTorchFile($0).tensors }
        #expect((1..<3000).contains(accepted))
    }

    /// Random opcodes reach states that no mutation of a sound pickle does.
    @Test func opcodes() throws {
        var random = SeededGenerator(seed: 14)
        let alphabet =
            Array(".N]})t(0122aaeeusdlRbQqqhhKKJXco".utf8) + [
                0x81, 0x85, 0x86, 0x87, 0x8F, 0x90, 0x91, 0x92, 0x93, 0x94,
            ]
        var accepted = 0
        for _ in 0..<5000 {
            var pickle = Pickle() + Pickle.global("collections", "OrderedDict") + Pickle.global("builtins", "set")
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                let opcode = alphabet.randomElement(using: &random) ?? 0
                switch opcode {
                case UInt8(ascii: "c"): pickle = pickle + Pickle.global("m", "C")
                case UInt8(ascii: "X"): pickle = pickle + Pickle.text("k")
                case UInt8(ascii: "J"): pickle = pickle + Pickle.int(Int32.random(in: -3...3, using: &random))
                case UInt8(ascii: "K"), UInt8(ascii: "q"), UInt8(ascii: "h"):
                    pickle = pickle + [opcode, UInt8.random(in: 0..<4, using: &random)]
                default: pickle = pickle + [opcode]
                }
            }
            do {
                _ = try PyTorchFile(MappedFile(Zip.checkpoint(pickle + ".").bytes))
                accepted += 1
            } catch let error as TensorFileError {
                #expect(!error.problems.isEmpty)
            }
        }
        #expect((1..<5000).contains(accepted))
    }
}
