/// Runs a pickle of protocols 1 to 5 (PEP 307, 3154, 574) without executing anything it names. What it names and is not
/// understood becomes an object without properties, so that everything else of the pickle is there all the same.
///
/// Time and memory are bounded by the length of the pickle and by ``Limits``, whatever its bytes say.
struct PickleMachine {
    enum Limits {
        /// Opcodes in one pickle; the largest checkpoints need some hundred thousand.
        static let opcodes = 1 << 24
        /// The bytes that calls and keys may take again after they were read; see ``charge(_:)``.
        static let repeatedWork = 1 << 24
        /// Globals that are not understood and are listed.
        static let listedGlobals = 50
    }

    var graph = PickleGraph()
    var cursor: ByteCursor
    private var stack: [PickleGraph.Item] = []
    private var marks: [Int] = []
    private var memo: [Int: PickleGraph.Item] = [:]
    private var work = 0
    private(set) var opcodeOffset: Int
    /// Codes of NumPy's types of which a number may have its most significant byte first. A type is remembered before
    /// its state is set, so that what is found again does not tell.
    var bigEndianCodes: Set<String> = []

    /// Runs the pickle at `cursor`, and leaves `cursor` behind its end.
    ///
    /// - Throws: ``TensorFileError`` with the first damage.
    static func run(_ cursor: inout ByteCursor) throws -> PickleGraph {
        var machine = PickleMachine(cursor)
        try machine.run()
        cursor = machine.cursor
        return machine.graph
    }

    private init(_ cursor: ByteCursor) {
        self.cursor = cursor
        opcodeOffset = cursor.offset
    }

    func malformed(_ reason: String) -> TensorFileError {
        cursor.file.error(.malformedPickle(offset: opcodeOffset, reason))
    }

    /// Accounts for bytes that are hashed or copied, which two bytes of the pickle can ask for again and again.
    mutating func charge(_ amount: Int) throws {
        work += amount
        guard work <= Limits.repeatedWork else { throw malformed("it repeats too much work") }
    }

    // MARK: - Stack

    private mutating func pop() throws -> PickleGraph.Item {
        guard stack.count > marks.last ?? 0, let item = stack.popLast() else { throw malformed("the stack is empty") }
        return item
    }

    private func top() throws -> PickleGraph.Item {
        guard stack.count > marks.last ?? 0, let item = stack.last else { throw malformed("the stack is empty") }
        return item
    }

    private mutating func popToMark() throws -> [PickleGraph.Item] {
        guard let mark = marks.popLast() else { throw malformed("there is no mark on the stack") }
        let items = Array(stack[mark...])
        stack.removeSubrange(mark...)
        return items
    }

    private mutating func pop(_ count: Int) throws -> [PickleGraph.Item] {
        var items: [PickleGraph.Item] = []
        for _ in 0..<count { items.append(try pop()) }
        return items.reversed()
    }

    // MARK: - Opcodes

    private mutating func run() throws {
        for _ in 0..<Limits.opcodes {
            opcodeOffset = cursor.offset
            let opcode = try cursor.byte()
            if opcode == UInt8(ascii: ".") {
                graph.root = try pop()
                return
            }
            try execute(opcode)
        }
        throw malformed("it has more than \(Limits.opcodes) opcodes")
    }

