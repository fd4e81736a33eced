import Architectures
import Distributed
import Experiments
import Foundation
import Torch
import Training

/// A training to which rank 0 calls the other processes: what they must know to make the same setup.
public enum SharedTraining: Codable {
    /// That of the supernet which the settings describe.
    case supernet
    /// That of the linear probe which the settings describe.
    case probe
    /// That of one network.
    case network(SharedNetwork)

    /// Reads what ``words`` wrote.
    ///
    /// - Throws: `RanksError.apart` for words of another version.
    public init(_ words: String) throws {
        do { self = try JSONDecoder().decode(Self.self, from: Data(words.utf8)) } catch is DecodingError {
            throw RanksError.apart("rank 0 calls to a training that this process does not know")
        }
    }

    /// The call in words.
    public var words: String {
        get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
    }
}

/// The setup of a training of one network as another process can make it: all of it but the task, which each has opened for
/// itself, and the weights, which all take from rank 0.
public struct SharedNetwork: Codable {
    /// The layers of the network, and those of its teacher; nil for none.
    var (layer, teacher): (Layer, Layer?)
    /// The share of the loss that is the distance from the teacher's outputs.
    var teacherShare: Double?
    var channels: Int
    var data: DataConfiguration
    var train: TrainConfiguration
    var log: LogConfiguration
    var precision: Precision
    var seeds: NetworkSetup.Seeds
    var (section, phase): (String, String)
    /// The name of the task, where it is not the one that all have opened; nil where it is.
    public var otherTask: String?
}

extension NetworkSetup {
    /// Does something together with the other processes, which are called to make this setup and to ``follow()`` it; alone where
    /// there are none.
    func together<Value>(_ body: () throws -> Value) throws -> Value {
        guard let ranks else { return try body() }
        let shared = SharedNetwork(
            layer: layer, teacher: teacher?.layer, teacherShare: teacher?.share, channels: channels, data: data,
            train: train, log: log, precision: precision, seeds: seeds, section: section, phase: phase,
            otherTask: otherTask)
        return try ranks.together(SharedTraining.network(shared).words, body)
    }

    /// Makes the setup that rank 0 has called to.
    ///
    /// - Parameters:
    ///   - shared: what rank 0 says of it.
    ///   - task: the task with its data.
    ///   - device: the device that computes.
    ///   - ranks: the processes that train together.
    public init(_ shared: SharedNetwork, task: any RecognitionTask, device: Device, ranks: Ranks) {
        self.init(
            task: task, layer: shared.layer, channels: shared.channels, data: shared.data, train: shared.train,
            precision: shared.precision, device: device, seeds: shared.seeds, section: shared.section)
        (phase, log, self.ranks) = (shared.phase, shared.log, ranks)
        if let layer = shared.teacher, let share = shared.teacherShare {
            teacher = Teacher(layer, share: share) { [] }
        }
    }

    /// Takes part in a training whose files rank 0 writes.
    ///
    /// - Throws: `RanksError` if another process ends; what training throws.
    public func follow() throws {
        _ = try learn(validating: nil, run: nil, progress: ProgressReporter(output: NoOutput()))
    }
}
