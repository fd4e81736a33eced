import Architectures
import Datasets
import Experiments
import Foundation
import Proxies
import Rankings
import Support
import Torch
import Training

/// Zero-cost proxies of every architecture of a truth table, kept in a file beside it, as they depend on nothing that is
/// learned.
public struct ProxyScores: Sendable, Equatable {
    /// Names of the proxies.
    public let names: [String]
    /// By architecture, in the order of the names.
    public let values: [Architecture: [Double]]

    /// Name of the file beside a table.
    public static let fileName = "proxies.csv"
    /// Drawn networks whose scores are averaged.
    static let draws = 3
    /// Images of the batch.
    static let images = 64

    /// One list for each proxy.
    ///
    /// - Parameter table: gives the order.
    public func lists(for table: BenchmarkTable) -> [(name: String, values: [Double])] {
        names.enumerated().map { place, name in
            (name, table.entries.map { values[$0.architecture]?[place] ?? ProxyScore.lowest })
        }
    }

    /// Whether every architecture of a table is in it, with a score of every registered proxy.
    func covers(_ table: BenchmarkTable) -> Bool {
        ZeroCostProxyFamily.registry.names.allSatisfy(names.contains)
            && table.entries.allSatisfy { values[$0.architecture] != nil }
    }

    /// Computes all proxies of all architectures.
    ///
    /// - Parameters:
    ///   - architectures: of the space.
    ///   - description: the space.
    ///   - data: images are taken from the training part.
    ///   - options: how images are prepared.
    ///   - progress: where progress is shown.
    /// - Throws: what decoding images or building networks throws.
    static func measure(
        _ architectures: [Architecture], _ description: SupernetDescription, data: OpenedDataset,
        options: DataConfiguration, progress: ProgressReporter
    ) throws -> ProxyScores {
        let batch = try DataConfiguration.sample(data.train, images)
        let batches = try options.evaluationLoader(batch, batchSize: images).batches(epoch: 0)
        guard let loaded = try batches.next(), loaded.isLearnable else {
            throw TrainingError.tooFewImages(
                found: min(batch.count, 1), needed: 2, purpose: "to compute proxies on",
                advice: "give more training images")
        }
        let (pixels, labels) = (try loaded.images().cloned(), try loaded.targets(on: .cpu))
        let registered = ZeroCostProxyFamily.registry.members
        var values: [Architecture: [Double]] = [:]
        for (number, architecture) in architectures.enumerated() {
            progress.update(ProgressState(phase: "proxies", step: number, steps: architectures.count))
            let network = NetworkDescription(
                channels: description.channels, classes: data.classNames.count,
                backbone: try description.fixed(to: architecture))
            values[architecture] = try registered.map { proxy in
                let scores = try (0..<draws).map { draw in
                    try proxy.score(
                        network, images: pixels, labels: labels,
                        seed: SeededGenerator(seed: UInt64(draw), RandomStream.proxyWeights).state
                    )
                }
                return scores.reduce(0, +) / Double(draws)
            }
        }
        progress.finish()
        return ProxyScores(names: registered.map(\.name), values: values)
    }

    /// Reads a file of them; nil where there is none, or it is not one.
    static func read(_ path: String) throws -> ProxyScores? {
        guard FilePresence.exists(path) else { return nil }
        let lines = String(decoding: try InputFile.readAll(path), as: UTF8.self).split(separator: "\n")
            .map { $0.split(separator: ",").map(String.init) }
        guard let header = lines.first, header.first == "architecture" else { return nil }
        var values: [Architecture: [Double]] = [:]
        for line in lines.dropFirst() {
            let numbers = line.dropFirst().compactMap { Double($0) }
            guard let architecture = line.first.flatMap({ Architecture($0) }), numbers.count + 1 == header.count else {
                return nil
            }
            values[architecture] = numbers
        }
        return ProxyScores(names: Array(header.dropFirst()), values: values)
    }

    /// Replaces the file, all at once.
    func write(to path: String) throws {
        let lines = values.sorted { $0.key < $1.key }.map { architecture, numbers in
            ([architecture.description] + numbers.map { "\($0)" }).joined(separator: ",")
        }
        try AtomicFile.write(
            ([(["architecture"] + names).joined(separator: ",")] + lines).joined(separator: "\n") + "\n", to: path)
    }
}