    private mutating func execute(_ opcode: UInt8) throws {
        if let item = try readLiteral(opcode) {
            stack.append(item)
            return
        }
        if try executeContainer(opcode) { return }
        switch opcode {
        case 0x80:  // PROTO
            let version = try cursor.byte()
            guard (2...5).contains(version) else { throw malformed("protocol \(version) is not supported") }
        case 0x95:  // FRAME
            let length = try cursor.byteCount64()
            guard length <= cursor.remaining else { throw malformed("a frame is longer than the file") }
        case UInt8(ascii: "0"):  // POP
            // Python's own POP removes a mark where one is on top.
            if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
        case UInt8(ascii: "1"):  // POP_MARK
            _ = try popToMark()
        case UInt8(ascii: "2"):  // DUP
            stack.append(try top())
        case UInt8(ascii: "("):  // MARK
            marks.append(stack.count)
        case UInt8(ascii: "q"):  // BINPUT
            memo[Int(try cursor.byte())] = try top()
        case UInt8(ascii: "r"):  // LONG_BINPUT
            memo[try cursor.uint32()] = try top()
        case 0x94:  // MEMOIZE
            memo[memo.count] = try top()
        case UInt8(ascii: "h"):  // BINGET
            try get(Int(try cursor.byte()))
        case UInt8(ascii: "j"):  // LONG_BINGET
            try get(try cursor.uint32())
        case UInt8(ascii: "c"):  // GLOBAL
            stack.append(try globalOfLines())
        case 0x93:  // STACK_GLOBAL
            let names = try pop(2)
            guard case .string(let module) = names[0], case .string(let name) = names[1] else {
                throw malformed("the name of a global is not a string")
            }
            try charge(module.utf8.count + name.utf8.count)
            stack.append(global(module, name))
        case UInt8(ascii: "R"), 0x81:  // REDUCE, NEWOBJ
            let operands = try pop(2)
            stack.append(try call(operands[0], operands[1]))
        case 0x92:  // NEWOBJ_EX
            let operands = try pop(3)
            guard case .dictionary(let keywords) = operands[2] else {
                throw malformed("the keyword arguments are not a dictionary")
            }
            if case .global = operands[0], !graph.dictionaries[keywords].entries.isEmpty {
                throw malformed("a constructor has keyword arguments")
            }
            stack.append(try call(operands[0], operands[1]))
        case UInt8(ascii: "i"):  // INST
            let made = try globalOfLines()
            stack.append(try call(made, .tuple(graph.addSequence(try popToMark()))))
        case UInt8(ascii: "o"):  // OBJ
            let operands = try popToMark()
            guard let made = operands.first else { throw malformed("the stack is empty") }
            stack.append(try call(made, .tuple(graph.addSequence(Array(operands.dropFirst())))))
        case UInt8(ascii: "b"):  // BUILD
            let state = try pop()
            stack.append(try build(try pop(), state))
        case UInt8(ascii: "Q"):  // BINPERSID
            stack.append(try persistent(try pop()))
        default:
            throw malformed("opcode 0x\(String(opcode, radix: 16)) is not supported")
        }
    }

    private mutating func get(_ index: Int) throws {
        guard let item = memo[index] else { throw malformed("nothing is remembered under \(index)") }
        stack.append(item)
    }

    private mutating func globalOfLines() throws -> PickleGraph.Item {
        let module = String(decoding: try cursor.line(), as: UTF8.self)
        return global(module, String(decoding: try cursor.line(), as: UTF8.self))
    }

    private mutating func global(_ module: String, _ name: String) -> PickleGraph.Item {
        let fullName = PickleGlobal.fullName(module: module, name: name)
        if let known = PickleGlobal(module: module, name: name) { return .global(known, name: fullName) }
        if graph.unknownGlobals.count < Limits.listedGlobals, !graph.unknownGlobals.contains(fullName) {
            graph.unknownGlobals.append(fullName)
        }
        return graph.addObject(fullName)
    }

    /// Reads a number, a text, bytes or a constant; nil where the opcode is none of these.
    private mutating func readLiteral(_ opcode: UInt8) throws -> PickleGraph.Item? {
        switch opcode {
        case UInt8(ascii: "N"): .null  // NONE
        case 0x88: .bool(true)  // NEWTRUE
        case 0x89: .bool(false)  // NEWFALSE
        case UInt8(ascii: "K"): .int(Int(try cursor.byte()))  // BININT1
        case UInt8(ascii: "M"): .int(try cursor.uint16())  // BININT2
        case UInt8(ascii: "J"): .int(Int(try cursor.integer(as: Int32.self)))  // BININT
        case UInt8(ascii: "I"): try integerOfLine(isLong: false)  // INT
        case UInt8(ascii: "L"): try integerOfLine(isLong: true)  // LONG
        case 0x8A: integer(try cursor.bytes(Int(try cursor.byte())))  // LONG1
        case 0x8B: integer(try cursor.bytes(Int(try cursor.integer(as: Int32.self))))  // LONG4
        case UInt8(ascii: "G"):  // BINFLOAT, the only big-endian number
            .double(Double(bitPattern: try cursor.integer(as: UInt64.self).byteSwapped))
        case 0x8C: try text(Int(try cursor.byte()))  // SHORT_BINUNICODE
        case UInt8(ascii: "X"): try text(try cursor.uint32())  // BINUNICODE
        case 0x8D: try text(try cursor.byteCount64())  // BINUNICODE8
        case UInt8(ascii: "U"): try python2Text(Int(try cursor.byte()))  // SHORT_BINSTRING
        case UInt8(ascii: "T"): try python2Text(Int(try cursor.integer(as: Int32.self)))  // BINSTRING
        case UInt8(ascii: "C"): .bytes(try cursor.bytes(Int(try cursor.byte())))  // SHORT_BINBYTES
        case UInt8(ascii: "B"): .bytes(try cursor.bytes(try cursor.uint32()))  // BINBYTES
        case 0x8E, 0x96: .bytes(try cursor.bytes(try cursor.byteCount64()))  // BINBYTES8, BYTEARRAY8
        default: nil
        }
    }

