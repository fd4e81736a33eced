/// A strict reader of just as much JSON as a safetensors header contains.
///
/// The caller says what comes next, and anything else is an error at its byte. So nothing is ever nested more deeply
/// than the caller asks, no value is built that is not wanted, and a repeated key is seen: Foundation's reader would
/// silently keep one of the two.
struct JSONHeaderReader {
    private var cursor: ByteCursor

    init(_ cursor: ByteCursor) {
        self.cursor = cursor
    }

    /// The offset of the next byte in the file.
    var offset: Int { cursor.offset }

    func malformed(_ expected: String, at offset: Int? = nil, key: String? = nil) -> TensorFileError {
        cursor.file.error(key: key, .malformedHeader(offset: offset ?? cursor.offset, expected: expected))
    }

    /// Reads an object. `member` is called with each key, and must read its value.
    mutating func object(
        of what: String, _ member: (inout JSONHeaderReader, _ key: String) throws -> Void
    ) throws {
        try expect("{", what)
        var seen: Set<String> = []
        if accept("}") { return }
        repeat {
            skipWhitespace()
            let start = offset
            let key = try string("a key")
            guard seen.insert(key).inserted else { throw cursor.file.error(key: key, .duplicateKey(offset: start)) }
            try expect(":", "':'")
            try member(&self, key)
        } while accept(",")
        try expect("}", "',' or '}'")
    }

    /// Reads an array of integers with at most `limit` elements.
    mutating func integers(_ what: String, limit: Int) throws -> [Int] {
        let start = offset
        try expect("[", what)
        var values: [Int] = []
        if accept("]") { return values }
        repeat {
            guard values.count < limit else { throw malformed("at most \(limit) numbers", at: start) }
            values.append(try integer())
        } while accept(",")
        try expect("]", "',' or ']'")
        return values
    }

    /// Reads a string.
    mutating func string(_ what: String) throws -> String {
        try expect("\"", what)
        var result = ""
        while true {
            // Plain stretches are checked and copied at once; only escapes are handled one by one.
            let start = cursor.offset
            while let byte = cursor.next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 {
                try cursor.skip(1)
            }
            let range = start..<cursor.offset
            guard let plain = cursor.file.withUnsafeBytes({ String(validating: $0[range], as: UTF8.self) }) else {
                throw cursor.file.error(.headerNotUTF8(offset: start))
            }
            result += plain
            switch cursor.next {
            case UInt8(ascii: "\""):
                try cursor.skip(1)
                return result
            case UInt8(ascii: "\\"):
                result.unicodeScalars.append(try escape())
            default:
                throw malformed("a closing '\"'")
            }
        }
    }

    /// Checks that nothing but white space is left.
    mutating func finish() throws {
        skipWhitespace()
        guard cursor.next == nil else { throw malformed("the end of the header") }
    }

    private mutating func integer() throws -> Int {
        skipWhitespace()
        let start = offset
        var text = ""
        while let byte = cursor.next, byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) {
            text.unicodeScalars.append(UnicodeScalar(byte))
            try cursor.skip(1)
            if text.utf8.count > 20 { break }
        }
        // Int accepts leading zeros, which JSON does not.
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard !(digits.hasPrefix("0") && digits.count > 1), let value = Int(text) else {
            throw malformed("an integer of at most 64 bits", at: start)
        }
        return value
    }

    /// Reads a backslash and what it stands for.
    private mutating func escape() throws -> UnicodeScalar {
        let start = offset
        try cursor.skip(1)
        switch cursor.next.map(UnicodeScalar.init) {
        case "\"":
            try cursor.skip(1)
            return "\""
        case "\\":
            try cursor.skip(1)
            return "\\"
        case "/":
            try cursor.skip(1)
            return "/"
        case "b":
            try cursor.skip(1)
            return "\u{8}"
        case "f":
            try cursor.skip(1)
            return "\u{C}"
        case "n":
            try cursor.skip(1)
            return "\n"
        case "r":
            try cursor.skip(1)
            return "\r"
        case "t":
            try cursor.skip(1)
            return "\t"
        case "u":
            try cursor.skip(1)
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                guard cursor.next == UInt8(ascii: "\\") else { throw malformed("the second half of a surrogate pair") }
                try cursor.skip(1)
                guard cursor.next == UInt8(ascii: "u") else { throw malformed("the second half of a surrogate pair") }
                try cursor.skip(1)
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw malformed("a valid surrogate pair", at: start) }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = UnicodeScalar(code) else { throw malformed("a valid surrogate pair", at: start) }
            return scalar
        default:
            throw malformed("a JSON escape", at: start)
        }
    }

    private mutating func hexadecimal() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = cursor.next, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw malformed("four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            try cursor.skip(1)
        }
        return value
    }

    private mutating func skipWhitespace() {
        while let byte = cursor.next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            _ = try? cursor.skip(1)
        }
    }

    /// Skips white space and, if it comes next, `character`.
    private mutating func accept(_ character: UnicodeScalar) -> Bool {
        skipWhitespace()
        guard let byte = cursor.next, UnicodeScalar(byte) == character else { return false }
        return (try? cursor.skip(1)) != nil
    }

    private mutating func expect(_ character: UnicodeScalar, _ what: String) throws {
        guard accept(character) else { throw malformed(what) }
    }
}
