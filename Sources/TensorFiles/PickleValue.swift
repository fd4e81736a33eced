/// The content of a pickle as plain data. Nothing of the pickle was executed.
public enum PickleValue: Sendable, Hashable {
    /// `None`.
    case null
    case bool(Bool)
    case int(Int)
    /// An integer beyond 64 bits, in two's complement.
    case bigInteger(littleEndian: [UInt8])
    case double(Double)
    case complex(real: Double, imaginary: Double)
    case string(String)
    case bytes([UInt8])
    /// A `list` or another kind of list.
    case list([PickleValue])
    /// A `tuple` or a `torch.Size`.
    case tuple([PickleValue])
    /// A `set` or a `frozenset`, in the order of the file.
    case set([PickleValue])
    /// A `dict`, an `OrderedDict`, a `defaultdict`, a `Counter` or another kind of dictionary, in the order of the
    /// file; and a module of PyTorch's that was saved whole, as its `state_dict` would be nested.
    case dictionary([Entry])
    /// A tensor or a bare storage. One that occurs at several places is named for the first.
    case tensor(StoredTensor)
    /// A Python object that stands for itself, by its full name, such as `torch.float32`.
    case global(String)
    /// A Python object that is not understood, by the full name of its class or of the function that gives it; or a
    /// class or a function itself. What it holds is not read.
    case object(String)

    /// A key of a dictionary with its value.
    public struct Entry: Sendable, Hashable {
        /// Mostly a string or an integer; a file can have any value here.
        public let key: PickleValue
        /// The value of the key, nested to any depth.
        public let value: PickleValue

        /// Pairs a key with its value; neither is looked at.
        public init(key: PickleValue, value: PickleValue) {
            self.key = key
            self.value = value
        }
    }

    /// The value under a string key of a dictionary; nil where there is none, or where this is no dictionary.
    public subscript(key: String) -> PickleValue? {
        guard case .dictionary(let entries) = self else { return nil }
        return entries.first { $0.key == .string(key) }?.value
    }

    /// The element of a list or a tuple; nil out of range, or where this is neither.
    public subscript(index: Int) -> PickleValue? {
        guard case .list(let items) = self else {
            guard case .tuple(let items) = self, items.indices.contains(index) else { return nil }
            return items[index]
        }
        return items.indices.contains(index) ? items[index] : nil
    }
}
