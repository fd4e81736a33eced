import Architectures
import Distributed
import Foundation
import Networks
import Support
import Synchronization
import Torch

/// The paths of a search that several processes score: one owns strategy and archive and hands out pieces, any number of others
/// take them, come and go. What comes of it does not depend on who they are: a path has one score, and the strategy is told
/// scores in the order in which it asked.
///
/// Paths that begin alike are computed together, and what they have in common is kept from round to round. So the space is cut into
/// as many regions as there are processes, by the first choices, and each process takes the pieces of its own region first.
///
/// Keys in the store: `context`, what scores depend on; `regions`, how many there are; the queue `jobs/REGION`; the queue
/// `results`; `joined`, how many workers came; `lease/JOB`, who has it; `alive/ID`, which grows while a worker lives; `stop`.
public struct SharedPathWork: Sendable {
    /// The store in which the processes meet.
    let store: KeyValueStore
    /// The number of processes of this machine, which share the memory for activations.
    let processes: Int
    /// The seconds after which a piece is handed out again if who has it gives no sign of life.
    var patience = 10.0

    /// The number of regions of the space, one for each process of this machine.
    var regions: Int { max(processes, 1) }

    /// The number of paths of a piece: neighbours in order, whose beginnings are computed once, so many that each process gets
    /// a few pieces.
    func pieceSize(of count: Int) -> Int { max(4, count / (2 * regions)) }

    /// The region of an architecture: the order of all architectures is cut into parts of equal size.
    static func region(of architecture: Architecture, in space: SearchSpace, of regions: Int) -> Int {
        var (place, width) = (0.0, 1.0)
        for (choice, point) in zip(architecture.choices, space.points) {
            width /= Double(max(point.candidates.count, 1))
            place += Double(choice) * width
        }
        return min(Int(place * Double(regions)), regions - 1)
    }

    private static func queue(_ region: Int) -> String { "jobs/\(region)" }

    /// Puts a piece into the queue of its region.
    func push(_ piece: Piece) throws { try store.push(Self.queue(piece.region), Self.encoded(piece)) }

    /// Takes a piece, of one region rather than of any other; nil where there is none.
    func pop(from home: Int, of regions: Int) throws -> Piece? {
        for offset in 0..<regions {
            if let bytes = try store.pop(Self.queue((home + offset) % regions)) {
                return try Self.decoded(Piece.self, bytes)
            }
        }
        return nil
    }

    /// The seconds between two signs of life.
    static let pulse = 1.0

    /// Hands out work in a store that this process serves or has joined.
    ///
    /// - Parameters:
    ///   - store: the store.
    ///   - processes: the number of processes of this machine that take part.
    public init(_ store: KeyValueStore, processes: Int = 1) { (self.store, self.processes) = (store, processes) }

    /// A study whose search keeps a process's share of activations.
    func study(_ whole: Study) -> Study {
        var options = whole.options
        options.search.cacheMegabytes /= max(processes, 1)
        return whole.with(options)
    }

    /// Some paths of a round.
    struct Piece: Codable, Sendable {
        let number: Int
        let region: Int
        let paths: [String]

        func architectures() throws -> [Architecture] {
            try paths.map { path in
                guard let architecture = Architecture(path) else {
                    throw SpaceError.invalid(space: "a worker's", ["`\(path)` is no architecture"])
                }
                return architecture
            }
        }
    }

    /// The scores of a piece. Numbers travel as their bits.
    struct Answer: Codable, Hashable {
        struct Score: Codable, Hashable {
            let value: UInt64
            let metrics: [String: UInt64]
        }

        let number: Int
        let scores: [Score]
        let problem: String?
        let worker: String

        init(_ piece: Piece, _ scores: [PathScore], worker: String, problem: String? = nil) {
            number = piece.number
            self.scores = scores.map {
                Score(value: $0.value.bitPattern, metrics: $0.metrics.mapValues(\.bitPattern))
            }
            (self.worker, self.problem) = (worker, problem)
        }

        var pathScores: [PathScore] {
            scores.map {
                PathScore(Double(bitPattern: $0.value), $0.metrics.mapValues { Double(bitPattern: $0) })
            }
        }
    }

    static func encoded(_ value: some Encodable) throws -> [UInt8] { Array(try JSONEncoder().encode(value)) }

    static func decoded<Value: Decodable>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Value {
        try JSONDecoder().decode(type, from: Data(bytes))
    }

    // MARK: The worker

    /// Scores pieces until the search is over or its owner is gone.
    ///
    /// - Parameters:
    ///   - judge: scores paths, as the owner's does.
    ///   - context: what scores depend on, which must be the owner's.
    ///   - timeout: the seconds to wait for the owner.
    /// - Throws: `RanksError.unequal` for another context; what scoring throws.
    func serve(_ judge: any PathJudge, context: String, timeout: Double) throws {
        let own = "worker-\(ProcessInfo.processInfo.hostName)-\(getpid())"
        let theirs = try store.text("context", timeout: timeout)
        guard theirs == context else { throw WorkflowError.otherSearch(Self.difference(theirs, context)) }
        guard let regions = Int(try store.text("regions", timeout: timeout)), regions > 0 else {
            throw WorkflowError.otherSearch("the owner does not say how it hands out paths")
        }
        // The owner's own is the first.
        let home = try store.add("joined", 1) % regions
        let pulse = Pulse(store, own)
        defer { pulse.stop() }
        do {
            while try !store.contains("stop") {
                guard let piece = try pop(from: home, of: regions) else {
                    usleep(5_000)
                    continue
                }
                try store.set("lease/\(piece.number)", own)
                try store.push("results", Self.encoded(answer(piece, judge, own)))
            }
        } catch let error as TorchError where error.operation.contains("`") {
            // Who serves the store is gone: the search is over, or goes on when it is started again.
            return
        }
    }

