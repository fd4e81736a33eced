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

    /// The server has a process of its own, as it has outside of tests: in this one it would share its threads with all tests.
    @Test func browsersOfThisMachineAreAnswered() throws {
        try Self.folder { run in
            let server = try BuiltProgram("supernet").start(["watch", run, "--port", "0"], in: run)
            let port = try Self.port(of: server)
            func get(_ path: String, host: String? = nil) throws -> (status: Int, text: String) {
                try Self.get("http://127.0.0.1:\(port)\(path)", host: host)
            }
            let page = try get("/")
            #expect(page.status == 200 && page.text.contains("Score over cost"))
            #expect(page.text.contains("src=\"refresh.js\"") && page.text.contains("&#39;self&#39;"))
            #expect(try get("/refresh.js").text.contains("setInterval"))
            #expect(try get("/report.html").status == 404)
            #expect(try get("/run.json").status == 404)
            #expect(try get("/../run.json").status == 404)
            // A page elsewhere, whose name was made to lead here.
            #expect(try get("/", host: "evil.example:\(port)").status == 403)
            try "<p>done</p>".write(toFile: run + "/report.html", atomically: true, encoding: .utf8)
            #expect(try get("/report.html").text == "<p>done</p>")
            #expect(try get("/").text.contains("The page of the finished run"))
            // The port is taken now.
            let second = try BuiltProgram("supernet").run(["watch", run, "--port", port], in: run)
            #expect(second.status == 64 && second.errors.contains("choose another with --port"))
            server.signal(SIGTERM)
            #expect(try server.outcome().status == SIGTERM)
        }
    }

    /// The port that the server names once it answers.
    private static func port(of server: BuiltProgram.Running) throws -> String {
        while server.isRunning {
            if let said = try server.errors().firstMatch(of: /localhost:(\d+)\//) { return String(said.1) }
            usleep(20_000)
        }
        let outcome = try server.outcome()
        throw Ended(description: "the server has ended with \(outcome.status): \(outcome.errors)")
    }

    private struct Ended: Error, CustomStringConvertible { let description: String }

    /// What a server answers; threads of tests are blocked while it takes its time.
    private static func get(_ address: String, host: String?) throws -> (status: Int, text: String) {
        var request = URLRequest(url: try #require(URL(string: address)), timeoutInterval: 600)
        if let host { request.setValue(host, forHTTPHeaderField: "Host") }
        let answered = DispatchSemaphore(value: 0)
        let answer = Mutex<(Data?, URLResponse?, (any Error)?)>((nil, nil, nil))
        URLSession.shared.dataTask(with: request) { data, response, error in
            answer.withLock { $0 = (data, response, error) }
            answered.signal()
        }.resume()
        answered.wait()
        let (data, response, error) = answer.withLock { $0 }
        if let error { throw error }
        return ((response as? HTTPURLResponse)?.statusCode ?? 0, String(decoding: data ?? Data(), as: UTF8.self))
    }
}
