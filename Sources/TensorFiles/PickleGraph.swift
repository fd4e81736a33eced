/// The objects that a pickle builds while it runs.
///
/// Containers lie side by side and refer to each other by index, because a pickle may nest them a million deep or tie
/// them into a ring: as nested Swift values the first would overflow the stack when released, and the second would
/// never be.
struct PickleGraph {
    /// A value on the machine's stack or in a container.
    enum Item {
        /// `None`.
        case null
        case bool(Bool)
        case int(Int)
        case bigInteger([UInt8])
        case double(Double)
        case complex(Double, Double)
        case string(String)
        case bytes([UInt8])
        case list(Int)
        case tuple(Int)
        case set(Int)
        case dictionary(Int)
        case global(PickleGlobal, name: String)
        /// A `numpy.dtype` by its code, such as `f8`.
        case numpyElementType(String)
        case storage(Int)
        case tensor(Int)
        /// Stands for whatever an unsupported Python object would have made.
        case unsupported
    }

    struct Dictionary {
        enum Key: Hashable {
            case string(String)
            case int(Int)
        }

        var entries: [(key: Item, value: Item)] = []
        var keys: Set<Key> = []
    }

    /// A storage as a pickle mentions it.
    struct Storage {
        var key: String
        var elementType: ElementType
        /// The number of elements of the storage.
        var count: Int
        /// The part of it that is meant, in elements; only files of PyTorch before 0.4 have such parts.
        var view: (offset: Int, count: Int)?
        /// `count` elements in bytes.
        var byteCount: Int
    }

    /// A tensor as a pickle describes it, not yet checked against its storage.
    struct Tensor {
        var storage: Int
        var elementType: ElementType
        var offset: Int
        var shape: [Int]
        var strides: [Int]
        /// A pending operation that PyTorch would apply on reading, such as a conjugation.
        var pending: String?
    }

    var sequences: [[Item]] = []
    var dictionaries: [Dictionary] = []
    var storages: [Storage] = []
    var tensors: [Tensor] = []
    var root = Item.null

    mutating func addSequence(_ items: [Item]) -> Int {
        sequences.append(items)
        return sequences.count - 1
    }

    mutating func addDictionary() -> Int {
        dictionaries.append(Dictionary())
        return dictionaries.count - 1
    }
}
