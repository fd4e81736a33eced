import Datasets
import Foundation
import Torch

/// An age in years, and a gender with its probability.
public enum AgeAndGenderReader: TaskReader {
    /// Years, a name and a probability.
    public static let columns = ["age", "gender", "probability"]
    /// One age and two genders.
    public static let fewestOutputs = 1 + FaceDataset.genderNames.count

    /// The years from 0, then the genders.
    public static func outputNames(_ count: Int) -> [String] {
        (0..<count - FaceDataset.genderNames.count).map(String.init) + FaceDataset.genderNames
    }

    /// `23.4 years, female 93.1 %`
    public static func readings(_ outputs: Tensor) throws -> [TaskReading] {
        let genders = FaceDataset.genderNames.count
        let parts = try outputs.split([outputs.size(1) - genders, genders], dimension: 1)
        let best = try parts[1].softmax(1).topK(1, dimension: 1)
        let (kinds, probabilities) = (try best.positions.array(Int.self), try best.values.array(Float.self))
        return try AgeTask.ages(parts[0]).enumerated().map { row, age in
            let (name, probability) = (FaceDataset.genderNames[kinds[row]], Double(probabilities[row]))
            return TaskReading(
                values: [.number(age), .text(name), .number(probability)],
                words: "\(AgeReader.words(age)), \(name) \(String(format: "%.1f %%", 100 * probability))")
        }
    }
}
