import Architectures
import Datasets
import Experiments
import NN
import Networks
import Support
import Torch
import Training

/// All settings of `supernet train` for one network: a task, learned from labelled images.
public struct NetworkTrainingConfiguration: Configuration {
    /// The seed that every random choice follows from.
    public var seed: UInt64 = 1
    /// What convolutions and matrix products compute in; parameters and their updates are float32 either way.
    public var precision = Precision.bfloat16
    /// The device that computes: `cpu`, `cuda` or `cuda:1`.
    public var device = "cpu"
    /// What is to be recognised.
    public var task = TaskConfiguration()
    /// Which images, and how they are prepared.
    public var data = DataConfiguration()
    /// Which network is trained.
    public var network = NetworkConfiguration()
    /// How it is trained.
    public var train = TrainConfiguration.network
    /// What is written down, and how often.
    public var log = LogConfiguration()

    /// A small network on Fashion-MNIST, for a CPU.
    public init() {}

    /// The number of threads may differ when a run goes on: batches do not depend on it.
    public static var resumeIgnoredKeys: [String] { DataConfiguration.keysWithoutEffect }

    /// Until version 0.8, precision and device were settings of the training.
    public static var renamedKeys: [String: [String]] {
        ["train.precision": ["precision"], "train.device": ["device"]]
    }

    /// Refuses a device that cannot be meant.
    public func validate() throws {
        var check = ConfigurationCheck()
        check.require(Device(device) != nil, "device", "must be cpu, cuda or cuda:N, is `\(device)`")
        try check.finish()
    }

    /// What the settings name that are paths, by their keys: a run goes on by whatever path they are named.
    ///
    /// - Throws: `FileError` for a list or a network that cannot be read.
    public func places() throws -> [String: NamedPlace] {
        var places = try data.places(under: "data")
        if !network.from.isEmpty {
            places["network.from"] = NamedPlace(network.from, digest: try FileDigest.text(of: network.from))
        }
        return places
    }

    /// Which network.
    public struct NetworkConfiguration: Configuration {
        /// A network file whose architecture is taken; all of the following sizes are then without effect. Empty: the
        /// network is a ResNeSt of these sizes.
        public var from = ""
        /// Whether training starts from the weights of that file rather than anew.
        public var inherit = true
        /// Whether the head's weights are among those; a probe's, learned at a high rate on features that stood still, are
        /// too large to be trained on.
        public var inheritClassifier = true
        /// How the image enters: `small` for sides of 28 to 64 pixels, `deep` for 224.
        public var stem = ResNeStSpace.Stem.small
        /// The width of each stage.
        public var planes = [16, 32, 64]
        /// The number of blocks of each stage.
        public var depths = [1, 2, 1]
        /// Output channels of a block over the stage's planes.
        public var expansion = 4
        /// The candidate of each block, 0 to 3.
        public var code = [1, 1, 1, 1]
        /// Where the scale of each block's last batch norm starts.
        public var lastScale = 0.0

        /// Four blocks in three stages, each of radix 2 and cardinality 1.
        public init() {}

        /// Refuses lists whose lengths do not agree; the network refuses sizes and candidates when it is built.
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

        /// The layers of the network, without its head.
        func layer(channels: Int) throws -> Layer {
            try ResNeStSpace(channels: channels, stem: stem, planes: planes, depths: depths, expansion: expansion)
                .network(code: Architecture(code), classes: 1, lastScale: lastScale).backbone
        }
    }
}

extension Device {
    /// The device of a configuration.
    ///
    /// - Parameters:
    ///   - name: as the configuration has it.
    ///   - key: the name of the setting, for messages.
    /// - Throws: `TrainingError.badOption` for another name; `TorchError` where there is no such device.
    public static func configured(_ name: String, key: String = "device") throws -> Device {
        guard let device = Device(name) else {
            throw TrainingError.badOption(key, "must be cpu, cuda or cuda:N, is `\(name)`")
        }
        try device.validate()
        return device
    }
}

extension NetworkTrainingConfiguration {
    /// The training of the network that these settings name.
    ///
    /// - Parameters:
    ///   - task: the task with its data, parted as the settings say.
    ///   - section: where a user gives `train`, for messages that name its settings.
    /// - Throws: `TrainingError.badOption` for a network of another task or other classes; what reading it throws.
    public func setup(task: any RecognitionTask, section: String = "train") throws -> NetworkSetup {
        let data = try data.prepared(for: task.data.train)
        let channels = try data.evaluationLoader(task.data.train).imageShape[0]
        let origin = network.from.isEmpty ? nil : try NetworkFile.read(network.from)
        if let origin {
            guard origin.card.task == task.name, origin.card.classNames == task.outputNames ?? [] else {
                throw TrainingError.badOption(
                    "network.from",
                    "is a network of the task `\(origin.card.task)` for the classes \(origin.card.classNames); the data "
                        + "is for `\(task.name)` and has \(task.outputNames ?? [])")
            }
        }
        var setup = NetworkSetup(
            task: task, layer: try origin?.card.network.backbone ?? network.layer(channels: channels),
            channels: channels, data: data, train: train, precision: precision,
            device: try .configured(device), seeds: .network(seed), section: section)
        setup.log = log
        if let origin, network.inherit {
            let (from, keepsHead) = (network.from, network.inheritClassifier)
            setup.weights = {
                origin.network.store.state.filter { keepsHead || !$0.key.hasPrefix(NetworkHead.key + ".") }
            }
            setup.weightsPath = from
        }
        return setup
    }
}
