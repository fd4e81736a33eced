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
        /// A Python object, class or function that is not understood here.
        case object(Int)
    }

    struct Dictionary {
        enum Key: Hashable {
            case string(String)
            case int(Int)
        }

        var entries: [(key: Item, value: Item)] = []
        var keys: Set<Key> = []
    }

    /// A Python object that is not understood, and what was done with it. Nothing of it is executed.
    struct Object {
        /// The longest name that is kept, in bytes.
        private static let maximumNameLength = 200

        /// The full name of its class or of the function that gives it; or of itself, where it is one of these.
        let name: String
        /// The argument that `__setstate__` would have been given.
        var state = Item.null
        /// The items that were set in it, where it is a kind of dictionary.
        var dictionary: Int?
        /// The items that were appended to it, where it is a kind of list.
        var sequence: Int?

        init(name: String) {
            // Not always cut: objects of one class share the text of its name.
            let isShort = name.utf8.count <= Self.maximumNameLength
            self.name = isShort ? name : String(decoding: name.utf8.prefix(Self.maximumNameLength), as: UTF8.self)
        }
    }

    /// A storage as a pickle mentions it.
    struct Storage {
        var key: String
        var elementType: ElementType
        /// The number of elements of the storage.
        var count: Int
        /// The part of it that is meant, in elements; only files of PyTorch before 0.4 have such parts.
        var view: (offset: Int, count: Int)?
        /// The size of `count` elements in bytes.
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
    var objects: [Object] = []
    /// Full names of the classes and functions that are not understood, each once, as far as they are listed.
    var unknownGlobals: [String] = []
    var root = Item.null

    mutating func addSequence(_ items: [Item]) -> Int {
        sequences.append(items)
        return sequences.count - 1
    }

    mutating func addObject(_ name: String) -> Item {
        objects.append(Object(name: name))
        return .object(objects.count - 1)
    }

    mutating func addDictionary() -> Int {
        dictionaries.append(Dictionary())
        return dictionaries.count - 1
    }
}

extension PickleGraph {
    /// The number of entries among which a module's own fields are looked for: PyTorch makes them first.
    private static let fieldCount = 64

    /// The parameters, buffers and modules of an object that is a `torch.nn.Module`, by the names that they have in its
    /// `state_dict`; nil for any other.
    func parts(ofModule object: Object) -> [(key: Item, value: Item)]? {
        guard case .dictionary(let state) = object.state else { return nil }
        var fields: [String: Item] = [:]
        for case (.string(let name), let value) in dictionaries[state].entries.prefix(Self.fieldCount) {
            fields[name] = value
        }
        guard case .dictionary(let parameters)? = fields["_parameters"],
            case .dictionary(let buffers)? = fields["_buffers"],
            case .dictionary(let modules)? = fields["_modules"]
        else { return nil }
        // A `state_dict` leaves them out.
        var temporary: Set<String> = []
        if case .set(let names)? = fields["_non_persistent_buffers_set"] {
            for case .string(let name) in sequences[names] { temporary.insert(name) }
        }
        let kept = dictionaries[buffers].entries.filter { entry in
            if case .string(let name) = entry.key { !temporary.contains(name) } else { true }
        }
        return dictionaries[parameters].entries + kept + dictionaries[modules].entries
    }
}
