import Foundation
import Testing

@testable import Archives

@Suite struct ArchitectureArchiveTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("archive.sqlite") }

    init() throws { folder = try TemporaryFolder() }

    private func open() throws -> ArchitectureArchive {
        try ArchitectureArchive(path: path, context: sampleContext)
    }

    @Test func entriesComeBackInTheirOrder() throws {
        let entries = [5, 3, 4, 0, 17].map { sample($0) }
        do {
            let archive = try open()
            #expect(try archive.entries().isEmpty)
            #expect(try archive.add(Array(entries[..<2])) == 2)
            #expect(try archive.add(Array(entries[2...])) == 3)
            #expect(try archive.add([]) == 0)
        }
        let again = try open()
        #expect(try again.entries() == entries)
        #expect(try again.count == 5)
        #expect(try again.entry(entries[3].architecture) == entries[3])
        #expect(try again.entry("9 9 9") == nil)
        #expect(again.path == path && again.context == sampleContext)
        #expect(try folder.names == ["archive.sqlite"])
    }

    private static let specialNumbers: [Double] = [
        0, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .pi,
        0.1, 0.1 + 0.2, 1 + .ulpOfOne, 1e23, 9_007_199_254_740_991, 0x1p53, 0x1p47, -0x1p47 - 1, 0x1p63, 0x1p64, -1, 3,
        1e-300,
        123_456_789.123_456_79,
    ]

    @Test(arguments: specialNumbers)
    func numbersKeepEveryBit(_ number: Double) throws {
        var entry = sample(1, score: number)
        entry.seconds = number
        entry.metrics = ["accuracy": number, "loss": number, "other": number]
        entry.costs = ["parameters": number, "multiplyAdds": number, "latencyMilliseconds": number, "other": number]
        try open().add([entry])
        let found = try #require(try open().entry(entry.architecture))
        #expect(found == entry)
        let read = [found.score, found.seconds] + found.metrics.values + found.costs.values
        #expect(read.count == 9 && read.allSatisfy { $0.bitPattern == number.bitPattern })
    }

    @Test func infinitiesAndNotANumberAreKeptAsMetrics() throws {
        var entry = sample(1)
        entry.metrics = ["loss": .infinity, "accuracy": .nan, "other": -.infinity]
        entry.costs = ["latencyMilliseconds": .infinity, "parameters": 3]
        try open().add([entry])
        let found = try #require(try open().entry(entry.architecture))
        #expect(found.metrics["accuracy"]?.isNaN == true)
        #expect(found.metrics.filter { $0.key != "accuracy" } == ["loss": .infinity, "other": -.infinity])
        #expect(found.costs == entry.costs)
    }

    @Test(arguments: [0, 1, UInt64(Int64.max), UInt64(Int64.max) + 1, .max])
    func seedsOf64BitsAreKept(_ seed: UInt64) throws {
        var entry = sample(1)
        entry.seed = seed
        try open().add([entry])
        #expect(try open().entries() == [entry])
    }

    @Test func namesAreJustText() throws {
        var entry = sample(1)
        entry.architecture = "'); DROP TABLE architectures; --"
        entry.policy = "größer, \"quoted\"\n\u{1F600}"
        entry.metrics = ["": 1, "a \"b\"/\\": 2, "parameters": 3]
        entry.costs = ["accuracy": 4, "multiply_adds": 5]
        var empty = sample(2)
        (empty.architecture, empty.policy, empty.metrics, empty.costs) = ("", "", [:], [:])
        try open().add([entry, empty])
        #expect(try open().entries() == [entry, empty])
        #expect(try open().entry(entry.architecture) == entry)
    }

    @Test func timesAreTextThatSortsAndComeBackExactly() throws {
        let intervals = (0..<500).map { 600_000_000 + Double($0) * 1_234_567.890_123_4 }
        let dates = intervals.map { Date(timeIntervalSinceReferenceDate: $0) }
        let texts = dates.compactMap { EvaluationTime.text($0) }
        #expect(texts.map { EvaluationTime.date($0) } == dates)
        #expect(texts == texts.sorted() && Set(texts.map(\.count)) == [30])
        #expect(EvaluationTime.text(Date(timeIntervalSince1970: 1_700_000_000.25)) == "2023-11-14T22:13:20.250000000Z")
        #expect(EvaluationTime.text(Date(timeIntervalSince1970: 0)) == "1970-01-01T00:00:00.000000000Z")
        #expect(EvaluationTime.date("2023-11-14T22:13:20Z") == Date(timeIntervalSince1970: 1_700_000_000))
        #expect(EvaluationTime.date("2023-11-14T22:13:20.5Z") == Date(timeIntervalSince1970: 1_700_000_000.5))
        for text in ["", "Z", "yesterday", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20.-5Z", "2023-11-14T22:13:20"] {
            #expect(EvaluationTime.date(text) == nil, "\(text)")
        }
    }

    @Test func addingTwiceIsAddingOnce() throws {
        let archive = try open()
        let first = sample(1)
        var second = first
        second.seconds += 1
        #expect(try archive.add([first]) == 1)
        #expect(try archive.add([second, sample(2), sample(2), first]) == 1)
        #expect(try archive.entries() == [first, sample(2)])
    }

    @Test func anotherScoreIsRefusedWithTheWholeBatch() throws {
        let archive = try open()
        try archive.add([sample(1, score: 0.5)])
        let error = #expect(throws: ArchiveError.self) {
            try archive.add([sample(2), sample(1, score: 0.5.nextUp), sample(3)])
        }
        #expect(
            error == .conflict(path: path, architecture: "1 0 0", stored: 0.5, new: 0.5.nextUp))
        #expect(error?.description.contains("1 0 0 with the score 0.5, and not 0.5000000000000001;") == true)
        #expect(throws: ArchiveError.self) { try archive.add([sample(4, score: 1), sample(4, score: 2)]) }
        #expect(try archive.entries() == [sample(1, score: 0.5)])
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func aScoreMustBeFinite(_ score: Double) throws {
        let archive = try open()
        let error = #expect(throws: ArchiveError.self) { try archive.add([sample(1), sample(2, score: score)]) }
        #expect(
            error == .badValue(path: path, architecture: "2 0 0", key: "score", value: "\(score)"))
        #expect(error?.description.contains("architecture 2 0 0: its score is \(score)") == true)
        #expect(try archive.count == 0)
    }

    @Test func durationAndTimeMustMakeSense() throws {
        let archive = try open()
        var slow = sample(1)
        slow.seconds = .infinity
        var early = sample(2)
        early.time = .distantPast
        for (entry, key) in [(slow, "seconds"), (early, "time")] {
            let error = #expect(throws: ArchiveError.self) { try archive.add([entry]) }
            #expect(error?.description.contains("architecture \(entry.architecture): its \(key) is") == true)
        }
        #expect(try archive.count == 0)
    }

    @Test func theBestAreSortedAndTiesKeepTheirOrder() throws {
        let archive = try open()
        let scores = [0.25, 0.75, -1, 0.75, 0.5, 0.25]
        try archive.add(scores.enumerated().map { sample($0.offset, score: $0.element) })
        let order = [1, 3, 4, 0, 5, 2]
        for count in 0...7 {
            let best = try archive.best(count).map(\.architecture)
            #expect(best == order.prefix(count).map { sample($0).architecture })
        }
        #expect(try archive.best(-1).isEmpty)
    }

    @Test func threadsShareAnArchive() async throws {
        let archive = try open()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in 0..<4 {
                group.addTask {
                    try archive.add((part * 8..<part * 8 + 12).map { sample($0) })
                    _ = try archive.best(3)
                }
            }
            try await group.waitForAll()
        }
        let found = Set(try archive.entries())
        #expect(found == Set((0..<36).map { sample($0) }))
        #expect(try archive.count == 36)
    }
}
