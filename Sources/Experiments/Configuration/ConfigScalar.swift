/// A YAML scalar before a key has given it a type. Follows YAML 1.2's core schema: `true` and `false` are the only
/// booleans, `.inf` and `.nan` are numbers, and an empty value is null.
public struct ConfigScalar: Equatable, Sendable {
    /// The scalar without its quotes and with its escapes resolved.
    public var text: String
    /// Whether the text stands without quotes; quoted and block text is always a string.
    public var isPlain: Bool

    static let null = ConfigScalar(text: "null", isPlain: true)

    var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }

    var bool: Bool? {
        guard isPlain else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: return nil
        }
    }

    func integer<I: FixedWidthInteger>(_ type: I.Type = I.self) -> I? {
        guard let (digits, radix) = integerDigits else { return nil }
        return I(digits, radix: radix)
    }

    /// Whether this is an integer, if not one that fits into any type of Swift's.
    var isInteger: Bool { integerDigits != nil }

    func number<F: BinaryFloatingPoint & LosslessStringConvertible>(_ type: F.Type = F.self) -> F? {
        guard isPlain else { return nil }
        switch text.lowercased() {
        case ".inf", "+.inf": return .infinity
        case "-.inf": return -.infinity
        case ".nan": return .nan
        default: break
        }
        if let (digits, radix) = integerDigits, radix != 10 { return Int64(digits, radix: radix).map { F($0) } }
        let allowed = text.utf8.allSatisfy { byte in
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "+-.eE_".utf8.contains(byte)
        }
        // Beyond the type's range, `F(_:)` rounds to infinity; nobody who wrote digits meant that.
        guard allowed, let value = F(text.replacing("_", with: "")), value.isFinite else { return nil }
        return value
    }

    /// Any scalar that is not null: what looks like a number is a string to a key that wants one.
    var string: String? { isNull ? nil : text }

    var summary: String {
        if isNull { return "nothing" }
        let short = text.count > 60 ? text.prefix(60) + "…" : Substring(text)
        if !isPlain { return "the string \"\(short)\"" }
        return bool != nil || number(Double.self) != nil || isInteger ? String(short) : "\"\(short)\""
    }

    /// The digits with their sign, without prefix and separators.
    private var integerDigits: (String, radix: Int)? {
        guard isPlain else { return nil }
        var rest = Substring(text)
        var sign = ""
        if let first = rest.first, first == "-" || first == "+" {
            sign = first == "-" ? "-" : ""
            rest = rest.dropFirst()
        }
        var radix = 10
        if rest.hasPrefix("0x") { radix = 16 }
        if rest.hasPrefix("0o") { radix = 8 }
        if radix != 10 { rest = rest.dropFirst(2) }
        guard let first = rest.first, first != "_", rest.last != "_" else { return nil }
        let digits = rest.replacing("_", with: "")
        guard digits.allSatisfy({ $0.isASCII && $0.hexDigitValue.map { $0 < radix } == true }) else { return nil }
        return (sign + digits, radix)
    }
}

/// A type that one scalar spells.
protocol ConfigScalarValue: Decodable {
    init?(scalar: ConfigScalar)
    /// The values that a key of this type takes, in words; `found` may sharpen them.
    static func expectation(found: ConfigScalar?) -> String
    /// Stands in for a refused value while the rest of the file is looked at; never handed out.
    static var placeholder: Self { get }
}

extension Bool: ConfigScalarValue {
    init?(scalar: ConfigScalar) {
        guard let value = scalar.bool else { return nil }
        self = value
    }
    static func expectation(found: ConfigScalar?) -> String { "true or false" }
    static var placeholder: Bool { false }
}

extension String: ConfigScalarValue {
    init?(scalar: ConfigScalar) {
        guard let value = scalar.string else { return nil }
        self = value
    }
    static func expectation(found: ConfigScalar?) -> String {
        found?.isNull == true ? "a string (an empty one is written \"\")" : "a string"
    }
    static var placeholder: String { "" }
}

extension ConfigScalarValue where Self: BinaryFloatingPoint & LosslessStringConvertible {
    init?(scalar: ConfigScalar) {
        guard let value = scalar.number(Self.self) else { return nil }
        self = value
    }
    static func expectation(found: ConfigScalar?) -> String { "a number" }
    static var placeholder: Self { 0 }
}

extension ConfigScalarValue where Self: FixedWidthInteger {
    init?(scalar: ConfigScalar) {
        guard let value = scalar.integer(Self.self) else { return nil }
        self = value
    }
    static func expectation(found: ConfigScalar?) -> String {
        if Self.isSigned, Self.bitWidth == 64, found?.isInteger != true { return "an integer" }
        return "an integer from \(Self.min) to \(Self.max)"
    }
    static var placeholder: Self { 0 }
}

extension Double: ConfigScalarValue {}
extension Float: ConfigScalarValue {}
extension Int: ConfigScalarValue {}
extension Int8: ConfigScalarValue {}
extension Int16: ConfigScalarValue {}
extension Int32: ConfigScalarValue {}
extension Int64: ConfigScalarValue {}
extension UInt: ConfigScalarValue {}
extension UInt8: ConfigScalarValue {}
extension UInt16: ConfigScalarValue {}
extension UInt32: ConfigScalarValue {}
extension UInt64: ConfigScalarValue {}
