import TensorFiles
import Torch

/// A checkpoint that another program wrote: tensors under names of which some, behind one prefix, are the wanted
/// network's, and others an optimiser's, a teacher's or a queue's. Nothing is copied before it is wanted, and nothing in
/// the file is executed.
public struct ForeignCheckpoint {
    /// The file.
    public let path: String
    let tensors: [StoredTensor]

    /// Reads the structure of a file of PyTorch's (zip or older) or of a safetensors file, whatever its name.
    ///
    /// - Throws: `TensorFileError` for a file that is damaged, hostile or of another kind.
    public init(_ path: String) throws {
        let file = try TensorFile(path: path)
        self.path = path
        let known = Dictionary(file.tensors.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        let aliases = file.metadata.sorted { $0.key < $1.key }.compactMap { alias, key in
            known[alias] == nil ? known[key]?.renamed(alias) : nil
        }
        tensors = file.tensors + aliases
    }

    /// What stands behind one prefix.
    struct Part {
        let prefix: String
        /// By key, the prefix taken away.
        let tensors: [String: StoredTensor]
        /// How many of the wanted keys are among them.
        let found: Int

        func contains(_ key: String) -> Bool { tensors[key] != nil }
    }

    /// Finds the prefix behind which most of the wanted keys stand, such as `state_dict.module.encoder_q.0.`. Of equal
    /// ones the first in the file is taken: a student comes before its teacher.
    ///
    /// - Parameters:
    ///   - keys: what is wanted.
    ///   - prefix: the prefix to take, with its dot; nil to find it.
    func part(for keys: some Sequence<String>, prefix: String? = nil) -> Part {
        let wanted = Set(keys)
        var order: [String] = []
        var found: [String: Int] = [:]
        for tensor in tensors {
            for start in Self.starts(tensor.name) where wanted.contains(String(tensor.name[start...])) {
                let prefix = String(tensor.name[..<start])
                if found[prefix] == nil { order.append(prefix) }
                found[prefix, default: 0] += 1
            }
        }
        // `max` would take the last of equal ones.
        var best = prefix ?? order.first ?? ""
        if prefix == nil {
            for candidate in order where found[candidate, default: 0] > found[best, default: 0] { best = candidate }
        }
        let inside = tensors.filter { $0.name.utf8.starts(with: best.utf8) }
        return Part(
            prefix: best,
            tensors: Dictionary(
                inside.map { (String($0.name.dropFirst(best.count)), $0) }, uniquingKeysWith: { $1 }),
            found: found[best, default: 0])
    }

    /// Where the parts of a dotted name begin.
    private static func starts(_ name: String) -> [String.Index] {
        [name.startIndex] + name.indices.filter { name[$0] == "." }.map { name.index(after: $0) }
    }

    /// What a prefix has around it: `a.b.` gives `a.`; the root gives itself.
    static func parent(of prefix: String) -> String {
        guard let dot = prefix.dropLast().lastIndex(of: ".") else { return "" }
        return String(prefix[...dot])
    }
}
