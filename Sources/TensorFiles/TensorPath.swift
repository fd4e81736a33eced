/// The keys and positions that lead from the root of a checkpoint to a tensor.
struct TensorPath {
    /// The most bytes of names that one walk may make. A key is written once in a file but repeated in the name of
    /// every tensor below it, so without a bound a small file could ask for any amount of memory.
    static let maximumNameBytes = 1 << 26

    private var components: [String] = []
    private var nameBytes = 0

    /// Goes down to the value under `key`, or at that position.
    mutating func enter(_ key: PickleValue) {
        switch key {
        case .string(let text): components.append(text)
        case .int(let number): components.append(String(number))
        case .bool(let flag): components.append(flag ? "True" : "False")
        case .double(let number): components.append(String(number))
        case .null: components.append("None")
        case .global(let name), .object(let name): components.append(name)
        default: components.append("?")
        }
    }

    /// Goes back up.
    mutating func leave() {
        components.removeLast()
    }

    /// The components joined with dots; empty for the root itself.
    mutating func name(in file: MappedFile) throws -> String {
        nameBytes += components.reduce(0) { $0 + $1.utf8.count + 1 }
        guard nameBytes <= Self.maximumNameBytes else {
            throw file.error(.malformedPickle(offset: 0, "the names of its tensors are too long"))
        }
        return components.joined(separator: ".")
    }
}
