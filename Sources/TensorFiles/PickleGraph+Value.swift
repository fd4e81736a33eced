extension PickleGraph {
    /// The graph as a tree of values, each tensor bound to the bytes of its storage.
    ///
    /// - Parameter region: the bytes of a storage.
    /// - Throws: ``TensorFileError`` with every tensor that does not fit its storage; or for a graph that is a ring,
    ///   too deep, or that repeats its parts too often to be walked.
    func value(of file: MappedFile, region: (Storage) throws -> StorageRegion) throws -> PickleValue {
        try withoutActuallyEscaping(region) { region in
            var builder = Builder(graph: self, file: file, region: region)
            let tree = try builder.build(root, depth: 0).value
            guard builder.problems.isEmpty else {
                throw TensorFileError(path: file.path, problems: builder.problems)
            }
            return tree
        }
    }

    /// Turns each container into a value once. Containers that occur at several places are shared, and counted again at
    /// each: a few hundred bytes can describe a tree of 2^100 nodes.
    private struct Builder {
        static let maximumDepth = 100

        struct Node {
            var value: PickleValue
            var height = 0
            var count = 1
        }

        private let maximumNodeCount: Int
        let graph: PickleGraph
        let file: MappedFile
        let region: (Storage) throws -> StorageRegion
        var problems: [TensorFileError.Problem] = []
        private var path = TensorPath()
        private var sequences: [Int: Node] = [:]
        private var dictionaries: [Int: Node] = [:]
        private var objects: [Int: Node] = [:]
        private var regions: [Int: StorageRegion] = [:]

        init(graph: PickleGraph, file: MappedFile, region: @escaping (Storage) throws -> StorageRegion) {
            self.graph = graph
            self.file = file
            self.region = region
            let itemCount = graph.sequences.reduce(0) { $0 + $1.count }
            let entryCount = graph.dictionaries.reduce(0) { $0 + 2 * $1.entries.count }
            maximumNodeCount = 4 * (itemCount + entryCount) + (1 << 16)
        }

        mutating func build(_ item: Item, depth: Int) throws -> Node {
            guard depth <= Self.maximumDepth else { throw tooDeep }
            switch item {
            case .null: return Node(value: .null)
            case .bool(let flag): return Node(value: .bool(flag))
            case .int(let number): return Node(value: .int(number))
            case .bigInteger(let bytes): return Node(value: .bigInteger(littleEndian: bytes))
            case .double(let number): return Node(value: .double(number))
            case .complex(let real, let imaginary): return Node(value: .complex(real: real, imaginary: imaginary))
            case .string(let text): return Node(value: .string(text))
            case .bytes(let bytes): return Node(value: .bytes(bytes))
            case .global(_, let name): return Node(value: .global(name))
            case .numpyElementType(let code): return Node(value: .global("numpy.dtype(\(code))"))
            case .list(let index): return try sequence(index, depth: depth, PickleValue.list)
            case .tuple(let index): return try sequence(index, depth: depth, PickleValue.tuple)
            case .set(let index): return try sequence(index, depth: depth, PickleValue.set)
            case .dictionary(let index): return try dictionary(index, depth: depth)
            case .tensor(let index): return try collecting { try $0.tensor($0.graph.tensors[index]) }
            case .storage(let index): return try collecting { try $0.bareStorage(index) }
            case .object(let index): return try object(index, depth: depth)
            }
        }

        private var tooDeep: TensorFileError {
            file.error(
                .malformedPickle(offset: 0, "objects are nested more than \(Self.maximumDepth) deep, or in a ring"))
        }

        private mutating func sequence(
            _ index: Int, depth: Int, _ make: ([PickleValue]) -> PickleValue
        ) throws -> Node {
            if let known = sequences[index] { return known }
            var total = Node(value: .null)
            var values: [PickleValue] = []
            for (position, item) in graph.sequences[index].enumerated() {
                path.enter(.int(position))
                values.append(try add(item, to: &total, depth: depth))
                path.leave()
            }
            total.value = make(values)
            sequences[index] = total
            return total
        }

        private mutating func dictionary(_ index: Int, depth: Int) throws -> Node {
            if let known = dictionaries[index] { return known }
            let made = try dictionary(of: graph.dictionaries[index].entries, depth: depth)
            dictionaries[index] = made
            return made
        }

        private mutating func dictionary(of items: [(key: Item, value: Item)], depth: Int) throws -> Node {
            var total = Node(value: .null)
            var entries: [PickleValue.Entry] = []
            for (key, item) in items {
                let key = try add(key, to: &total, depth: depth)
                path.enter(key)
                entries.append(.init(key: key, value: try add(item, to: &total, depth: depth)))
                path.leave()
            }
            total.value = .dictionary(entries)
            return total
        }

        /// Makes plain data of what an object shows: the items of a kind of dictionary or list, and the tensors of a
        /// module. Its other state could be anything under any name.
        private mutating func object(_ index: Int, depth: Int) throws -> Node {
            if let known = objects[index] { return known }
            let object = graph.objects[index]
            let made: Node
            if let parts = graph.parts(ofModule: object) {
                made = try dictionary(of: parts, depth: depth)
            } else if let items = object.dictionary {
                made = try dictionary(items, depth: depth)
            } else if let items = object.sequence {
                made = try sequence(items, depth: depth, PickleValue.list)
            } else {
                made = Node(value: .object(object.name))
            }
            objects[index] = made
            return made
        }

        /// Builds a child and accounts for it in its parent.
        private mutating func add(_ item: Item, to parent: inout Node, depth: Int) throws -> PickleValue {
            let child = try build(item, depth: depth + 1)
            parent.height = max(parent.height, child.height + 1)
            parent.count += child.count
            guard parent.height <= Self.maximumDepth else { throw tooDeep }
            guard parent.count <= maximumNodeCount else {
                throw file.error(.malformedPickle(offset: 0, "it repeats its objects too often"))
            }
            return child.value
        }

        /// Builds a tensor, or notes what is wrong with it and goes on to the next.
        private mutating func collecting(_ body: (inout Self) throws -> StoredTensor) throws -> Node {
            do {
                return Node(value: .tensor(try body(&self)))
            } catch let error as TensorFileError {
                problems += error.problems
                return Node(value: .null)
            }
        }

        private mutating func tensor(_ tensor: Tensor) throws -> StoredTensor {
            let name = try path.name(in: file)
            if let pending = tensor.pending { throw file.error(key: name, .unsupportedTensor(pending)) }
            return try StoredTensor(
                name: name, elementType: tensor.elementType, shape: tensor.shape, strides: tensor.strides,
                storage: storageRegion(tensor.storage), storageOffset: tensor.offset)
        }

        private mutating func bareStorage(_ index: Int) throws -> StoredTensor {
            let storage = graph.storages[index]
            return try StoredTensor(
                name: path.name(in: file), elementType: storage.elementType,
                shape: [storage.view?.count ?? storage.count], storage: storageRegion(index))
        }

        private mutating func storageRegion(_ index: Int) throws -> StorageRegion {
            if let known = regions[index] { return known }
            let storage = graph.storages[index]
            var region = try region(storage)
            if let view = storage.view {
                let width = storage.elementType.byteSize
                let (start, startOverflow) = view.offset.multipliedReportingOverflow(by: width)
                let (length, lengthOverflow) = view.count.multipliedReportingOverflow(by: width)
                guard !startOverflow, !lengthOverflow, start >= 0, length >= 0, start <= region.byteCount,
                    length <= region.byteCount - start
                else {
                    throw file.error(
                        key: storage.key,
                        .outsideStorage(
                            shape: [view.count], strides: [1], offset: view.offset, storageBytes: region.byteCount))
                }
                region = try StorageRegion(file: file, offset: region.offset + start, byteCount: length)
            }
            regions[index] = region
            return region
        }
    }
}

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

    /// Leaves the value entered last.
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
