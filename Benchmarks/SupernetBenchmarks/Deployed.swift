import Architectures
import ArgumentParser
import Foundation
import NN
import Networks
import ONNX
import Supernets
import Support
import Torch

/// What finished networks take in the forms in which they are used.
struct Deployed: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Latency of one image and images a second in batches, here and as ONNX in onnxruntime.",
        discussion: """
            The networks are measured in turns. Batch norms are folded into the convolutions of the ONNX files. An ONNX \
            file, such as one in int8, is measured in onnxruntime only. Of a folder of a comparison, means over its seeds \
            follow. With --output, what was measured is written as JSON.
            """)

    @Argument(help: "Files of networks, .onnx files, or folders in which all files network.safetensors are measured.")
    var networks: [String]
    @Option(help: "Times that each network is measured, in turns.") var rounds = 5
    @Option(help: "Passes of each measurement, of which the median is taken.") var passes = 30
    @Option(help: "Images of a batch for the throughput.") var batch = 32
    @Option(help: "Threads, here and there.") var threads = 1
    @Option(name: .shortAndLong, help: "A JSON file to write.") var output: String?

    /// What was measured of one network.
    private struct Measured: Codable {
        /// The path of the file.
        var network: String
        var multiplyAdds: Int?
        var parameters: Int?
        /// Milliseconds of one image; nil for a file that only onnxruntime opens.
        var milliseconds: Double?
        /// Images a second in batches.
        var imagesPerSecond: Double?
        var onnxMilliseconds: Double
        var onnxImagesPerSecond: Double
    }

    func run() throws {
        try Runtime.setThreadCount(threads)
        let paths = try networks.flatMap(Self.files)
        let work = FileManager.default.temporaryDirectory.appendingPathComponent("supernet-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: work, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: work) }
        let cards = try paths.map { try Self.isONNX($0) ? nil : NetworkFile.read($0).card }
        let exported = try paths.enumerated().map { number, path in
            if Self.isONNX(path) { return path }
            let file = work.appendingPathComponent("\(number).onnx").path
            try Self.export(NetworkFile.read(path), to: file)
            return file
        }
        var one = [[Double]](repeating: [], count: paths.count)
        var many = one
        var peers: [Answer] = []
        for _ in 0..<max(rounds, 1) {
            for (place, card) in cards.enumerated() {
                guard let card else { continue }
                var options = LatencyMeter.Options()
                options.rounds = 1
                one[place].append(
                    try LatencyMeter.latency(of: card.network, imageSize: card.imageSize, options: options))
                (options.batchSize, options.passes) = (batch, max(options.passes / 4, 3))
                many[place].append(
                    try LatencyMeter.latency(of: card.network, imageSize: card.imageSize, options: options))
            }
            let text = try Peer.run(
                "onnx_latency.py", ["1", "\(passes)", "\(batch)", "\(threads)"] + exported, environment: "onnx-venv")
            peers.append(try JSONDecoder().decode(Answer.self, from: Data(text.utf8)))
        }
        let measured = try paths.indices.map { place in
            let cost = try cards[place].map { try $0.network.cost(imageSize: $0.imageSize) }
            return Measured(
                network: paths[place], multiplyAdds: cost?.multiplyAdds, parameters: cost?.parameters,
                milliseconds: cost.map { _ in median(one[place]) },
                imagesPerSecond: cost.map { _ in Double(batch) * 1000 / median(many[place]) },
                onnxMilliseconds: median(peers.map { $0.milliseconds[place] }),
                onnxImagesPerSecond: median(peers.map { $0.images[place] }))
        }
        print("\nThreads: \(threads); here in float32; onnxruntime \(peers[0].version)")
        print("     here: ms  images/s   ONNX: ms  images/s   multiply-adds        MB")
        for (row, file) in zip(measured, exported) {
            let own = row.milliseconds.map { String(format: "%10.3f %9.0f", $0, row.imagesPerSecond ?? 0) }
            print(
                "  " + (own ?? "         –         –")
                    + String(
                        format: " %10.3f %9.0f %15d %9.2f  ", row.onnxMilliseconds, row.onnxImagesPerSecond,
                        row.multiplyAdds ?? 0, Self.megabytes(file)) + row.network)
        }
        Self.printMeans(measured)
        if let output {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            try AtomicFile.write(encoder.encode(measured), to: output)
        }
    }

    /// Prints means over the seeds of what lies in folders `seed-1`, `seed-2`, ….
    private static func printMeans(_ measured: [Measured]) {
        func name(_ row: Measured) -> String {
            if isONNX(row.network) { return row.network }
            return row.network.split(separator: "/").dropLast().filter { !$0.hasPrefix("seed-") }.joined(separator: "/")
        }
        var names: [String] = []
        for row in measured where !names.contains(name(row)) { names.append(name(row)) }
        guard names.count < measured.count else { return }
        print("\nMeans over seeds")
        for group in names {
            let rows = measured.filter { name($0) == group }
            func mean(_ value: (Measured) -> Double) -> Double { rows.map(value).reduce(0, +) / Double(rows.count) }
            print(
                String(
                    format: "  %10.3f %9.0f %10.3f %9.0f %15.0f  ", mean { $0.milliseconds ?? 0 },
                    mean { $0.imagesPerSecond ?? 0 }, mean(\.onnxMilliseconds), mean(\.onnxImagesPerSecond),
                    mean { Double($0.multiplyAdds ?? 0) }) + group)
        }
    }

    /// What the peer prints.
    private struct Answer: Decodable {
        var version: String
        var milliseconds: [Double]
        var images: [Double]
    }

    private static func megabytes(_ path: String) -> Double {
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
        return Double(size ?? 0) / 1e6
    }

    private static func isONNX(_ path: String) -> Bool { path.lowercased().hasSuffix(".onnx") }

    private static func files(_ path: String) throws -> [String] {
        guard !FilePath.isFile(path) else { return [path] }
        let found = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        let networks = found.filter { FilePath.name(of: $0) == "network.safetensors" && !$0.contains("-trials/") }
        guard !networks.isEmpty else { throw ValidationError("no network.safetensors was found in \(path)") }
        return networks.sorted().map { FilePath.join(path, $0) }
    }

    private static func export(_ file: NetworkFile, to path: String) throws {
        var options = ONNXExport.Options()
        options.foldBatchNorm = true
        var network = file.card.network
        network.classes = file.network.head.outputs
        let head: ONNXExport.Head =
            switch file.network.head.kind {
            case .linear: .classifier
            case .neck: .norm(NetworkHead.neckKey)
            case .map: .map
            case .detector: throw ValidationError("\(file.path) is a detector, whose time depends on what it finds")
            }
        if head == .map { network.classes = 0 }
        let export = try ONNXExport(network, imageSize: file.card.imageSize, head: head, options: options)
        let store = file.network.store
        try export.write(to: path) { key in
            try store[key].map { tensor in
                ONNXTensor(
                    shape: tensor.shape, values: try tensor.detached().to(.float32).contiguous().array(Float.self))
            }
        }
    }
}
