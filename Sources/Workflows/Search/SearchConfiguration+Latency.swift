import Architectures
import Experiments
import Networks
import Results
import Supernets
import Support
import Training

extension SearchConfiguration {
    /// The latencies of all candidates; nil where the search does not need them. They are measured once and stored, as
    /// a search that continues must use the same table.
    ///
    /// - Parameters:
    ///   - supernet: the supernet whose candidates are measured.
    ///   - imageSize: the size of the images, in pixels.
    ///   - file: the path of the table.
    ///   - progress: the reporter that shows progress.
    /// - Throws: what measuring throws; `FileError`.
    func latencies(
        _ supernet: Supernet, imageSize: ImageSize, file: String, _ progress: ProgressReporter
    ) throws -> LatencyTable? {
        guard needsLatency else { return nil }
        if let stored = try ResultFile.read(LatencyTable.self, file) {
            guard stored.isOf(supernet.description.space) else { throw ResultError.damaged(path: file) }
            return stored
        }
        let meter = try LatencyMeter(supernet, imageSize: imageSize)
        let table = try meter.table { share in
            progress.update(ProgressState(phase: "latency", step: Int(share * 100), steps: 100))
        }
        progress.finish()
        try ResultFile.write(table, to: file)
        return table
    }
}
