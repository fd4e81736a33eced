import Foundation
import Testing

@testable import Archives

/// Other programs read what an archive holds.
@Suite struct ArchiveInteroperabilityTests {
    private let folder: TemporaryFolder
    private let archive: ArchitectureArchive
    private var path: String { folder.file("archive.sqlite") }

    init() throws {
        folder = try TemporaryFolder()
        archive = try ArchitectureArchive(path: folder.file("archive.sqlite"), context: sampleContext)
    }

    private let entries: [ArchiveEntry] = {
        var odd = sample(7, score: 0.1 + 0.2)
        odd.policy = "a \"quoted\", two\r\nlines"
        odd.seed = .max
        odd.metrics = ["loss": .infinity, "odd, name": .leastNonzeroMagnitude]
        odd.costs = ["multiplyAdds": 1e15, "memory": 0.1]
        return [sample(1), odd]
    }()

    @Test func theTablesAreReadable() throws {
        try archive.add(entries)
        let plain = try PlainDatabase(path)
        #expect(
            try plain.rows("SELECT * FROM architectures") == [
                [
                    Int64(1), "1 0 0", entries[0].score, entries[0].metrics["accuracy"], entries[0].metrics["loss"],
                    1_000_003.0, nil, entries[0].costs["latencyMilliseconds"],
                    "{\"metrics\":{\"top5\":\(entries[0].metrics["top5"] ?? 0)}}", "re-estimate 8x128",
                    "11400714819323198485", Int64(0), entries[0].seconds, EvaluationTime.text(entries[0].time),
                ],
                [
                    Int64(2), "3 1 0", 0.30000000000000004, nil, nil, nil, 1e15, nil,
                    #"{"costs":{"memory":0.1},"metrics":{"loss":"inf","odd, name":5e-324}}"#,
                    "a \"quoted\", two\r\nlines", "18446744073709551615", Int64(0), entries[1].seconds,
                    EvaluationTime.text(entries[1].time),
                ],
            ])
        let names = try plain.rows("SELECT name FROM pragma_table_info('architectures')").map { $0[0] }
        #expect(
            names == [
                "id", "architecture", "score", "accuracy", "loss", "parameters", "multiply_adds", "latency_ms", "extra",
                "policy", "seed", "round", "seconds", "evaluated_at",
            ])
        let meta = try plain.rows("SELECT key, value FROM meta ORDER BY key")
        #expect(meta.map { $0[0] as? String } == ["context", "created_at", "schema_version"])
        let values = try #require(meta.map { $0[1] } as? [String])
        #expect(values[0] == sampleContext && values[2] == "1")
        let date = try #require(EvaluationTime.date(values[1]))
        #expect(abs(date.timeIntervalSinceNow) < 60)
        #expect(try plain.rows("PRAGMA application_id") == [[Int64(0x534E_4153)]])
        #expect(try plain.rows("PRAGMA user_version") == [[Int64(1)]])
        // SQLite's own functions know the times.
        #expect(
            try plain.rows("SELECT strftime('%s', evaluated_at) FROM architectures WHERE id = 1") == [
                [String(Int(entries[0].time.timeIntervalSince1970))]
            ])
    }

    @Test func pythonReadsTheSameNumbers() throws {
        let many = (0..<50).map { sample($0, score: pow(-1.7, Double($0 * 13 - 300))) }
        try archive.add(many)
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/env")
        python.arguments = [
            "python3", "-S", "-c",
            """
            import json, sqlite3, struct, sys
            bits = lambda x: struct.unpack("<Q", struct.pack("<d", x))[0]
            query = "SELECT score, accuracy, seconds, extra, seed FROM architectures ORDER BY id"
            for score, accuracy, seconds, extra, seed in sqlite3.connect(sys.argv[1]).execute(query):
                print(bits(score), bits(accuracy), bits(seconds), bits(json.loads(extra)["metrics"]["top5"]), int(seed))
            """, path,
        ]
        let output = Pipe()
        python.standardOutput = output
        try python.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        python.waitUntilExit()
        let expected = many.map { entry in
            let numbers = [entry.score, entry.metrics["accuracy"], entry.seconds, entry.metrics["top5"]]
            return numbers.map { "\($0?.bitPattern ?? 0) " }.joined() + "\(entry.seed)\n"
        }
        #expect(text == expected.joined())
    }

    /// SQLite itself takes paths of up to 512 bytes.
    @Test func aPathMayBeLong() throws {
        let deep = (1...6).map { _ in String(repeating: "d", count: 100) }.joined(separator: "/")
        let place = try folder.makeFolder(deep) + "/long.sqlite"
        do {
            let long = try ArchitectureArchive(path: place, context: "c")
            try long.add(entries)
            #expect(long.path == place)
        }
        let again = try ArchitectureArchive(path: place, context: "c")
        #expect(try again.entries() == entries)
        // No journal, and nothing under another name.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file(deep)) == ["long.sqlite"])
        #expect(throws: ArchiveError.self) {
            _ = try ArchitectureArchive(path: folder.file(deep + "/no/long.sqlite"), context: "c")
        }
    }

    @Test func anotherContextMaySayTheSame() throws {
        let place = folder.file("same.sqlite")
        _ = try ArchitectureArchive(path: place, context: "data: old")
        let archive = try ArchitectureArchive(path: place, context: "data: new") { $0 == "data: old" }
        #expect(archive.context == "data: old")
        #expect(throws: ArchiveError.otherContext(path: place, stored: "data: old", wanted: "data: new")) {
            _ = try ArchitectureArchive(path: place, context: "data: new") { $0 == "data: other" }
        }
    }
}
