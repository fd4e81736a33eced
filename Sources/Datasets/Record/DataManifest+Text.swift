import Foundation

// A line of JSON for the classes, then one for each image: text that a person can read and compare.
extension DataManifest {
    private struct Head: Codable {
        var format: Int
        var classes: [String]
    }

    /// The manifest as the content of a file.
    public var text: [UInt8] {
        var bytes = Array(#"{"format":1,"classes":["#.utf8)
        for (label, name) in classes.enumerated() {
            if label > 0 { bytes.append(UInt8(ascii: ",")) }
            Self.append(name, to: &bytes)
        }
        bytes += "]}\n".utf8
        for row in rows {
            bytes.append(UInt8(ascii: "["))
            Self.append(row.part, to: &bytes)
            bytes += ",\(row.label),".utf8
            Self.append(row.mark, to: &bytes)
            bytes.append(UInt8(ascii: ","))
            Self.append(row.name, to: &bytes)
            bytes += "]\n".utf8
        }
        return bytes
    }

    /// The manifest that `text` gave.
    ///
    /// - Parameters:
    ///   - text: the content of the file.
    ///   - path: of the file, for errors.
    /// - Throws: `DatasetError` of kind `.corrupt` with the line that cannot be read.
    public init(text: [UInt8], path: String) throws(DatasetError) {
        func damaged(_ line: Int) -> DatasetError {
            DatasetError(
                .corrupt, file: path, problems: [.init(line: line, "this is not what was written")],
                advice: "Start over in another folder or with --fresh, or delete the file if you know that the images "
                    + "are those that the run began with.")
        }
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count > 1, lines.last?.isEmpty == true,
            let head = try? JSONDecoder().decode(Head.self, from: Data(lines[0])), head.format == 1
        else { throw damaged(1) }
        var rows: [Row] = []
        rows.reserveCapacity(lines.count)
        for (number, line) in lines.dropFirst().dropLast().enumerated() {
            guard let fields = try? JSONSerialization.jsonObject(with: Data(line)) as? [Any], fields.count == 4,
                let part = fields[0] as? String, let label = fields[1] as? Int, let mark = fields[2] as? String,
                let name = fields[3] as? String
            else { throw damaged(number + 2) }
            rows.append(Row(part: part, label: label, mark: mark, name: name))
        }
        self.init(classes: head.classes, rows: rows)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
