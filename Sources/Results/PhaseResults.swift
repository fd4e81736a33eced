import Architectures
import Datasets
import Support

/// What training a supernet leaves in `result.json`.
public struct SupernetResult: Codable, Sendable, Equatable {
    /// The number of learned values, of all candidates and of what stands on the features.
    public var parameters: Int
    /// The number of architectures in the search space.
    public var architectures: Double
    /// The number of steps of the whole phase.
    public var steps: Int
    /// Seconds of training, without loading what was there before.
    public var seconds: Double
    /// The last evaluation on the validation images, by the name of the figure.
    public var validation: [String: Double]

    /// A finished supernet.
    public init(
        parameters: Int, architectures: Double, steps: Int, seconds: Double, validation: [String: Double]
    ) {
        (self.parameters, self.architectures, self.steps) = (parameters, architectures, steps)
        (self.seconds, self.validation) = (seconds, validation)
    }
}

/// What fitting a linear probe to a frozen supernet leaves in `result.json`.
public struct ProbeResult: Codable, Sendable, Equatable {
    /// The number of steps of the whole phase.
    public var steps: Int
    /// Seconds of training.
    public var seconds: Double
    /// The last evaluation on the validation images: means over some random paths, by the name of the figure.
    public var validation: [String: Double]

    /// A finished probe.
    public init(steps: Int, seconds: Double, validation: [String: Double]) {
        (self.steps, self.seconds, self.validation) = (steps, seconds, validation)
    }
}

/// What a search leaves in `result.json`.
public struct SearchResult: Codable, Sendable, Equatable {
    /// The best path.
    public var architecture: Architecture
    /// The names of its candidates.
    public var candidates: [String]
    /// The score that the path was chosen by; higher is better.
    public var score: Double
    /// What was measured beside the score.
    public var metrics: [String: Double]
    /// Exact costs of the path, the classifier included.
    public var cost: Cost
    /// Predicted milliseconds for one image; nil where latencies were not measured.
    public var latency: Double?
    /// The mean relative error of that prediction on whole paths.
    public var latencyError: Double?
    /// The batch-norm statistics that paths were scored with, as `search.statistics` names them.
    public var statistics: String
    /// The number of paths that were evaluated.
    public var evaluations: Int
    /// Seconds of the evaluations, those before an interruption included.
    public var seconds: Double
    /// Kendall's tau between score and parameters over the evaluated paths; nil where one of them does not vary.
    public var tauParameters: Double?
    /// Kendall's tau between score and multiply-adds over the evaluated paths; nil where one of them does not vary.
    public var tauMultiplyAdds: Double?
    /// The score of the inherited network on all validation images; nil where there was no head to inherit.
    public var validation: Score?

    /// A finished search.
    public init(
        architecture: Architecture, candidates: [String], score: Double, metrics: [String: Double], cost: Cost,
        latency: Double?, latencyError: Double?, statistics: String, evaluations: Int, seconds: Double,
        tauParameters: Double?, tauMultiplyAdds: Double?, validation: Score? = nil
    ) {
        (self.architecture, self.candidates, self.score) = (architecture, candidates, score)
        (self.metrics, self.cost, self.latency, self.latencyError) = (metrics, cost, latency, latencyError)
        (self.statistics, self.evaluations, self.seconds) = (statistics, evaluations, seconds)
        (self.tauParameters, self.tauMultiplyAdds, self.validation) = (tauParameters, tauMultiplyAdds, validation)
    }
}

/// What training a network leaves in `result.json`.
public struct NetworkResult: Codable, Sendable, Equatable {
    /// The path of the supernet that the network is; nil for a network that is part of none.
    public var architecture: Architecture?
    /// Exact costs of the network for one image.
    public var cost: Cost
    /// The number of steps of the whole training, those before an interruption included.
    public var steps: Int
    /// Passes over the training images, those of a supernet and a search included where they are part of the account.
    public var epochs: Double
    /// Seconds of training.
    public var seconds: Double
    /// The score on the validation images of the network that is written: the averaged one, where there is one.
    public var validation: Score
    /// The score on the test images, read once; nil where the data has no test part.
    public var test: Score?
    /// Validation accuracy when the outputs of an image and of its mirror image are averaged, at twice the cost; nil where
    /// training mirrors no images, or the task has no accuracy.
    public var mirroredValidation: Double?
    /// Test accuracy when the outputs of an image and of its mirror image are averaged.
    public var mirroredTest: Double?
    /// The images that could not be read and were left out; nil where such an image stops the run.
    public var leftOut: [UnreadableImages.Entry]?

