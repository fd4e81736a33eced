import Architectures
import NN
import Networks
import Supernets
import Support
import Torch

/// A small network whose blocks may be narrower or left out, as the source of adaptations that take a second.
public enum ElasticSource {
    /// Writes the elastic supernet of a network with random weights.
    ///
    /// - Parameters:
    ///   - path: the path of the file.
    ///   - channels: the channels of its images.
    ///   - size: the size of its images in pixels.
    /// - Throws: `FileError`; `TorchError`.
    public static func write(to path: String, channels: Int = 1, size: ImageSize = 12) throws {
        let space = try MobileSpace(
            channels: channels, stemWidth: 8, stemStride: 1, widths: [8, 16], depths: [2, 2], strides: [1, 2],
            headWidth: 24
        ).description()
        try write(space.fixed(to: Architecture([1, 5, 1, 3])), channels: channels, size: size, multiple: 4, to: path)
    }

    /// Writes the elastic supernet of MobileNetV2 with random weights.
    ///
    /// - Parameters:
    ///   - path: the path of the file.
    ///   - size: the size of its images in pixels.
    /// - Throws: `FileError`; `TorchError`.
    public static func writeMobileNet(to path: String, size: ImageSize) throws {
        try write(MobileNetV2().backbone(), channels: 3, size: size, multiple: 8, to: path)
    }

    private static func write(_ backbone: Layer, channels: Int, size: ImageSize, multiple: Int, to path: String) throws
    {
        var options = Elasticity()
        options.multiple = multiple
        let elastic = try backbone.elastic(inputs: channels, options)
        let description = try SupernetDescription("small", channels: channels, backbone: elastic.layer)
        let supernet = try Supernet(description, store: ParameterStore(seed: 3, format: .channelsLast))
        try supernet.sortChannels()
        let statistics = [Double](repeating: channels == 1 ? 0.3 : 0.5, count: channels)
        let card = SupernetFile.Card(
            supernet: description, method: "imported", dimension: nil, classNames: [], imageSize: size,
            mean: statistics,
            std: statistics, steps: ImageStep.middle(of: size),
            origin: Architecture(description.space.points.map { $0.candidates.count - 1 }))
        try FilePath.makeFolder(FilePath.folder(of: path))
        try SupernetFile.write(supernet.store, card, to: path)
    }
}
