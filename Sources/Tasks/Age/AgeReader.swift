import Foundation
import Torch

/// An age in years: the expected value of the distribution (Rothe et al., 2015).
public enum AgeReader: TaskReader {
    /// `age`, in years.
    public static let columns = ["age"]
    /// One age.
    public static let fewestOutputs = 1

    /// The years from 0.
    public static func outputNames(_ count: Int) -> [String] { (0..<count).map(String.init) }

    /// `23.4 years`
    public static func readings(_ outputs: Tensor) throws -> [TaskReading] {
        try AgeTask.ages(outputs).map { TaskReading(values: [.number($0)], words: words($0)) }
    }

    /// An age to a tenth of a year.
    static func words(_ age: Double) -> String { String(format: "%.1f years", age) }
}
