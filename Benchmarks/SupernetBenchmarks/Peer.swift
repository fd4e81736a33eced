import Foundation

/// A Python peer: a program that prints one JSON object a line.
enum Peer {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// The repository: the nearest folder above the program, or the current one, that holds the peers.
    static func repository() throws -> URL {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        for start in [program, URL(fileURLWithPath: FileManager.default.currentDirectoryPath + "/.")] {
            var folder = start.deletingLastPathComponent()
            while folder.path != "/" {
                if FileManager.default.fileExists(atPath: folder.appendingPathComponent("Benchmarks/peers").path) {
                    return folder
                }
                folder.deleteLastPathComponent()
            }
        }
        throw Failure(description: "Benchmarks/peers was not found above the program; run this in the repository")
    }

    /// Runs a peer.
    ///
    /// - Parameters:
    ///   - script: the name of the program.
    ///   - arguments: its arguments.
    ///   - environment: the Python environment that it needs, which `Scripts/bench-env` or `Scripts/onnx-env` makes.
    ///   - libraries: a folder of libraries that it needs; nil for none.
    static func run(
        _ script: String, _ arguments: [String], environment: String = "bench-venv", libraries: String? = nil
    ) throws -> String {
        let root = try repository()
        let python = root.appendingPathComponent(".deps/\(environment)/bin/python")
        guard FileManager.default.isExecutableFile(atPath: python.path) else {
            let maker = environment == "bench-venv" ? "make bench, or Scripts/bench-env" : "Scripts/onnx-env"
            throw Failure(description: "the peers' Python is missing; type: \(maker)")
        }
        return try output(
            python, [root.appendingPathComponent("Benchmarks/peers/\(script)").path] + arguments,
            libraries: libraries)
    }

    /// Times both sides in turn, and prints how they compare.
    ///
    /// - Parameters:
    ///   - title: what is compared, for the result.
    ///   - name: the name of the other side.
    ///   - what: what is compared, for the progress.
    ///   - rounds: times that each side is measured.
    ///   - own: measures this side, in milliseconds.
    ///   - peer: runs the other side, and gives what it prints.
    static func compare(
        _ title: String, with name: String, _ what: String, rounds: Int, own: () throws -> Double,
        peer: () throws -> String
    ) throws {
        var (ours, theirs): ([Double], [Double]) = ([], [])
        for round in 0..<rounds {
            FileHandle.standardError.write(Data("\(what): round \(round + 1) of \(rounds)\n".utf8))
            ours.append(try own())
            theirs.append(try number("median_ms", in: peer()))
        }
        let ratios = zip(theirs, ours).map { $0 / $1 }
        print("\n\(title)")
        print(
            String(
                format: "  here %.2f s, \(name) %.2f s: %.2f times as fast (%.2f to %.2f)", median(ours) / 1e3,
                median(theirs) / 1e3, median(ratios), ratios.min() ?? 0, ratios.max() ?? 0))
    }

    static func output(_ program: URL, _ arguments: [String], libraries: String? = nil) throws -> String {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        // Both sides wait the same way when the machine is shared.
        process.environment = ProcessInfo.processInfo.environment.merging([
            "OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "4000",
        ]) { old, _ in old }
        if let libraries { process.environment?["LD_LIBRARY_PATH"] = libraries }
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(program.lastPathComponent) \(arguments.joined(separator: " ")) failed")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// A number of the last line's JSON object.
    static func number(_ key: String, in output: String) throws -> Double {
        guard let line = output.split(separator: "\n").last,
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
            let value = object[key] as? Double
        else { throw Failure(description: "the peer printed no \(key)") }
        return value
    }
}

func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return .nan }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
