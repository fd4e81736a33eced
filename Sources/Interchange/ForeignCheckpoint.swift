import TensorFiles

/// A checkpoint that another program wrote: tensors under names of which some, behind one prefix, are the wanted
/// network's, and others an optimiser's, a teacher's or a queue's. Nothing is copied before it is wanted, and nothing
/// in the file is executed.
public struct ForeignCheckpoint {
    /// The path of the file.
    public let path: String
    let tensors: [StoredTensor]
    /// Python objects in it that are not understood, and therefore not read.
    public let unread: [UnreadObject]

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
        unread = file.unread
    }

    /// The tensors behind a prefix.
    struct Part {
        let prefix: String
        /// The tensors by key, without the prefix.
        let tensors: [String: StoredTensor]
        /// The number of wanted keys among them.
        let found: Int
        /// Other prefixes behind which as many wanted keys stand, in the order of the file.
        let alternatives: [String]

        func contains(_ key: String) -> Bool { tensors[key] != nil }
    }

    /// Finds the prefix behind which most of the wanted keys stand, such as `state_dict.module.encoder_q.0.`. Of equal
    /// ones plain weights come before averaged ones, and then the first in the file: a student comes before its
    /// teacher.
    ///
    /// - Parameters:
    ///   - keys: the wanted keys.
    ///   - prefix: the prefix to take, with its dot; nil to find it.
    ///   - weights: the kind of weights to take, plain or averaged; nil for plain weights where both are complete.
    /// - Throws: `ImportError.noSuchWeights` where `weights` asks for what the file does not have.
    func part(for keys: some Sequence<String>, prefix: String? = nil, weights: WeightsKind? = nil) throws -> Part {
        let wanted = Set(keys)
        var order: [String] = []
        var found: [String: (all: Int, counted: Int)] = [:]
        for tensor in tensors {
            for start in Self.starts(tensor.name) where wanted.contains(String(tensor.name[start...])) {
                let prefix = String(tensor.name[..<start])
                if found[prefix] == nil { order.append(prefix) }
                // Averages often leave out how many batches there were, which plays no part.
                let counts = !tensor.name.hasSuffix("num_batches_tracked")
                found[prefix, default: (0, 0)].all += 1
                found[prefix, default: (0, 0)].counted += counts ? 1 : 0
            }
        }
        func count(_ prefix: String) -> Int { found[prefix]?.counted ?? 0 }
        let most = order.map(count).max() ?? 0
        let whole = order.filter { count($0) == most }
        let chosen: String
        switch (prefix, weights) {
        case (let prefix?, _): chosen = prefix
        case (nil, let kind?):
            let candidates = order.filter { WeightsKind(prefix: $0) == kind && count($0) * 2 >= most }
            let best = candidates.map(count).max()
            guard let first = candidates.first(where: { count($0) == best }) else {
                throw ImportError.noSuchWeights(path: path, kind, has: whole)
            }
            chosen = first
        case (nil, nil): chosen = whole.first { WeightsKind(prefix: $0) == .plain } ?? whole.first ?? ""
        }
        return Part(
            prefix: chosen, tensors: tensors(behind: chosen), found: found[chosen]?.all ?? 0,
            alternatives: whole.filter { $0 != chosen })
    }

    /// The tensors behind a prefix, by key without the prefix.
    func tensors(behind prefix: String) -> [String: StoredTensor] {
        let inside = tensors.filter { $0.name.utf8.starts(with: prefix.utf8) }
        return Dictionary(inside.map { (String($0.name.dropFirst(prefix.count)), $0) }, uniquingKeysWith: { $1 })
    }

    /// The positions at which the parts of a dotted name begin.
    private static func starts(_ name: String) -> [String.Index] {
        [name.startIndex] + name.indices.filter { name[$0] == "." }.map { name.index(after: $0) }
    }

    /// The prefix around a prefix: `a.b.` gives `a.`; the root gives itself.
    static func parent(of prefix: String) -> String {
        guard let dot = prefix.dropLast().lastIndex(of: ".") else { return "" }
        return String(prefix[...dot])
    }
}
