import Support
import Testing

@testable import Experiments

@Suite struct MetricsLogTests {
    static let formats = [MetricsFormat.csv(columns: ["train/loss", "val/accuracy"]), .jsonl]

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

    private func write(_ rows: [MetricsRow], _ format: MetricsFormat, resumeStep: Int? = nil) throws {
        let log = try MetricsLog(path, format: format, resumeStep: resumeStep)
        for row in rows { try log.append(step: row.step, row.values) }
    }

    @Test(arguments: formats) func rowsReadBackAsWritten(format: MetricsFormat) throws {
        try write(rows, format)
        #expect(try MetricsLog.read(path, format: format) == rows)
        let log = try MetricsLog(path, format: format, resumeStep: 9)
        try log.sync()
        try log.append(step: 10, ["train/loss": .nan])
        let last = try #require(try MetricsLog.read(path, format: format).last)
        #expect(last.values["train/loss"]?.isNaN == true)
    }

    @Test func theTextIsWhatOtherToolsRead() throws {
        try write(rows, Self.formats[0])
        #expect(
            try folder.text("metrics") == "step,train/loss,val/accuracy\n1,0.1,\n2,1e-300,\n2,,0.5\n5,inf,-0.25\n9,,\n")
        try write(Array(rows[3...]), .jsonl)
        #expect(
            try folder.text("metrics") == "{\"step\":5,\"train/loss\":\"inf\",\"val/accuracy\":-0.25}\n{\"step\":9}\n")
    }

    /// The law: killed at any byte after step s was written, and resumed at s, the file ends as if never killed.
    @Test(arguments: formats) func aRunKilledAtAnyByteResumesExactly(format: MetricsFormat) throws {
        try write(rows, format)
        let whole = try InputFile.readAll(path)
        for step in [0, 1, 2, 4, 5, 9] {
            let before = rows.filter { $0.step <= step }
            try write(before, format)
            let kept = try InputFile.readAll(path).count
            for length in kept...whole.count {
                try folder.write(Array(whole[..<length]), to: "metrics")
                try write(rows.filter { $0.step > step }, format, resumeStep: step)
                #expect(try InputFile.readAll(path) == whole, "step \(step), killed after \(length) bytes")
            }
        }
    }

    @Test(arguments: formats) func aRunWithoutACheckpointStartsTheFileAnew(format: MetricsFormat) throws {
        try write(rows, format)
        try write([], format)
        #expect(try MetricsLog.read(path, format: format).isEmpty)
        // Killed within the header.
        try AtomicFile.write("step,tr", to: path)
        try write([rows[0]], format, resumeStep: 0)
        #expect(try MetricsLog.read(path, format: format) == [rows[0]])
    }

    @Test(arguments: formats) func aStepDoesNotGoBack(format: MetricsFormat) throws {
        try write(rows, format)
        let log = try MetricsLog(path, format: format, resumeStep: 5)
        #expect(throws: MetricsError.stepWentBack(from: 5, to: 4)) { try log.append(step: 4, [:]) }
        try log.append(step: 5, [:])
    }

    @Test func refusalsLeaveTheFileAlone() throws {
        let csv = Self.formats[0]
        try write(rows, csv)
        let before = try folder.text("metrics")
        let found = ["step", "train/loss", "val/accuracy"]
        #expect(throws: MetricsError.otherColumns(path: path, found: found, expected: ["step", "b"])) {
            try MetricsLog(path, format: .csv(columns: ["b"]), resumeStep: 5)
        }
        #expect(throws: MetricsError.badName("a,b")) {
            try MetricsLog(path, format: .csv(columns: ["a,b"]), resumeStep: nil)
        }
        let log = try MetricsLog(path, format: csv, resumeStep: 9)
        #expect(throws: MetricsError.unknownColumns(["x", "y"], known: ["train/loss", "val/accuracy"])) {
            try log.append(step: 9, ["y": 1, "x": 2])
        }
        #expect(try folder.text("metrics") == before)
        let lines = try MetricsLog(folder.file("lines"), format: .jsonl, resumeStep: nil)
        for name in ["", "step", "a\nb", "\""] {
            #expect(throws: MetricsError.badName(name)) { try lines.append(step: 1, [name: 1]) }
        }
    }

    @Test(arguments: formats) func damageWithinTheFileIsRefusedWithItsLine(format: MetricsFormat) throws {
        try write(rows, format)
        let lines = try folder.text("metrics").split(separator: "\n")
        let index = format.header == nil ? 1 : 2
        for rubbish in ["", "rubbish", "1,2", "{\"loss\":1}", "{\"step\":1.5}", "{\"step\":1,\"a\":\"big\"}", "1,x,2"] {
            var damaged = lines
            damaged[index] = Substring(rubbish)
            try folder.write(damaged.joined(separator: "\n") + "\n", to: "metrics")
            #expect(throws: MetricsError.damaged(path: path, line: index + 1, text: rubbish)) {
                try MetricsLog(path, format: format, resumeStep: 5)
            }
        }
    }
}
