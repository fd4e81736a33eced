import Foundation
import Support

/// The processes that run one command together, and the place of this one among them, as a launcher says it by variables of
/// the environment.
public struct World: Sendable, Hashable {
    /// What started the processes.
    public enum Launcher: String, Sendable, CaseIterable {
        /// This program (`--processes`), torchrun, or a person: `RANK`, `WORLD_SIZE`.
        case torchrun
        /// Open MPI's mpirun: `OMPI_COMM_WORLD_RANK`.
        case openMPI = "open-mpi"
        /// The mpirun of MPICH and of Intel: `PMI_RANK`.
        case mpich
        /// SLURM's srun: `SLURM_PROCID`. Only when it is asked for, as its variables are also set in a batch script
        /// outside srun, where one program must not wait for others.
        case slurm

        /// The names of the variables: rank, size, local rank, local size.
        var names: (rank: String, size: [String], localRank: String, localSize: String) {
            switch self {
            case .torchrun: ("RANK", ["WORLD_SIZE"], "LOCAL_RANK", "LOCAL_WORLD_SIZE")
            case .openMPI:
                (
                    "OMPI_COMM_WORLD_RANK", ["OMPI_COMM_WORLD_SIZE"], "OMPI_COMM_WORLD_LOCAL_RANK",
                    "OMPI_COMM_WORLD_LOCAL_SIZE"
                )
            case .mpich: ("PMI_RANK", ["PMI_SIZE"], "MPI_LOCALRANKID", "MPI_LOCALNRANKS")
            case .slurm:
                ("SLURM_PROCID", ["SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"], "SLURM_LOCALID", "SLURM_TASKS_PER_NODE")
            }
        }
    }

    /// The number of this process, from 0.
    public var rank: Int
    /// The number of processes.
    public var size: Int
    /// The number of this process among those of its machine.
    public var localRank: Int
    /// The number of processes on this machine.
    public var localSize: Int
    /// The name or address of the machine on which the store of keys is served.
    public var address: String
    /// The port at which it is served.
    public var port: Int
    /// How often the processes were started again.
    public var restart: Int
    /// Whether the launcher serves the store of keys; otherwise rank 0 does.
    public var launcherServes: Bool

    /// A world of these processes.
    public init(
        rank: Int, size: Int, localRank: Int, localSize: Int, address: String, port: Int, restart: Int = 0,
        launcherServes: Bool = false
    ) {
        (self.rank, self.size, self.localRank, self.localSize) = (rank, size, localRank, localSize)
        (self.address, self.port, self.restart, self.launcherServes) = (address, port, restart, launcherServes)
    }

    /// The variables by which `found` finds a world again.
    public var environment: [String: String] {
        [
            "RANK": "\(rank)", "WORLD_SIZE": "\(size)", "LOCAL_RANK": "\(localRank)",
            "LOCAL_WORLD_SIZE": "\(localSize)", "MASTER_ADDR": address, "MASTER_PORT": "\(port)",
            "TORCHELASTIC_RESTART_COUNT": "\(restart)",
            "TORCHELASTIC_USE_AGENT_STORE": launcherServes ? "True" : "False",
        ]
    }

    /// Reads what a launcher has said.
    ///
    /// - Parameters:
    ///   - environment: the variables of the environment.
    ///   - launcher: the launcher; nil for whichever but SLURM has set its variables.
    /// - Returns: the world; nil where nobody has launched several processes.
    /// - Throws: `WorldError` where a part of the variables is missing, or is not what it must be.
    public static func found(
        in environment: [String: String], launcher: Launcher? = nil
    ) throws(WorldError) -> World? {
        func isSet(_ name: String) -> Bool { environment[name].map { !$0.isEmpty } ?? false }
        let found =
            launcher
            ?? Launcher.allCases.first { candidate in
                candidate != .slurm
                    && ([candidate.names.rank] + candidate.names.size).contains(where: isSet)
            }
        guard let found else { return nil }
        let names = found.names
        func number(_ choices: [String], _ range: ClosedRange<Int>, or standard: Int? = nil) throws(WorldError) -> Int {
            guard let name = choices.first(where: isSet), let text = environment[name] else {
                if let standard { return standard }
                throw WorldError.missing(choices[0], launcher: found)
            }
            // SLURM writes the tasks of each node as 2(x3),1.
            let digits = found == .slurm ? String(text.prefix(while: \.isNumber)) : text
            guard let value = Int(digits), range.contains(value) else {
                throw WorldError.notANumber(name, text, range)
            }
            return value
        }
        let size = try number(names.size, 1...65_536)
        let rank = try number([names.rank], 0...max(size - 1, 0))
        guard size > 1 else { return nil }
        let localRank = try number([names.localRank], 0...65_535, or: found == .torchrun ? rank : 0)
        let localSize = try number([names.localSize], 1...65_536, or: found == .torchrun ? size : 1)
        let nodes = isSet("SLURM_STEP_NODELIST") ? "SLURM_STEP_NODELIST" : "SLURM_NODELIST"
        var address = isSet("MASTER_ADDR") ? environment["MASTER_ADDR"] : nil
        if address == nil, found == .slurm { address = environment[nodes].flatMap(firstNode) }
        guard let address else { throw WorldError.missing("MASTER_ADDR", launcher: found) }
        var job: Int?
        if found == .slurm { job = environment["SLURM_JOB_ID"].flatMap { Int($0) } }
        let port = try number(["MASTER_PORT"], 1...65_535, or: job.map { 20_000 + $0 % 20_000 })
        let restarts = found == .slurm ? "SLURM_RESTART_COUNT" : "TORCHELASTIC_RESTART_COUNT"
        return World(
            rank: rank, size: size, localRank: localRank, localSize: localSize, address: address, port: port,
            restart: try number([restarts], 0...Int.max, or: 0),
            launcherServes: environment["TORCHELASTIC_USE_AGENT_STORE"] == "True")
    }

    /// The first machine of SLURM's list: `gpu03` of `gpu[03-05,9],x1`.
    static func firstNode(_ list: String) -> String? {
        guard let end = list.firstIndex(where: { $0 == "[" || $0 == "," }) else { return list.isEmpty ? nil : list }
        let stem = list[..<end]
        guard list[end] == "[" else { return String(stem) }
        let number = list[list.index(after: end)...].prefix(while: \.isNumber)
        return number.isEmpty ? nil : String(stem + number)
    }
}

/// What a launcher has said, and cannot be.
public enum WorldError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A variable is missing beside others.
    case missing(String, launcher: World.Launcher)
    /// A variable is not a number in its range.
    case notANumber(String, String, ClosedRange<Int>)

    /// What was wrong, and what to do.
    public var description: String {
        switch self {
        case .missing(let name, let launcher):
            "the variable \(name) is missing: other variables of \(launcher.rawValue) say that several processes were "
                + "started. Set it (mpirun passes variables on with -x \(name)), or start them by `--processes N` or torchrun"
        case .notANumber(let name, let text, let range):
            "the variable \(name) must be a number from \(range.lowerBound) to \(range.upperBound), is `\(text)`"
        }
    }
}
