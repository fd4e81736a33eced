@testable import Experiments

/// A configuration with one property of every kind.
struct SampleConfiguration: Configuration {
    struct Training: Configuration {
        enum Schedule: String, Codable, CaseIterable { case constant, cosine, step }
        var batchSize = 64
        var epochs = 30
        var learningRate = 0.1
        var useAmp = false
        var warmup: Double?
        var schedule = Schedule.cosine
        var clip: Float = 1.5
        var level: UInt8 = 3
        /// Newer than what is stored.
        var colour = "all"

        static var meaningsOfAbsence: [String: String] { ["colour": "none"] }

        func validate() throws {
            var check = ConfigurationCheck()
            check.require(batchSize > 0, "batchSize", "must be at least 1, is \(batchSize)")
            check.require(learningRate >= 0, "learning-rate", "must not be negative, is \(learningRate)")
            try check.finish()
        }
    }

    struct Stage: Configuration {
        var width = 16
        var stride = 1
        var name: String?
    }

    var name = "demo"
    var train = Training()
    var sizes = [96, 128]
    var stages = [Stage()]
    var classWeights = ["cat": 1.0, "darkBlue": 2.0]
    var head: Stage?
    var augment = [Transform.flip(probability: 0.5)]
    var threads = 2

    static var resumeIgnoredKeys: [String] { ["threads"] }
}

/// Written as `flip`, `{flip: 0.3}` or `{crop: {size: 96, padding: 4}}`.
enum Transform: FreeFormConfiguration, Equatable, Sendable {
    case flip(probability: Double)
    case crop(Crop)

    struct Crop: Codable, Equatable, Sendable {
        var size: Int
        var padding: Int
    }

    struct Unknown: Error, CustomStringConvertible {
        var name: String
        var description: String { "no transform is called `\(name)`" }
    }

    private enum CodingKeys: String, CodingKey { case flip, crop }

    init(from decoder: any Decoder) throws {
        if let name = try? decoder.singleValueContainer().decode(String.self) {
            guard name == "flip" else { throw Unknown(name: name) }
            self = .flip(probability: 0.5)
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if container.contains(.crop) {
            self = .crop(try container.decode(Crop.self, forKey: .crop))
        } else {
            self = .flip(probability: try container.decode(Double.self, forKey: .flip))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .flip(let probability): try container.encode(probability, forKey: .flip)
        case .crop(let crop): try container.encode(crop, forKey: .crop)
        }
    }
}

/// What loading `yaml` as `config.yaml` complains about, a line each, with the folder left out.
func complaints(_ yaml: String, _ overrides: [String] = []) throws -> [String] {
    let folder = try TemporaryFolder()
    let file = try folder.write(yaml, to: "config.yaml")
    do {
        _ = try ConfigurationLoader.load(SampleConfiguration.self, file: file, overrides: overrides)
        return []
    } catch let error as ConfigurationError {
        return error.problems.map { $0.description.replacing(folder.path + "/", with: "") }
    }
}

func load(_ yaml: String, _ overrides: [String] = []) throws -> SampleConfiguration {
    let folder = try TemporaryFolder()
    let file = try folder.write(yaml, to: "config.yaml")
    return try ConfigurationLoader.load(SampleConfiguration.self, file: file, overrides: overrides).value
}
