import Foundation
import Support

/// Which images a run learns from and is judged by: the classes, and of each image its part, its label, its name, and a mark
/// by which another content is noticed. Two runs with equal manifests saw the same data.
public struct DataManifest: Sendable, Equatable {
    /// One image.
    public struct Row: Sendable, Hashable {
        /// The part of the data that it belongs to, such as `train`.
        public var part: String
        /// The label as the part tells it: a class, or whatever the task has for labels.
        public var label: Int
        /// The mark that `ImageDataset.mark(at:)` gives.
        public var mark: String
        /// The name of the image, relative to the folder of the data, so that data may be moved as a whole.
        public var name: String
    }

    /// The classes in the order of their labels.
    public var classes: [String]
    /// Part by part, in the order of the data set, which random orders depend on.
    public var rows: [Row]

    /// A manifest of what is known.
    public init(classes: [String], rows: [Row]) {
        (self.classes, self.rows) = (classes, rows)
    }

    /// Looks at every image's name and size; none is opened.
    ///
    /// - Parameters:
    ///   - parts: by name, such as `train`.
    ///   - root: the path that the data was opened by; images elsewhere are named from their own common folder on.
    public init(of parts: [(name: String, images: any ImageDataset)], root: String) {
        classes = parts.first?.images.classNames ?? []
        let sources = parts.flatMap { part in (0..<part.images.count).map { part.images.source(at: $0) } }
        let names = Self.names(sources, root: root)
        var rows: [Row] = []
        rows.reserveCapacity(names.count)
        for part in parts {
            for index in 0..<part.images.count {
                rows.append(
                    Row(
                        part: part.name, label: part.images.label(at: index), mark: part.images.mark(at: index),
                        name: names[rows.count]))
            }
        }
        self.rows = rows
    }

    /// Paths without what they owe to the place of the data.
    static func names(_ sources: [String], root: String) -> [String] {
        // Bytes: Swift's own comparison would take two spellings of one letter for the same.
        let inside = Array((FilePath.trim(root) + "/").utf8)
        let isInside = sources.map { $0.utf8.starts(with: inside) }
        let outside = zip(sources, isInside).lazy.filter { !$0.1 }.map { Array($0.0.utf8) }
        var common: ArraySlice<UInt8>?
        for source in outside {
            let folder = source[...(source.lastIndex(of: UInt8(ascii: "/")) ?? -1)]
            guard let known = common else {
                common = folder
                continue
            }
            common = zip(known, folder).prefix { $0 == $1 }.map(\.0)[...]
        }
        // A common beginning of names may end in the midst of a folder's.
        let shared = (common.map { $0[...($0.lastIndex(of: UInt8(ascii: "/")) ?? $0.startIndex - 1)] }) ?? []
        // Of data in two places, the last folder tells them apart.
        let dropped =
            isInside.contains(true)
            ? (shared.dropLast().lastIndex(of: UInt8(ascii: "/")).map { $0 - shared.startIndex + 1 } ?? 0)
            : shared.count
        return zip(sources, isInside).map { source, isInside in
            String(decoding: source.utf8.dropFirst(isInside ? inside.count : dropped), as: UTF8.self)
        }
    }
}

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