    private func answer(_ piece: Piece, _ judge: any PathJudge, _ worker: String) -> Answer {
        do {
            return Answer(piece, try judge.scores(of: piece.architectures()), worker: worker)
        } catch { return Answer(piece, [], worker: worker, problem: "\(error)") }
    }

    /// The first line in which two texts differ.
    static func difference(_ one: String, _ other: String) -> String {
        let lines = zip(
            one.split(separator: "\n", omittingEmptySubsequences: false),
            other.split(separator: "\n", omittingEmptySubsequences: false))
        return lines.first { $0 != $1 }.map { "`\($1)`, not `\($0)`" } ?? "another number of lines"
    }

    /// A thread that gives signs of life.
    private final class Pulse: Sendable {
        private let isStopped = Atomic(false)

        init(_ store: KeyValueStore, _ worker: String) {
            let thread = Thread { [self] in
                while !isStopped.load(ordering: .relaxed), (try? store.add("alive/\(worker)", 1)) != nil {
                    usleep(UInt32(1e6 * SharedPathWork.pulse))
                }
            }
            thread.start()
        }

        func stop() { isStopped.store(true, ordering: .relaxed) }
    }
}

/// A judge that hands out paths to other processes, and scores some itself.
final class SharedJudge: PathJudge {
    private let own: any PathJudge
    private let work: SharedPathWork
    private var handedOut = 0
    /// When a worker last gave a sign, and what it was.
    private var signs: [String: (count: Int, seen: Double)] = [:]

    /// Tells workers what scores depend on, so that they can begin.
    init(_ own: any PathJudge, _ work: SharedPathWork, context: String) throws {
        (self.own, self.work) = (own, work)
        try work.store.set("regions", "\(work.regions)")
        try work.store.set("context", context)
    }

    var supernet: Supernet { own.supernet }

    /// As many as keep several processes busy; what an interruption can lose is still seconds.
    var chunk: Int { 64 }

    func work(of architectures: [Architecture]) -> Double { own.work(of: architectures) }

    func weights(of architecture: Architecture) throws -> [(key: String, tensor: Tensor)] {
        try own.weights(of: architecture)
    }

    func finish() throws {
        try work.store.set("stop", "")
        try own.finish()
    }

    func scores(of architectures: [Architecture]) throws -> [PathScore] {
        let sorted = Set(architectures).sorted()
        var open: [Int: (piece: SharedPathWork.Piece, since: Double)] = [:]
        var answers: [Int: SharedPathWork.Answer] = [:]
        let size = work.pieceSize(of: sorted.count)
        let space = supernet.description.space
        let byRegion = Dictionary(grouping: sorted) { SharedPathWork.region(of: $0, in: space, of: work.regions) }
        for (region, own) in byRegion.sorted(by: { $0.key < $1.key }) {
            for start in stride(from: 0, to: own.count, by: size) {
                let paths = own[start..<min(start + size, own.count)].map(\.description)
                let piece = SharedPathWork.Piece(number: handedOut, region: region, paths: paths)
                handedOut += 1
                open[piece.number] = (piece, Self.now)
                try work.push(piece)
            }
        }
        let pieces = open.mapValues(\.piece)
        while !open.isEmpty {
            if let piece = try work.pop(from: 0, of: work.regions) {
                // One that somebody has answered meanwhile was handed out twice.
                guard pieces[piece.number] == nil || open[piece.number] != nil else { continue }
                let scores = try own.scores(of: piece.architectures())
                try accept(.init(piece, scores, worker: "the owner"), &open, &answers)
            }
            var isIdle = true
            while let bytes = try work.store.pop("results") {
                isIdle = false
                try accept(SharedPathWork.decoded(SharedPathWork.Answer.self, bytes), &open, &answers)
            }
            try handOutAgain(&open)
            if isIdle { usleep(2_000) }
        }
        var scores: [String: PathScore] = [:]
        for (number, piece) in pieces {
            for (path, score) in zip(piece.paths, answers[number]?.pathScores ?? []) { scores[path] = score }
        }
        return architectures.map { scores[$0.description] ?? .none }
    }

    private static var now: Double { ProcessInfo.processInfo.systemUptime }

    private func accept(
        _ answer: SharedPathWork.Answer, _ open: inout [Int: (piece: SharedPathWork.Piece, since: Double)],
        _ answers: inout [Int: SharedPathWork.Answer]
    ) throws {
        if let problem = answer.problem { throw WorkflowError.worker(answer.worker, problem) }
        if let earlier = answers[answer.number] {
            guard earlier.scores == answer.scores else {
                throw WorkflowError.unequalScores(earlier.worker, answer.worker)
            }
        }
        // Of an earlier round, it was answered by another one then.
        guard open.removeValue(forKey: answer.number) != nil else { return }
        answers[answer.number] = answer
    }

    /// Puts pieces into the queue again whose workers give no sign of life, or that were lost on the way.
    private func handOutAgain(_ open: inout [Int: (piece: SharedPathWork.Piece, since: Double)]) throws {
        let now = Self.now
        for (number, entry) in open where now - entry.since > work.patience {
            let key = "lease/\(number)"
            if try work.store.contains(key) {
                let worker = try work.store.text(key, timeout: 1)
                let count = try work.store.add("alive/\(worker)", 0)
                if signs[worker]?.count != count { signs[worker] = (count, now) }
                guard now - (signs[worker]?.seen ?? now) > work.patience else { continue }
                try work.store.remove(key)
            }
            open[number] = (entry.piece, now)
            try work.push(entry.piece)
        }
    }
}
