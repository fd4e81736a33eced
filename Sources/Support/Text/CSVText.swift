/// Text of comma-separated values (RFC 4180) as programs and spreadsheets write it: fields in quotes may hold commas,
/// quotes and line ends, and the first line shows whether commas, semicolons or tabs divide the fields.
public enum CSVText {
    /// The fields of a line.
    public struct Record: Hashable, Sendable {
        /// The line on which the record begins, from 1.
        public let line: Int
        /// The fields, without their quotes and without blanks around those that had none.
        public let fields: [String]
    }

    /// A text whose quotes do not fit.
    public struct QuoteError: Error, Hashable, Sendable {
        /// The line of the record, from 1.
        public let line: Int
        /// The fault, as the end of a sentence that begins with the line.
        public let reason: String
    }

    /// Divides a text into records; lines of nothing but blanks and delimiters are passed over.
    ///
    /// - Throws: ``QuoteError`` for a quoted field that never ends or is followed by more text.
    public static func records(of text: String) throws(QuoteError) -> [Record] {
        var reader = Reader(text)
        var records: [Record] = []
        while let record = try reader.next() {
            if !record.fields.allSatisfy(\.isEmpty) { records.append(record) }
        }
        return records
    }

    private struct Reader {
        // Scalars, as a carriage return and a line feed together are a single character.
        let scalars: [Unicode.Scalar]
        let delimiter: Unicode.Scalar
        var position = 0
        var line = 1

        init(_ text: String) {
            scalars = Array(text.unicodeScalars)
            let first = scalars.prefix { $0 != "\n" && $0 != "\r" }
            let candidates: [Unicode.Scalar] = [",", ";", "\t"]
            let counts = candidates.map { candidate in first.count { $0 == candidate } }
            let most = counts.indices.max { counts[$0] < counts[$1] || (counts[$0] == counts[$1] && $0 > $1) } ?? 0
            delimiter = candidates[most]
        }

        mutating func next() throws(QuoteError) -> Record? {
            guard position < scalars.count else { return nil }
            let first = line
            var fields: [String] = []
            while true {
                fields.append(try field(of: first))
                guard position < scalars.count, scalars[position] == delimiter else { break }
                position += 1
            }
            if position < scalars.count { takeLineEnd() }
            return Record(line: first, fields: fields)
        }

        private mutating func field(of record: Int) throws(QuoteError) -> String {
            let start = position
            skipBlanks()
            guard position < scalars.count, scalars[position] == "\"" else {
                position = start
                var plain = String.UnicodeScalarView()
                while position < scalars.count, !isEnd(scalars[position]) {
                    plain.append(scalars[position])
                    position += 1
                }
                let isBlank = { (scalar: Unicode.Scalar) in scalar == " " || scalar == "\t" }
                return String(Substring(plain.trimmed(isBlank)))
            }
            position += 1
            var quoted = String.UnicodeScalarView()
            while true {
                guard position < scalars.count else {
                    throw QuoteError(line: record, reason: "has a quoted field that never ends")
                }
                if scalars[position] == "\"" {
                    position += 1
                    guard position < scalars.count, scalars[position] == "\"" else { break }
                    quoted.append("\"")
                    position += 1
                } else if scalars[position] == "\n" || scalars[position] == "\r" {
                    quoted.append(contentsOf: takeLineEnd())
                } else {
                    quoted.append(scalars[position])
                    position += 1
                }
            }
            skipBlanks()
            guard position == scalars.count || isEnd(scalars[position]) else {
                throw QuoteError(line: record, reason: "has text after a closing quote")
            }
            return String(quoted)
        }

        private func isEnd(_ scalar: Unicode.Scalar) -> Bool {
            scalar == delimiter || scalar == "\n" || scalar == "\r"
        }

        private mutating func skipBlanks() {
            while position < scalars.count, scalars[position] != delimiter,
                scalars[position] == " " || scalars[position] == "\t"
            {
                position += 1
            }
        }

        @discardableResult private mutating func takeLineEnd() -> [Unicode.Scalar] {
            let isPair = scalars[position] == "\r" && position + 1 < scalars.count && scalars[position + 1] == "\n"
            let taken = Array(scalars[position..<position + (isPair ? 2 : 1)])
            position += taken.count
            line += 1
            return taken
        }
    }
}

extension BidirectionalCollection where Element == Unicode.Scalar {
    /// The scalars between those at both ends that fulfil a condition.
    fileprivate func trimmed(_ isBlank: (Unicode.Scalar) -> Bool) -> SubSequence {
        let rest = drop(while: isBlank)
        guard let last = rest.lastIndex(where: { !isBlank($0) }) else { return rest }
        return rest[...last]
    }
}
