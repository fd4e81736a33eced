/// Beginnings of file names.
enum FileStem {
    /// Lower-case letters and digits of each name, with hyphens for the rest, and a number where two would be the same.
    ///
    /// - Parameters:
    ///   - names: in the order in which they get their numbers.
    ///   - fallback: for a name without letters and digits.
    /// - Returns: One for each name, no two of which are the same.
    static func distinct(_ names: [String], otherwise fallback: String) -> [String] {
        var taken: Set<String> = []
        return names.map { name in
            let stem = plain(name, otherwise: fallback)
            var result = stem
            var number = 2
            while !taken.insert(result).inserted {
                result = "\(stem)-\(number)"
                number += 1
            }
            return result
        }
    }

    private static func plain(_ name: String, otherwise fallback: String) -> String {
        let words = name.lowercased().split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
        return words.isEmpty ? fallback : words.joined(separator: "-")
    }
}