    /// A finished network.
    public init(
        architecture: Architecture?, cost: Cost, steps: Int, epochs: Double, seconds: Double, validation: Score,
        test: Score?, leftOut: [UnreadableImages.Entry]? = nil
    ) {
        (self.architecture, self.cost, self.steps) = (architecture, cost, steps)
        (self.epochs, self.seconds, self.validation) = (epochs, seconds, validation)
        (self.test, self.leftOut) = (test, leftOut)
    }

    private enum CodingKeys: String, CodingKey {
        case architecture, cost, steps, epochs, seconds, validation, test, mirroredValidation, mirroredTest, leftOut
        // A network's result in the files of version 0.8.
        case parameters, multiplyAdds, trainingSeconds
    }

    /// Reads a result, also one that version 0.8 wrote.
    public init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        architecture = try fields.decodeIfPresent(Architecture.self, forKey: .architecture)
        if let seconds = try fields.decodeIfPresent(Double.self, forKey: .trainingSeconds) {
            self.seconds = seconds
            cost = Cost(
                parameters: try fields.decode(Int.self, forKey: .parameters),
                multiplyAdds: try fields.decode(Int.self, forKey: .multiplyAdds))
        } else {
            seconds = try fields.decode(Double.self, forKey: .seconds)
            cost = try fields.decode(Cost.self, forKey: .cost)
        }
        steps = try fields.decodeIfPresent(Int.self, forKey: .steps) ?? 0
        epochs = try fields.decodeIfPresent(Double.self, forKey: .epochs) ?? 0
        validation = try fields.decode(Score.self, forKey: .validation)
        test = try fields.decodeIfPresent(Score.self, forKey: .test)
        mirroredValidation = try fields.decodeIfPresent(Double.self, forKey: .mirroredValidation)
        mirroredTest = try fields.decodeIfPresent(Double.self, forKey: .mirroredTest)
        leftOut = try fields.decodeIfPresent([UnreadableImages.Entry].self, forKey: .leftOut)
    }

    /// Writes the result.
    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(architecture, forKey: .architecture)
        try fields.encode(cost, forKey: .cost)
        try fields.encode(steps, forKey: .steps)
        try fields.encode(epochs, forKey: .epochs)
        try fields.encode(seconds, forKey: .seconds)
        try fields.encode(validation, forKey: .validation)
        try fields.encodeIfPresent(test, forKey: .test)
        try fields.encodeIfPresent(mirroredValidation, forKey: .mirroredValidation)
        try fields.encodeIfPresent(mirroredTest, forKey: .mirroredTest)
        try fields.encodeIfPresent(leftOut, forKey: .leftOut)
    }
}

/// The examples of a network's training, which lie beside its `result.json`.
public enum ExamplesFile {
    /// The name of the file in the folder of a training.
    public static let name = "examples.json"

    /// The examples of the images of the final score: the test images, or the validation images where there is no test.
    ///
    /// - Parameters:
    ///   - folder: the folder of a training.
    ///   - classNames: the classes of a classification network, which version 0.8 kept elsewhere.
    /// - Returns: an empty list where the training has none.
    /// - Throws: `ResultError.damaged`.
    public static func read(in folder: String, classNames: [String] = []) throws -> [Examples] {
        let path = FilePath.join(folder, name)
        guard let examples = try ResultFile.read([Examples].self, path) else {
            return try version08(in: folder, classNames)
        }
        guard examples.allSatisfy(\.isWhole) else { throw ResultError.damaged(path: path) }
        return examples
    }

    /// Version 0.8 had the predictions of a classification network within the scores of `result.json`.
    private static func version08(in folder: String, _ classNames: [String]) throws -> [Examples] {
        struct Result: Decodable {
            struct Part: Decodable {
                struct Prediction: Decodable {
                    var index, label, predicted: Int
                    var probability: Double
                }
                var predictions: [Prediction]?
            }
            var validation: Part
            var test: Part?
        }
        let path = FilePath.join(folder, ResultFile.name)
        guard let stored = try ResultFile.read(Result.self, path),
            let predictions = (stored.test ?? stored.validation).predictions
        else { return [] }
        let examples = Examples(
            images: predictions.map(\.index),
            .classes(
                names: classNames, actual: predictions.map(\.label), predicted: predictions.map(\.predicted),
                confidence: predictions.map(\.probability)))
        guard examples.isWhole else { throw ResultError.damaged(path: path) }
        return [examples]
    }
}
