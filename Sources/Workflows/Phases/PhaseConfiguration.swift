import Experiments
import Methods
import Support
import Torch
import Training

/// What the result of any phase depends on.
protocol PhaseConfiguration: Configuration {
    var seed: UInt64 { get set }
    var precision: Precision { get set }
    var device: String { get set }
    var data: DataConfiguration { get set }
}

extension PhaseConfiguration {
    static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect }
}

extension Study {
    /// The settings of a phase, as far as all phases share them.
    func configuration<T: PhaseConfiguration>(of phase: T.Type) -> T {
        var own = T()
        (own.seed, own.precision, own.device, own.data) = (
            options.seed, options.precision, options.device, options.data
        )
        return own
    }

    /// How methods compute.
    ///
    /// - Parameters:
    ///   - device: where.
    ///   - stream: a number of one's own, so that no two phases draw the same; 0 takes the study's seed itself.
    func methodSettings(device: Device, stream: UInt64 = 0) -> MethodSettings {
        var settings = MethodSettings()
        (settings.precision, settings.device) = (options.precision, device)
        settings.seed = stream == 0 ? options.seed : SeededGenerator(seed: options.seed, stream).state
        return settings
    }
}
