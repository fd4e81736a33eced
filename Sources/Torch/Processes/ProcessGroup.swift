import CTorch

/// A group of processes that compute together (c10d with Gloo). All members must call the same operations in the same order,
/// with tensors of the same shape: a process whose tensor has another size ends without a word.
///
/// Errors of kind `.other` mean that a member is gone, cannot be reached, or did not come in time. Sums are taken in the
/// order of ranks, so that all members get the same bits, and the same again in another run.
public final class ProcessGroup: @unchecked Sendable {
    /// The name by which collectives find the group.
    public let name: String
    /// The number of this process, from 0.
    public let rank: Int
    /// The number of processes.
    public let size: Int
    // Members meet in it as long as the group lives.
    private let store: KeyValueStore

    /// Joins a group; it waits for the others.
    ///
    /// - Parameters:
    ///   - store: the store in which the members meet.
    ///   - name: the name of the group.
    ///   - address: the address of this machine at which the others reach it; empty for where its name leads. The variable
    ///     `GLOO_SOCKET_IFNAME` overrides it by the name of an interface.
    ///   - rank: the number of this process.
    ///   - size: the number of processes.
    ///   - timeout: the seconds that each operation waits for the others.
    /// - Throws: `TorchError` if the others do not come.
    public init(
        _ store: KeyValueStore, name: String = "world", address: String = "", rank: Int, size: Int, timeout: Double
    ) throws {
        guard size > 0, (0..<size).contains(rank) else {
            throw TorchError(
                .invalidArgument, operation: "ProcessGroup", message: "there is no rank \(rank) in a group of \(size)")
        }
        try store.join(name, address: address, rank: rank, size: size, timeout: timeout)
        (self.store, self.name, self.rank, self.size) = (store, name, rank, size)
    }

    /// Leaves the group. Members should do so together, after ``barrier(timeout:)``.
    public func leave() throws { try check(ct_loaded().pointee.group_leave(name), "leave the group `\(name)`") }

    /// Waits for all members.
    ///
    /// - Parameter timeout: the seconds to wait.
    /// - Throws: `TorchError`; on rank 0 its message names the ranks that did not come.
    public func barrier(timeout: Double) throws {
        try check(
            ct_loaded().pointee.group_barrier(name, KeyValueStore.milliseconds(timeout)), "barrier of `\(name)`")
    }

    /// How values of the members become one.
    public enum Reduction: String {
        /// Their sum.
        case sum
        /// The smallest.
        case minimum = "min"
        /// The largest.
        case maximum = "max"
    }

    /// Replaces tensors by what the members' tensors make together, all under way at once. Not of type bool.
    ///
    /// - Parameters:
    ///   - tensors: tensors without gaps in memory, of whatever memory format, the same for all members.
    ///   - reduction: how they become one.
    public func reduce(_ tensors: [Tensor], _ reduction: Reduction = .sum) throws {
        try withoutGradients {
            let begun = try tensors.map { tensor in
                // Gloo takes plain arrays: the same memory as one row.
                let row = try Op.strided(.tensor(tensor), .ints([tensor.elementCount]), .ints([1]))
                return try Op.allReduce(.tensor(row), .string(reduction.rawValue), .string(name))
            }
            for tensor in begun { _ = try Op.waitTensor(.tensor(tensor)) }
        }
    }

    /// Replaces tensors by those of one member, one after another.
    ///
    /// - Parameters:
    ///   - tensors: tensors without gaps in memory.
    ///   - source: the rank of the member.
    public func broadcast(_ tensors: [Tensor], from source: Int = 0) throws {
        try withoutGradients {
            let begun = try tensors.map { tensor in
                let row = try Op.strided(.tensor(tensor), .ints([tensor.elementCount]), .ints([1]))
                return try Op.broadcastInPlace(.tensor(row), .int(source), .string(name))
            }
            for tensor in begun { _ = try Op.waitTensor(.tensor(tensor)) }
        }
    }

    /// The tensors of all members along the first dimension, in the order of ranks.
    public func gathered(_ tensor: Tensor) throws -> Tensor {
        try withoutGradients {
            let all = try Op.allGather(.tensor(tensor.contiguous()), .int(size), .string(name))
            return try Op.waitTensor(.tensor(all))
        }
    }

    /// Sends rows to each member, and gives those that all have sent to this one, in the order of ranks.
    ///
    /// - Parameters:
    ///   - rows: the rows, first those for rank 0.
    ///   - sent: the number of rows for each member.
    ///   - received: the number of rows from each member.
    public func exchanged(_ rows: Tensor, sent: [Int], received: [Int]) throws -> Tensor {
        try withoutGradients {
            let all = try Op.allToAll(.tensor(rows.contiguous()), .ints(received), .ints(sent), .string(name))
            return try Op.waitTensor(.tensor(all))
        }
    }
}
