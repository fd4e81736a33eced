import Archives
import ArgumentParser
import Experiments
import Foundation
import FoundationNetworking
import Reports
import Synchronization
import TestFolders
import Testing

@testable import SupernetCommands

/// A run that is under way, seen from outside.
@Suite struct WatchTests {
    /// A folder with what a run has in the middle of its search; names are hostile.
    private static func folder(_ body: (String) throws -> Void) throws {
        let temporary = try TemporaryFolder()
        do {
            let folder = temporary.path
            let run = folder + "/<script>alert(1)"
            for name in ["events", "search", "supernet/events", "supernet/checkpoints"] {
                try FileManager.default.createDirectory(atPath: "\(run)/\(name)", withIntermediateDirectories: true)
            }
            try
                "{\"format\":1,\"seed\":1,\"starts\":[{\"time\":\"2026-01-01T00:00:00Z\",\"command\":[\"supernet\",\"<b>\"],\"versions\":{}}]}"
                .write(toFile: run + "/run.json", atomically: true, encoding: .utf8)
            let rows = (1...5).map { "{\"step\":\($0),\"train/loss\":\(1 / Double($0))}\n" }.joined()
            try rows.write(toFile: run + "/supernet/metrics.jsonl", atomically: true, encoding: .utf8)
            let archive = try ArchitectureArchive(path: run + "/search/archive.sqlite", context: "a test")
            try archive.add(
                (0..<4).map {
                    ArchiveEntry(
                        architecture: "\($0) 1", score: 0.5 + Double($0) / 10,
                        costs: ["multiplyAdds": 100, "parameters": 10],
                        policy: "none", seed: 0, round: 0, seconds: 1)
                })
            let reporter = ProgressReporter(output: Silence(), clock: { 0 })
            reporter.record = run + "/events/progress.json"
            reporter.update(ProgressState(phase: "search", step: 4, steps: 16))
            try body(run)
        }
    }

    private struct Silence: ProgressOutput {
        var columns: Int? { nil }
        func write(_ text: String) {}
    }

    @Test func theReportHasWhatIsThere() throws {
        try Self.folder { run in
            let report = try WatchedRun(run).report()
            #expect(report.entries.count == 4 && report.phases.map(\.name) == ["supernet"])
            #expect(report.progress?.step == 4 && report.progress?.line == "search  step 4/16 (25%)")
            #expect(!report.isRunning && report.finished == nil)
            let page = try report.page().html(refresher: "refresh.js")
            #expect(page.contains("<progress max=\"16\" value=\"4\""))
            #expect(page.contains("<title>3 1: 0.8"))
            #expect(!page.contains("<script>alert") && page.contains("&lt;script&gt;alert(1)"))
            // A process that writes the lock file is at work, this one for example.
            try "\(getpid())\n".write(toFile: run + "/lock", atomically: true, encoding: .utf8)
            #expect(try WatchedRun(run).report().isRunning)
            #expect(try FileManager.default.contentsOfDirectory(atPath: run + "/search") == ["archive.sqlite"])
        }
    }

    @Test func damagedFilesAreLeftOut() throws {
        try Self.folder { run in
            for name in ["events/progress.json", "search/archive.sqlite", "supernet/metrics.jsonl", "run.json"] {
                try Data("{]".utf8).write(to: URL(fileURLWithPath: "\(run)/\(name)"))
            }
            let report = try WatchedRun(run).report()
            #expect(report.entries.isEmpty && report.phases.isEmpty && report.progress == nil && report.record == nil)
            #expect(try report.page().html().contains("Nothing has been measured yet"))
        }
    }

    @Test func foldersThatAreNoRunsAreRefused() throws {
        let folder = try TemporaryFolder()
        #expect(throws: ValidationError.self) { try WatchedRun(folder.path + "/nowhere") }
        #expect(throws: ValidationError.self) { try WatchedRun(folder.path) }
    }

    @Test func browsersOfThisMachineAreAnswered() async throws {
        let made = NSTemporaryDirectory() + "supernet-watch-" + UUID().uuidString
        try Self.folder { try FileManager.default.copyItem(atPath: $0, toPath: made) }
        defer { try? FileManager.default.removeItem(atPath: made) }
        let server = WatchServer(try WatchedRun(made), port: 0)
        let (ports, sender) = AsyncStream<UInt16>.makeStream()
        let serving = Task { try await server.serve { sender.yield($0) } }
        defer { serving.cancel() }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        func get(_ path: String, host: String? = nil) async throws -> (status: Int, text: String) {
            var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")))
            if let host { request.setValue(host, forHTTPHeaderField: "Host") }
            let (data, response) = try await URLSession.shared.data(for: request)
            return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data, as: UTF8.self))
        }
        let page = try await get("/")
        #expect(page.status == 200 && page.text.contains("Score over cost"))
        #expect(page.text.contains("src=\"refresh.js\"") && page.text.contains("&#39;self&#39;"))
        #expect(try await get("/refresh.js").text.contains("setInterval"))
        #expect(try await get("/report.html").status == 404)
        #expect(try await get("/run.json").status == 404)
        #expect(try await get("/../run.json").status == 404)
        // A page elsewhere, whose name was made to lead here.
        #expect(try await get("/", host: "evil.example:\(port)").status == 403)
        try "<p>done</p>".write(toFile: made + "/report.html", atomically: true, encoding: .utf8)
        #expect(try await get("/report.html").text == "<p>done</p>")
        #expect(try await get("/").text.contains("The page of the finished run"))
        // The port is taken now.
        let second = WatchServer(try WatchedRun(made), port: port)
        await #expect(throws: ValidationError.self) { try await second.serve { _ in } }
    }
}
