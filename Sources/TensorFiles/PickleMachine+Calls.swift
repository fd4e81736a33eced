// What the few Python objects that a checkpoint needs would do when called, done here in their stead.
extension PickleMachine {
    typealias Item = PickleGraph.Item

    /// The cost of copying one element of a container, in bytes.
    private static let itemCost = 16

    /// The result of calling `function` with the tuple `arguments`.
    mutating func call(_ function: Item, _ arguments: Item) throws -> Item {
        let items: [Item]
        switch arguments {
        case .tuple(let index): items = graph.sequences[index]
        case .object: items = [arguments]
        default: throw malformed("the arguments are not a tuple")
        }
        switch function {
        case .object(let index):
            return graph.addObject(Self.nameOfResult(of: graph.objects[index].name, items.first, in: graph))
        case .global(let global, let name):
            if let result = try call(global, items) { return result }
            // What was to be made of an object that is not understood is none that is.
            for case .object in items.prefix(8) { return graph.addObject(name) }
            throw malformed("wrong arguments for \(quoted(name))")
        default: throw malformed("what is called is no function")
        }
    }

    /// The name of a function's result. That of an unknown function is named after it, but for functions that make an
    /// object of their first argument, or find one in it.
    private static func nameOfResult(of function: String, _ argument: Item?, in graph: PickleGraph) -> String {
        switch function {
        case "numpy._core.numeric._frombuffer", "numpy.core.numeric._frombuffer": return "numpy.ndarray"
        case "builtins.getattr", "copyreg._reconstructor", "copyreg.__newobj__", "copyreg.__newobj_ex__",
            "numpy._core.multiarray._reconstruct", "numpy.core.multiarray._reconstruct":
            switch argument {
            case .object(let index): return graph.objects[index].name
            case .global(_, let name): return name
            default: return function
            }
        default: return function
        }
    }

    private mutating func call(_ global: PickleGlobal, _ items: [Item]) throws -> Item? {
        switch global {
        case .dictionary: return try makeDictionary(items)
        case .defaultDictionary: return .dictionary(graph.addDictionary())
        case .list: return try elements(items).map { .list(graph.addSequence($0)) }
        case .tuple: return try elements(items).map { .tuple(graph.addSequence($0)) }
        case .set: return try elements(items).map { .set(graph.addSequence($0)) }
        case .bytes: return try makeBytes(items)
        case .encode: return try encode(items)
        case .complex:
            guard items.count == 2, case .double(let real) = items[0], case .double(let imaginary) = items[1] else {
                return nil
            }
            return .complex(real, imaginary)
        case .device: return makeDevice(items)
        case .rebuildTensor: return try makeTensor(items, metadata: 6)
        case .rebuildTensorWithElementType:
            guard items.count > 6, case .global(.elementType(let type), _) = items[6] else { return nil }
            return try makeTensor(items, elementType: type, metadata: 7)
        case .rebuildParameter:
            guard case .tensor? = items.first else { return nil }
            return items[0]
        case .rebuildFromType:
            // (function, class, arguments, attributes): a tensor with attributes, which are left behind.
            // Its class may be anyone's: the tensor that it is made of has the values.
            guard items.count == 4, case .global(let inner, _) = items[0], isTensorFunction(inner) else { return nil }
            return try call(items[0], items[2])
        case .numpyElementType:
            guard case .string(let code)? = items.first, code.utf8.count <= 16 else { return nil }
            return .numpyElementType(code)
        case .numpyScalar:
            guard items.count == 2, case .numpyElementType(let code) = items[0] else { return nil }
            guard Self.numpyNumbers.contains(code), !bigEndianCodes.contains(code) else {
                return graph.addObject("numpy.\(code)")
            }
            guard case .bytes(let bytes) = items[1] else { return nil }
            return numpyScalar(code, bytes)
        case .elementType, .storage, .tensorClass, .mention: return nil
        }
    }

