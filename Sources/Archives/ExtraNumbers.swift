import Foundation

/// Metrics and costs that have no column, as the JSON in the column `extra`:
/// `{"costs":{"memory":4096},"metrics":{"top5":0.97}}`.
struct ExtraNumbers: Equatable {
    var metrics: [String: Double] = [:]
    var costs: [String: Double] = [:]

    subscript(group: ArchiveRow.Group) -> [String: Double] {
        get {
            switch group {
            case .metrics: metrics
            case .costs: costs
            }
        }
        set {
            switch group {
            case .metrics: metrics = newValue
            case .costs: costs = newValue
            }
        }
    }
}

extension ExtraNumbers {
    /// Nil for no numbers.
    func json() throws -> String? {
        let groups = ["metrics": metrics, "costs": costs].filter { !$0.value.isEmpty }
        if groups.isEmpty { return nil }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        return String(decoding: try encoder.encode(groups), as: UTF8.self)
    }

    /// Nil for a text of another form.
    init?(json: String) {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        guard let groups = try? decoder.decode([String: [String: Double]].self, from: Data(json.utf8)) else {
            return nil
        }
        self.init(metrics: groups["metrics"] ?? [:], costs: groups["costs"] ?? [:])
    }
}
