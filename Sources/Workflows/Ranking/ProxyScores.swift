import Architectures
import Datasets
import Experiments
import Proxies
import Rankings
import Support
import Torch
import Training

extension BenchmarkTable {
    /// The counts of layers and paths of each architecture, in the order of the table.
    ///
    /// - Parameter description: the space as a supernet.
    /// - Throws: `SpaceError` for an architecture that is not of the space.
    public func structures(in description: SupernetDescription) throws -> [(name: String, values: [Double])] {
        let counted = try entries.map { try NetworkStructure(description.fixed(to: $0.architecture)).named }
        return (counted.first ?? []).indices.map { place in
            (counted[0][place].name, counted.map { Double($0[place].value) })
        }
    }
}

/// The zero-cost proxies of every architecture of a benchmark table, which are stored in a file beside it.
public struct ProxyScores: Sendable, Equatable {
    /// The names of the proxies.
    public let names: [String]
    /// The scores of each architecture, in the order of the names.
    public let values: [Architecture: [Double]]

    /// The name of the file beside a table.
    public static let fileName = "proxies.csv"
    /// The number of networks with random weights whose scores are averaged.
    static let draws = 3
    /// The number of images in the batch.
    static let images = 64

    /// The scores of each proxy, in the order of a table.
    ///
    /// - Parameter table: the table, whose entries give the order.
    public func lists(for table: BenchmarkTable) -> [(name: String, values: [Double])] {
        names.enumerated().map { place, name in
            (name, table.entries.map { values[$0.architecture]?[place] ?? ProxyScore.lowest })
        }
    }

    /// Whether there is a score of every registered proxy for every architecture of a table.
    func covers(_ table: BenchmarkTable) -> Bool {
        ZeroCostProxyFamily.registry.names.allSatisfy(names.contains)
            && table.entries.allSatisfy { values[$0.architecture] != nil }
    }

    /// Computes all proxies of all architectures.
    ///
    /// - Parameters:
    ///   - architectures: architectures of the space.
    ///   - description: the space as a supernet.
    ///   - data: the data, from whose training part images are taken.
    ///   - options: the settings by which images are prepared.
    ///   - progress: the reporter that shows progress.
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

    /// Reads the scores from a file; nil where there is none, or it has another format.
    static func read(_ path: String) throws -> ProxyScores? {
        guard FilePath.exists(path) else { return nil }
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

    /// Writes the scores; an existing file is replaced once everything is on the disk.
    func write(to path: String) throws {
        let lines = values.sorted { $0.key < $1.key }.map { architecture, numbers in
            ([architecture.description] + numbers.map { "\($0)" }).joined(separator: ",")
        }
        try AtomicFile.write(
            ([(["architecture"] + names).joined(separator: ",")] + lines).joined(separator: "\n") + "\n", to: path)
    }
}
