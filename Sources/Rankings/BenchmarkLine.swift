import Architectures

/// One line of a truth table on its way to a row.
struct BenchmarkLine {
    let path: String
    let line: Int
    let names: [String]
    let values: [String]

    /// - Throws: `BenchmarkTableError.badValue` that names line and column.
    func row() throws -> BenchmarkRow {
        guard values.count == names.count else {
            throw BenchmarkTableError.badValue(
                path: path, line: line, "has \(values.count) values; the header names \(names.count) columns")
        }
        let text = value("architecture")
        guard let architecture = Architecture(text) else {
            throw refuse("architecture", text, "numbers like `3 0 1 3`")
        }
        let half = values[safe: names.firstIndex(of: "half")].map { ($0, BenchmarkRow.Half(rawValue: $0)) }
        if let half, half.1 == nil { throw refuse("half", half.0, "choose or report") }
        let accuracy = try number("accuracy")
        guard (0...1).contains(accuracy) else { throw refuse("accuracy", "\(accuracy)", "a share from 0 to 1") }
        return BenchmarkRow(
            architecture: architecture, seed: try whole("seed"), accuracy: accuracy, loss: try number("loss"),
            parameters: try whole("parameters"), multiplyAdds: try whole("multiply_adds"),
            seconds: names.contains("seconds") ? try number("seconds") : 0, half: half?.1 ?? .report)
    }

    private func value(_ name: String) -> String {
        values[safe: names.firstIndex(of: name)] ?? ""
    }

    private func number(_ name: String) throws -> Double {
        let text = value(name)
        // Sums over all rows, and their squares, must stay numbers.
        guard let number = Double(text), abs(number) <= 1e100 else {
            throw refuse(name, text, "a finite number up to 1e100")
        }
        return number
    }

    private func whole(_ name: String) throws -> Int {
        let text = value(name)
        guard let number = Int(text), (0...1 << 53).contains(number) else {
            throw refuse(name, text, "a whole number from 0 to 2^53")
        }
        return number
    }

    private func refuse(_ column: String, _ text: String, _ wanted: String) -> BenchmarkTableError {
        .badValue(path: path, line: line, "`\(text.prefix(60))` in column `\(column)` is not \(wanted)")
    }
}

extension Array {
    /// Nil where there is no such position.
    fileprivate subscript(safe position: Int?) -> Element? {
        position.flatMap { indices.contains($0) ? self[$0] : nil }
    }
}
