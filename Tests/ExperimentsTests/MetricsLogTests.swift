import Support
import Testing

@testable import Experiments

@Suite struct MetricsLogTests {
    private let folder: TemporaryFolder
    private var path: String { folder.file("metrics") }

    init() throws { folder = try TemporaryFolder() }

    /// Rows of steps 1, 2, 2, 5, 9.
    private let rows = [
        MetricsRow(step: 1, values: ["train/loss": 0.1]),
        MetricsRow(step: 2, values: ["train/loss": 1e-300]),
        MetricsRow(step: 2, values: ["val/accuracy": 0.5]),
        MetricsRow(step: 5, values: ["train/loss": .infinity, "val/accuracy": -0.25]),
        MetricsRow(step: 9, values: [:]),
    ]

    private func write(_ rows: [MetricsRow], resumeStep: Int? = nil) throws {
        let log = try MetricsLog(path, resumeStep: resumeStep)
        for row in rows { try log.append(step: row.step, row.values) }
    }

    @Test func rowsReadBackAsWritten() throws {
        try write(rows)
        #expect(try MetricsLog.read(path) == rows)
        let log = try MetricsLog(path, resumeStep: 9)
        try log.sync()
        try log.append(step: 10, ["train/loss": .nan])
        let last = try #require(try MetricsLog.read(path).last)
        #expect(last.values["train/loss"]?.isNaN == true)
    }

    @Test func theTextIsWhatOtherToolsRead() throws {
        try write(Array(rows[3...]))
        #expect(
            try folder.text("metrics") == "{\"step\":5,\"train/loss\":\"inf\",\"val/accuracy\":-0.25}\n{\"step\":9}\n")
    }

    /// The law: killed at any byte after step s was written, and resumed at s, the file ends as if never killed.
    @Test func aRunKilledAtAnyByteResumesExactly() throws {
        try write(rows)
        let whole = try InputFile.readAll(path)
        for step in [0, 1, 2, 4, 5, 9] {
            let before = rows.filter { $0.step <= step }
            try write(before)
            let kept = try InputFile.readAll(path).count
            for length in kept...whole.count {
                try folder.write(Array(whole[..<length]), to: "metrics")
                try write(rows.filter { $0.step > step }, resumeStep: step)
                #expect(try InputFile.readAll(path) == whole, "step \(step), killed after \(length) bytes")
            }
        }
    }

    @Test func aRunWithoutACheckpointStartsTheFileAnew() throws {
        try write(rows)
        try write([])
        #expect(try MetricsLog.read(path).isEmpty)
        // Killed within the first row.
        try AtomicFile.write("{\"ste", to: path)
        try write([rows[0]], resumeStep: 0)
        #expect(try MetricsLog.read(path) == [rows[0]])
    }

    @Test func aStepDoesNotGoBack() throws {
        try write(rows)
        let log = try MetricsLog(path, resumeStep: 5)
        #expect(throws: MetricsError.stepWentBack(from: 5, to: 4)) { try log.append(step: 4, [:]) }
        try log.append(step: 5, [:])
    }

    @Test func namesThatTheFileCannotHoldAreRefused() throws {
        try write(rows)
        let before = try folder.text("metrics")
        let log = try MetricsLog(path, resumeStep: 9)
        for name in ["", "step", "a\nb", "\"", "a,b"] {
            #expect(throws: MetricsError.badName(name)) { try log.append(step: 9, [name: 1]) }
        }
        #expect(try folder.text("metrics") == before)
    }

    @Test func damageWithinTheFileIsRefusedWithItsLine() throws {
        try write(rows)
        let lines = try folder.text("metrics").split(separator: "\n")
        for rubbish in ["", "rubbish", "1,2", "{\"loss\":1}", "{\"step\":1.5}", "{\"step\":1,\"a\":\"big\"}", "1,x,2"] {
            var damaged = lines
            damaged[1] = Substring(rubbish)
            try folder.write(damaged.joined(separator: "\n") + "\n", to: "metrics")
            #expect(throws: MetricsError.damaged(path: path, line: 2, text: rubbish)) {
                try MetricsLog(path, resumeStep: 5)
            }
        }
    }
}
