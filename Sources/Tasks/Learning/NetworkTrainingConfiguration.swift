import Architectures
import Datasets
import Distributed
import Experiments
import Networks
import Support
import Torch
import Training

/// The settings of `supernet train` for one network: a task, its labelled images, the network and its training.
public struct NetworkTrainingConfiguration: Configuration {
    /// The seed that every random choice follows from.
    public var seed: UInt64 = 1
    /// The precision of convolutions and matrix products; parameters and their updates are always float32.
    public var precision = Precision.bfloat16
    /// The device that computes: `cpu`, `cuda` or `cuda:1`.
    public var device = "cpu"
    /// The task that is learned.
    public var task = TaskConfiguration()
    /// The images and how they are prepared.
    public var data = DataConfiguration()
    /// The network that is trained.
    public var network = NetworkConfiguration()
    /// The training settings.
    public var train = TrainConfiguration.network
    /// The intervals at which logs, evaluations and checkpoints are written.
    public var log = LogConfiguration()

    /// Creates the default settings: a small network on Fashion-MNIST, for a CPU.
    public init() {}

    /// The keys that may change when a run continues, as results do not depend on them.
    public static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect }

    /// The keys of version 0.8 for precision and device, which were settings of the training.
    public static var renamedKeys: [String: [String]] {
        ["train.precision": ["precision"], "train.device": ["device"]]
    }

    /// Checks that the device is valid.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(Device(device) != nil, "device", "must be cpu, cuda or cuda:N, is `\(device)`")
        try check.finish()
    }

    /// The files and folders that the settings name, by key. A run continues whatever path leads to them.
    ///
    /// - Throws: `FileError` for a list or a network that cannot be read.
    public func places() throws -> [String: NamedPlace] {
        var places = try data.places(under: "data")
        if !network.from.isEmpty {
            places["network.from"] = NamedPlace(network.from, digest: try FileDigest.text(of: network.from))
        }
        return places
    }

    /// The network: sizes of a ResNeSt, or a network file whose architecture is taken.
    public struct NetworkConfiguration: Configuration {
        /// A network file whose architecture is taken, so that the sizes below have no effect; empty for a ResNeSt with
        /// these sizes.
        public var from = ""
        /// Whether training starts from the weights of that file rather than from initial values.
        public var inherit = true
        /// Whether the head's weights are among the inherited ones. Those of a probe, which was trained on frozen
        /// features at a high rate, are too large to start from.
        public var inheritClassifier = true
        /// The stem: `small` for images with sides of 28 to 64 pixels, `deep` for 224.
        public var stem = ResNeStSpace.Stem.small
        /// The width of each stage.
        public var planes = [16, 32, 64]
        /// The number of blocks of each stage.
        public var depths = [1, 2, 1]
        /// The ratio of a block's output channels to the stage's width.
        public var expansion = 4
        /// The candidate of each block, 0 to 3.
        public var code = [1, 1, 1, 1]
        /// The initial scale of each block's last batch norm.
        public var lastScale = 0.0

        /// Creates the default network: four blocks in three stages, each with radix 2 and cardinality 1.
        public init() {}

        /// Checks that the lengths of the lists agree. Sizes and candidates are checked when the network is built.
        public func validate() throws {
            var check = ConfigurationCheck()
            check.require(abs(lastScale) <= 1e6, "last-scale", "must be from -1e6 to 1e6, is \(lastScale)")
            check.require(
                planes.count == depths.count && !planes.isEmpty, "depths", "must have one entry for each of planes")
            check.require(
                code.count == depths.reduce(0, { $0 &+ $1 }), "code",
                "must have one entry a block, \(depths.reduce(0, { $0 &+ $1 })); has \(code.count)")
            try check.finish()
        }

        /// Builds the layers of the network without its head.
        func layer(channels: Int) throws -> Layer {
            try ResNeStSpace(channels: channels, stem: stem, planes: planes, depths: depths, expansion: expansion)
                .network(code: Architecture(code), classes: 1, lastScale: lastScale).backbone
        }
    }
}

extension Device {
    /// Opens the device that a configuration names; of several processes on a machine, each that is to use `cuda` has the GPU of
    /// its own number there.
    ///
    /// - Parameter name: the name of the device in a configuration.
    /// - Throws: `TrainingError.badOption` for an invalid name; `TorchError` if there is no such device.
    public static func configured(_ name: String) throws -> Device {
        guard let device = Device(name) else {
            throw TrainingError.badOption("device", "must be cpu, cuda or cuda:N, is `\(name)`")
        }
        let own = name == "cuda" ? Ranks.current.map { Device.cuda($0.world.localRank) } ?? device : device
        try own.validate()
        return own
    }
}

extension NetworkTrainingConfiguration {
    /// Creates the setup of the training that these settings describe.
    ///
    /// - Parameters:
    ///   - task: the task with its data, split as the settings say.
    ///   - section: the section of a configuration that `train` is read from, for messages.
    /// - Throws: `TrainingError.badOption` for a network of another task or other classes; what reading the network
    ///   throws.
    public func setup(task: any RecognitionTask, section: String = "train") throws -> NetworkSetup {
        let data = try data.prepared(for: task)
        let channels = try data.evaluationLoader(task.data.train).imageShape[0]
        let origin = network.from.isEmpty ? nil : try NetworkFile.read(network.from)
        // A dense task takes the head of a classifier away.
        let isBackbone = type(of: task).outputs.isDense && origin?.card.task == NetworkFile.classification
        if let origin, !isBackbone {
            guard origin.card.task == task.name, origin.card.classNames == task.outputNames ?? [] else {
                throw TrainingError.badOption(
                    "network.from",
                    "is a network of the task `\(origin.card.task)` for the classes \(origin.card.classNames); the "
                        + "data is for `\(task.name)` and has \(task.outputNames ?? [])")
            }
        }
        var setup = NetworkSetup(
            task: task,
            layer: try task.layers(
                on: origin?.card.network.backbone ?? network.layer(channels: channels), channels: channels),
            channels: channels, data: data, train: train, precision: precision,
            device: try .configured(device), seeds: .network(seed), section: section)
        setup.log = log
        if let origin, network.inherit {
            let (from, keepsHead) = (network.from, network.inheritClassifier && !isBackbone)
            setup.weights = {
                origin.network.store.state.filter { keepsHead || !$0.key.hasPrefix(NetworkHead.key + ".") }
            }
            setup.weightsPath = from
        }
        return setup
    }
}
