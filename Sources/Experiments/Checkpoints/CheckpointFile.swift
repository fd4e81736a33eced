import Files
import Foundation

/// One checkpoint of a run: `step-00001234.safetensors`.
public struct CheckpointFile: Equatable, Sendable {
    /// The step that the checkpoint was written at, as its name spells it.
    public var step: Int
    /// The file's path: the folder that was listed, and the name in it.
    public var path: String

    /// The format's own limit, in bytes.
    private static let longestHeader = 100_000_000

    /// Eight digits, and more once they are needed, so that names sort as steps do for the first hundred million.
    public static func name(step: Int) -> String {
        let digits = String(step)
        return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".safetensors"
    }

    /// The step that a name spells; nil for every other name, a temporary leftover's among them.
    public static func step(named name: String) -> Int? {
        guard name.hasPrefix("step-"), name.hasSuffix(".safetensors") else { return nil }
        guard let step = Int(name.dropFirst("step-".count).dropLast(".safetensors".count)), step >= 0 else {
            return nil
        }
        return self.name(step: step) == name ? step : nil
    }

    /// The checkpoints in a folder, oldest first, whole or not.
    ///
    /// - Throws: `FileError`.
    public static func list(in folder: String) throws -> [CheckpointFile] {
        try FilePath.list(folder).compactMap { name in
            step(named: name).map { CheckpointFile(step: $0, path: FilePath.join(folder, name)) }
        }.sorted { $0.step < $1.step }
    }

    /// The newest checkpoint that is whole; nil if there is none. One that a full disk or a broken copy cut short is
    /// passed over.
    ///
    /// - Throws: `FileError`.
    public static func newest(in folder: String) throws -> CheckpointFile? {
        try list(in: folder).last { try $0.isComplete() }
    }

    /// Whether the file is as long as its header says: the length of the header (8 bytes, little-endian), the header
    /// (JSON, with the byte range of every tensor), and the bytes of all tensors. The values are not looked at.
    ///
    /// - Throws: `FileError`.
    public func isComplete() throws -> Bool {
        let file = try InputFile(path)
        let prefix = try file.read(8, at: 0)
        guard prefix.count == 8 else { return false }
        let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(file.size - 8), length <= Self.longestHeader else { return false }
        let header = Data(try file.read(Int(length), at: 8))
        guard let entries = try? JSONDecoder().decode([String: Entry].self, from: header) else { return false }
        let end = entries.values.compactMap(\.end).max() ?? 0
        return end == file.size - 8 - Int(length)
    }

    /// A tensor of the header, or its free-form `__metadata__`, which has no range.
    private struct Entry: Decodable {
        let end: Int?

        private enum CodingKeys: String, CodingKey { case dataOffsets = "data_offsets" }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            end = try? container.decode([Int].self, forKey: .dataOffsets).last
        }
    }
}