    private mutating func text(_ length: Int) throws -> PickleGraph.Item {
        guard let text = try cursor.utf8(length) else { throw malformed("a string is not UTF-8") }
        return .string(text)
    }

    /// A `str` of Python 2, which is text or bytes.
    private mutating func python2Text(_ length: Int) throws -> PickleGraph.Item {
        let bytes = try cursor.bytes(length)
        return String(validating: bytes, as: UTF8.self).map { .string($0) } ?? .bytes(bytes)
    }

    /// An integer in little-endian two's complement of any length.
    private func integer(_ bytes: [UInt8]) -> PickleGraph.Item {
        guard bytes.count <= 8 else { return .bigInteger(bytes) }
        let isNegative = bytes.last.map { $0 >= 0x80 } ?? false
        return .int(bytes.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) })
    }

    /// An integer in decimal digits, as protocols 0 and 1 write it: behind a long one stands an `L`, and `00` and `01`
    /// are truth values.
    private mutating func integerOfLine(isLong: Bool) throws -> PickleGraph.Item {
        let line = String(decoding: try cursor.line(), as: UTF8.self)
        if !isLong, line == "00" || line == "01" { return .bool(line == "01") }
        let digits = isLong && line.hasSuffix("L") ? String(line.dropLast()) : line
        guard let number = Int(digits) else { throw malformed("a number is not one of at most 64 bits") }
        return .int(number)
    }

    // MARK: - Containers

    /// Makes or fills a container; false where the opcode does neither.
    private mutating func executeContainer(_ opcode: UInt8) throws -> Bool {
        switch opcode {
        case UInt8(ascii: "]"): stack.append(.list(graph.addSequence([])))  // EMPTY_LIST
        case UInt8(ascii: "}"): stack.append(.dictionary(graph.addDictionary()))  // EMPTY_DICT
        case UInt8(ascii: ")"): stack.append(.tuple(graph.addSequence([])))  // EMPTY_TUPLE
        case 0x8F: stack.append(.set(graph.addSequence([])))  // EMPTY_SET
        case UInt8(ascii: "l"): stack.append(.list(graph.addSequence(try popToMark())))  // LIST
        case UInt8(ascii: "t"): stack.append(.tuple(graph.addSequence(try popToMark())))  // TUPLE
        case 0x91: stack.append(.set(graph.addSequence(try popToMark())))  // FROZENSET
        case 0x85...0x87: stack.append(.tuple(graph.addSequence(try pop(Int(opcode) - 0x84))))  // TUPLE1 to TUPLE3
        case UInt8(ascii: "d"):  // DICT
            let items = try popToMark()
            stack.append(.dictionary(graph.addDictionary()))
            try fillDictionary(items)
        case UInt8(ascii: "a"): try fillSequence([try pop()])  // APPEND
        case UInt8(ascii: "e"), 0x90: try fillSequence(try popToMark())  // APPENDS, ADDITEMS
        case UInt8(ascii: "s"): try fillDictionary(try pop(2))  // SETITEM
        case UInt8(ascii: "u"): try fillDictionary(try popToMark())  // SETITEMS
        default: return false
        }
        return true
    }

    private mutating func fillSequence(_ items: [PickleGraph.Item]) throws {
        switch try top() {
        case .list(let index), .set(let index): graph.sequences[index] += items
        case .object(let object):
            let index = graph.objects[object].sequence ?? graph.addSequence([])
            graph.objects[object].sequence = index
            graph.sequences[index] += items
        default: throw malformed("items are appended to what is not a list")
        }
    }

    private mutating func fillDictionary(_ items: [PickleGraph.Item]) throws {
        let index: Int
        switch try top() {
        case .dictionary(let known): index = known
        case .object(let object):
            index = graph.objects[object].dictionary ?? graph.addDictionary()
            graph.objects[object].dictionary = index
        default: throw malformed("items are set in what is not a dictionary")
        }
        guard items.count.isMultiple(of: 2) else { throw malformed("a key has no value") }
        for position in stride(from: 0, to: items.count, by: 2) {
            try insert(items[position + 1], for: items[position], into: index)
        }
    }

    /// Adds an entry to a dictionary. Python never writes a key twice, and readers would differ on which one counts.
    mutating func insert(_ value: PickleGraph.Item, for key: PickleGraph.Item, into index: Int) throws {
        var isNew = true
        switch key {
        case .string(let text):
            try charge(text.utf8.count)
            isNew = graph.dictionaries[index].keys.insert(.string(text)).inserted
        case .int(let number):
            isNew = graph.dictionaries[index].keys.insert(.int(number)).inserted
        default: break
        }
        guard isNew else { throw malformed("a key occurs twice in a dictionary") }
        graph.dictionaries[index].entries.append((key, value))
    }
}