    /// Sets the state of an object, as `__setstate__` would.
    mutating func build(_ object: Item, _ state: Item) throws -> Item {
        switch object {
        case .dictionary:
            // An attribute of a dictionary: the `_metadata` of a state_dict, which holds version numbers of layers.
            return object
        case .object(let index):
            graph.objects[index].state = state
            return object
        case .numpyElementType(let code):
            guard case .tuple(let index) = state, graph.sequences[index].count > 1,
                case .string(let order) = graph.sequences[index][1], ["<", "|", "=", ">"].contains(order)
            else { throw malformed("the state of a numpy.dtype is damaged") }
            if order == ">" { bigEndianCodes.insert(code) }
            return object
        default:
            throw malformed("an object has a state that is not understood")
        }
    }

    /// The object with a persistent id: a storage; or the class of a module, with which PyTorch before 1.6 wrote its
    /// source.
    mutating func persistent(_ id: Item) throws -> Item {
        guard case .tuple(let index) = id else { throw malformed("a persistent id is not a tuple") }
        let items = graph.sequences[index]
        if items.count == 4, case .string("module") = items[0], case .object = items[1] { return items[1] }
        if items.count > 1, case .string("storage") = items[0], case .object(let type) = items[1] {
            throw cursor.file.error(.unsupportedGlobal(graph.objects[type].name))
        }
        guard (5...6).contains(items.count), case .string("storage") = items[0],
            case .global(.storage(let type), _) = items[1], case .string(let key) = items[2],
            key.utf8.count <= 256, case .int(let count) = items[4], count >= 0
        else { throw malformed("a persistent id does not describe a storage") }

        var view: (offset: Int, count: Int)?
        if items.count == 6, case .tuple(let part) = items[5] {
            guard graph.sequences[part].count == 3, case .int(let offset) = graph.sequences[part][1],
                case .int(let length) = graph.sequences[part][2]
            else { throw malformed("a view of a storage is damaged") }
            view = (offset, length)
        }
        let elementType = type ?? .uint8
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: elementType.byteSize)
        guard !overflow else { throw malformed("a storage of \(count) elements is too large") }
        graph.storages.append(
            .init(key: key, elementType: elementType, count: count, view: view, byteCount: byteCount))
        return .storage(graph.storages.count - 1)
    }

    // MARK: - Python's own types

    /// The elements of the only argument, or none where there is no argument.
    private mutating func elements(_ items: [Item]) throws -> [Item]? {
        if items.isEmpty { return [] }
        guard items.count == 1 else { return nil }
        switch items[0] {
        case .list(let index), .tuple(let index), .set(let index):
            try charge(graph.sequences[index].count * Self.itemCost)
            return graph.sequences[index]
        default: return nil
        }
    }

    /// An empty dictionary, or one from a dictionary or from pairs, as Python 2 writes an `OrderedDict`.
    private mutating func makeDictionary(_ items: [Item]) throws -> Item? {
        let new = graph.addDictionary()
        if case .dictionary(let index)? = items.first, items.count == 1 {
            try charge(graph.dictionaries[index].entries.count * Self.itemCost)
            graph.dictionaries[new] = graph.dictionaries[index]
            return .dictionary(new)
        }
        guard let pairs = try elements(items) else { return nil }
        for pair in pairs {
            if case .object = pair { return graph.addObject("collections.OrderedDict") }
            guard let (key, value) = asPair(pair) else { return nil }
            try insert(value, for: key, into: new)
        }
        return .dictionary(new)
    }

    private func asPair(_ item: Item) -> (Item, Item)? {
        switch item {
        case .list(let index), .tuple(let index):
            let items = graph.sequences[index]
            return items.count == 2 ? (items[0], items[1]) : nil
        default: return nil
        }
    }

    private mutating func makeBytes(_ items: [Item]) throws -> Item? {
        switch items.first {
        case nil: return .bytes([])
        case .bytes(let bytes)?: return items.count == 1 ? .bytes(bytes) : nil
        case .string: return try encode(items)
        default: return nil
        }
    }

    private mutating func encode(_ items: [Item]) throws -> Item? {
        guard items.count == 2, case .string(let text) = items[0], case .string(let encoding) = items[1],
            ["latin1", "latin-1"].contains(encoding)
        else { return nil }
        try charge(text.utf8.count)
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard let byte = UInt8(exactly: scalar.value) else { return nil }
            bytes.append(byte)
        }
        return .bytes(bytes)
    }

    // MARK: - PyTorch's and NumPy's

    private func makeDevice(_ items: [Item]) -> Item? {
        guard case .string(let type)? = items.first, type.utf8.count <= 64 else { return nil }
        guard items.count > 1 else { return .string(type) }
        guard items.count == 2, case .int(let index) = items[1] else { return nil }
        return .string("\(type):\(index)")
    }

    private func isTensorFunction(_ global: PickleGlobal) -> Bool {
        switch global {
        case .rebuildTensor, .rebuildTensorWithElementType, .rebuildParameter: true
        default: false
        }
    }

    /// A tensor from (storage, offset, shape, strides, …) and perhaps a dictionary of pending operations.
    private mutating func makeTensor(_ items: [Item], elementType: ElementType? = nil, metadata: Int) throws -> Item? {
        guard items.count >= 4, case .storage(let storage) = items[0], case .int(let offset) = items[1],
            let shape = try integers(items[2]), let strides = try integers(items[3])
        else { return nil }
        var pending: String?
        if items.count > metadata, case .dictionary(let index) = items[metadata] {
            for case (.string(let name), .bool(true)) in graph.dictionaries[index].entries {
                pending = "it has the pending operation \(quoted(name)); save it after resolve_conj() or resolve_neg()"
            }
        }
        graph.tensors.append(
            .init(
                storage: storage, elementType: elementType ?? graph.storages[storage].elementType, offset: offset,
                shape: shape, strides: strides, pending: pending))
        return .tensor(graph.tensors.count - 1)
    }

    /// The integers of a tuple, at most as many as a tensor may have dimensions.
    private func integers(_ item: Item) throws -> [Int]? {
        guard case .tuple(let index) = item else { return nil }
        let items = graph.sequences[index]
        guard items.count <= StoredTensor.maximumRank else {
            throw malformed("a tensor has \(items.count) dimensions; at most \(StoredTensor.maximumRank) are supported")
        }
        var values: [Int] = []
        for item in items {
            guard case .int(let value) = item else { return nil }
            values.append(value)
        }
        return values
    }

    /// The codes of those of NumPy's types that are numbers here.
    private static let numpyNumbers: Set = ["b1", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]

    /// The number that NumPy stored as `bytes`, little-endian.
    private func numpyScalar(_ code: String, _ bytes: [UInt8]) -> Item? {
        func load<Number: BitwiseCopyable>(_ type: Number.Type) -> Number? {
            guard bytes.count == MemoryLayout<Number>.size else { return nil }
            return bytes.withUnsafeBytes { $0.loadUnaligned(as: Number.self) }
        }
        return switch code {
        case "b1": load(UInt8.self).map { .bool($0 != 0) }
        case "f4": load(Float.self).map { .double(Double($0)) }
        case "f8": load(Double.self).map { .double($0) }
        case "i1": load(Int8.self).map { .int(Int($0)) }
        case "i2": load(Int16.self).map { .int(Int($0)) }
        case "i4": load(Int32.self).map { .int(Int($0)) }
        case "i8": load(Int64.self).map { .int(Int($0)) }
        case "u1": load(UInt8.self).map { .int(Int($0)) }
        case "u2": load(UInt16.self).map { .int(Int($0)) }
        case "u4": load(UInt32.self).map { .int(Int($0)) }
        case "u8": load(UInt64.self).map { Int(exactly: $0).map { .int($0) } ?? .bigInteger(bytes + [0]) }
        default: nil
        }
    }
}
