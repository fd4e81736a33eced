import Architectures
import Catalogue
import Support
import Workflows

/// A network without choices: a published one by its name, or one that a file declares.
struct DeclaredNetwork {
    /// The name of the network.
    var name: String
    /// The layers from [channels, H, W] to [features].
    var backbone: Layer
    /// The number that its checkpoints' batch norms add to a variance; nil where it is not known.
    var normEpsilon: Double?

    /// The names of published networks, for help texts.
    static var names: String { PretrainedWeights.allCases.map(\.rawValue).joined(separator: ", ") }

    init(name: String, backbone: Layer) { (self.name, self.backbone) = (name, backbone) }

    /// Finds a network by name, or reads the file that declares it.
    ///
    /// - Parameters:
    ///   - name: the name of a published network, or the path of a YAML or JSON file.
    ///   - channels: the number of channels of the images.
    /// - Throws: `SpaceError.invalid` for a name that is neither, a file that cannot be read, or one for images of
    ///   another number of channels.
    init(_ name: String, channels: Int) throws {
        if let weights = PretrainedWeights(rawValue: name) {
            guard channels == 3 else {
                throw SpaceError.invalid(space: name, ["it is for images of 3 channels, not of \(channels)"])
            }
            let network = try SourceNetwork.network(weights)
            (self.name, backbone, normEpsilon) = (name, network.backbone, network.normEpsilon)
            return
        }
        let declared = try LayersFile(path: name, known: PretrainedWeights.allCases.map(\.rawValue))
        try declared.require(channels: channels)
        (self.name, backbone) = (declared.name, declared.backbone)
    }
}
