/// What accidents and mischief make of a text: bytes changed, parts lost or doubled, words put where numbers were. The same on
/// every run.
public struct Mutations: Sequence, IteratorProtocol {
    private let original: [UInt8]
    private let words: [String]
    private var left: Int
    private var state: UInt64

    /// - Parameters:
    ///   - text: what is right.
    ///   - count: how many of its mutations there are.
    ///   - seed: of the choices.
    ///   - words: what is put into the text beside numbers that nothing can have.
    public init(of text: String, count: Int, seed: UInt64, words: [String] = []) {
        original = Array(text.utf8)
        self.words = words + Self.numbers
        left = count
        state = seed
    }

    private static let numbers = [
        "-1", "0", "9223372036854775807", "-9223372036854775808", "99999999999999999999", "1e400", ".nan", ".inf",
        "nan",
        "inf", "-inf", "1e300", "65537", "null", "\"\"", "[]", "{}", "*", "&", "?", "\t", "\u{FEFF}", "\r", "\0",
    ]

    /// The next text, as bytes, as it need not be text any more.
    public mutating func next() -> [UInt8]? {
        guard left > 0 else { return nil }
        left -= 1
        var bytes = original
        for _ in 0...below(3) { change(&bytes) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let start = below(bytes.count)
        let range = start..<Swift.min(start + 1 + below(24), bytes.count)
        switch below(6) {
        case 0: bytes[start] = UInt8(truncatingIfNeeded: random())
        case 1: bytes.removeSubrange(range)
        case 2: bytes.insert(contentsOf: bytes[range], at: below(bytes.count))
        case 3: bytes.removeSubrange(start...)
        case 4:
            // A number is replaced where one begins hereafter.
            let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
            guard let first = bytes[start...].firstIndex(where: digits.contains) else { return }
            let end = bytes[first...].firstIndex { !digits.contains($0) } ?? bytes.endIndex
            bytes.replaceSubrange(first..<end, with: word().utf8)
        default: bytes.insert(contentsOf: word().utf8, at: start)
        }
    }

    private mutating func word() -> String { words[below(words.count)] }

    private mutating func below(_ bound: Int) -> Int { Int(random() % UInt64(bound)) }

    /// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    private mutating func random() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
