import Synchronization

/// The members of one kind that are known by name, such as search spaces or search strategies: those that are built in,
/// and those that a program adds. It may be read and added to from any thread.
public final class Registry<Member: Sendable>: Sendable {
    /// What a member is called in messages, such as `search space`.
    public let noun: String
    private let nameOf: @Sendable (Member) -> String
    private let state: Mutex<[Member]>

    /// A registry of the built-in members, in the order in which their names are listed.
    ///
    /// - Parameters:
    ///   - noun: what a member is called in messages, such as `search space`.
    ///   - builtIn: the members that are there from the start; their names must differ.
    ///   - name: the name of a member, which must not change.
    public init(of noun: String, _ builtIn: [Member], name: @escaping @Sendable (Member) -> String) {
        self.noun = noun
        nameOf = name
        state = Mutex(builtIn)
    }

    /// All members, the built-in ones first, then the others in the order in which they were added.
    public var members: [Member] { state.withLock { $0 } }

    /// The names of all members, in the same order.
    public var names: [String] { members.map(nameOf) }

    /// The member of that name; nil where there is none.
    public subscript(name: String) -> Member? { members.first { nameOf($0) == name } }

    /// The name under which a member is, or would be, registered.
    public func name(of member: Member) -> String { nameOf(member) }

    /// Adds a member, which is then found by its name like the built-in ones.
    ///
    /// - Throws: ``RegistrationError`` if another member has the name, or if it is no name: empty, or with other
    ///   characters than letters, digits, `-` and `_`.
    public func register(_ member: Member) throws(RegistrationError) {
        let name = nameOf(member)
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }) else {
            throw .notAName(name, noun: noun)
        }
        let isNew = state.withLock { members in
            guard !members.contains(where: { nameOf($0) == name }) else { return false }
            members.append(member)
            return true
        }
        if !isNew { throw .nameTaken(name, noun: noun) }
    }
}

/// A kind of things that are registered by name.
public protocol RegisteredFamily: Sendable {
    /// A thing of the family, often an existential such as `any SpaceDefinition`.
    associatedtype Member: Sendable
    /// The members that are known.
    static var registry: Registry<Member> { get }
}

extension RegisteredFamily {
    /// Adds a member of one's own, which is then found by its name like the built-in ones.
    ///
    /// - Throws: ``RegistrationError`` as ``Registry/register(_:)``.
    public static func register(_ member: Member) throws(RegistrationError) { try registry.register(member) }
}

/// A member that cannot be registered.
public enum RegistrationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Another member of the family has the name.
    case nameTaken(String, noun: String)
    /// The text can be no name in a configuration or on a command line.
    case notAName(String, noun: String)

    /// What is wrong, and what to do.
    public var description: String {
        switch self {
        case .nameTaken(let name, let noun):
            "a \(noun) of the name `\(name)` is registered already; give the new one another name"
        case .notAName(let name, let noun):
            "`\(name)` cannot be the name of a \(noun); use letters, digits, `-` and `_`"
        }
    }
}
