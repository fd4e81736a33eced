import ArgumentParser
import Dispatch
import FlyingFox
import FlyingSocks
import Foundation
import Reports
import Support
import Synchronization

/// The command `supernet watch`: serves the page of a run that is under way.
struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the page of a run that is under way, to be looked at in a browser of this machine.",
        discussion: """
            The page shows how far the run is, what was measured, and what its search has found so far; it keeps itself up to \
            date. Nothing is changed in the run's folder, and nobody but this machine is answered. From another one: \
            `ssh -L 8046:localhost:8046 MACHINE`.
            """)

    @Argument(help: "The folder of a run, a study, an adaptation or a comparison.") var folder: String
    @Option(name: .long, help: "The port; 0 for any that is free.") var port: UInt16 = 8046

    func run() throws {
        let (folder, server) = (folder, WatchServer(try WatchedRun(folder), port: port))
        // Commands are not asynchronous; this one waits for its end, which is that of the process unless the port is taken.
        let ended = DispatchSemaphore(value: 0)
        let failure = Mutex<(any Error)?>(nil)
        Task.detached {
            do {
                try await server.serve { port in
                    Console.say("http://localhost:\(port)/ shows \(folder); Ctrl-C ends it")
                }
            } catch { failure.withLock { $0 = error } }
            ended.signal()
        }
        ended.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

/// Answers browsers of this machine with the page of a run.
struct WatchServer {
    private let watched: WatchedRun
    private let port: UInt16

    /// A server that is not running yet.
    init(_ watched: WatchedRun, port: UInt16) { (self.watched, self.port) = (watched, port) }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter ready: is called with the port once there are answers.
    /// - Throws: `ValidationError` for a port that is taken.
    func serve(ready: @escaping @Sendable (UInt16) -> Void) async throws {
        let server = HTTPServer(address: try .inet(ip4: "127.0.0.1", port: port), logger: .disabled)
        let watched = watched
        await server.appendRoute("GET /") { request in
            Self.guarded(request) { Self.page(watched.report()) }
        }
        await server.appendRoute("GET /report.html") { request in
            Self.guarded(request) {
                guard let file = watched.reportFile, let bytes = try? InputFile.readAll(file) else {
                    return HTTPResponse(statusCode: .notFound)
                }
                return Self.answer(Data(bytes), "text/html; charset=utf-8")
            }
        }
        await server.appendRoute("GET /refresh.js") { request in
            Self.guarded(request) { Self.answer(Data(Self.refresher.utf8), "text/javascript; charset=utf-8") }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do { try await server.run() } catch let error as SocketError {
                    throw ValidationError("no page can be served at port \(port): \(error); choose another with --port")
                }
            }
            group.addTask {
                try await server.waitUntilListening()
                if case .ip4(_, let port)? = await server.listeningAddress { ready(port) }
            }
            for try await _ in group {}
        }
    }

    /// Answers only who has asked for this machine by its own name: the page of another site, whose name leads here, does not.
    private static func guarded(_ request: HTTPRequest, _ answer: () -> HTTPResponse) -> HTTPResponse {
        let host = (request.headers[.host] ?? "").lowercased()
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        guard ["localhost", "127.0.0.1", "[::1]"].contains(name) else { return HTTPResponse(statusCode: .forbidden) }
        return answer()
    }

    private static func page(_ report: WatchReport) -> HTTPResponse {
        do {
            return answer(Data(try report.page().html(refresher: "refresh.js").utf8), "text/html; charset=utf-8")
        } catch {
            return HTTPResponse(statusCode: .internalServerError, body: Data("\(error)\n".utf8))
        }
    }

    private static func answer(_ body: Data, _ type: String) -> HTTPResponse {
        HTTPResponse(
            statusCode: .ok,
            headers: [
                .contentType: type, HTTPHeader("Cache-Control"): "no-store",
                HTTPHeader("X-Content-Type-Options"): "nosniff",
                HTTPHeader("Cross-Origin-Resource-Policy"): "same-origin",
            ], body: body)
    }

    /// Puts the content of the page as it is now in the place of what is shown, every few seconds while somebody looks.
    private static let refresher = """
        async function refresh() {
          if (document.hidden) return;
          try {
            const answer = await fetch("/", { cache: "no-store" });
            if (!answer.ok) return;
            const page = new DOMParser().parseFromString(await answer.text(), "text/html");
            document.title = page.title;
            document.querySelector("main").replaceWith(page.querySelector("main"));
          } catch { document.title = "ended: " + document.title.replace(/^ended: /, ""); }
        }
        setInterval(refresh, 4000);
        document.addEventListener("visibilitychange", refresh);

        """
}
