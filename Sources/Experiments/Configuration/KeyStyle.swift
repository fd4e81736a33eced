/// Swift's `camelCase` and the configuration file's `kebab-case`.
enum KeyStyle {
    /// `batchSize` → `batch-size`, `imageURLPath` → `image-url-path`, `conv1x1Stride` → `conv1x1-stride`,
    /// `top_k` → `top-k`.
    static func kebab(_ name: String) -> String {
        let letters = Array(name)
        var result = ""
        for (index, letter) in letters.enumerated() {
            let previous = index > 0 ? letters[index - 1] : nil
            let next = index + 1 < letters.count ? letters[index + 1] : nil
            if letter == "_", index > 0 {
                result += "-"
                continue
            }
            if letter.isUppercase, let previous {
                let startsWord = previous.isLowercase || previous.isNumber
                let endsAcronym = previous.isUppercase && next?.isLowercase == true
                if startsWord || endsAcronym { result += "-" }
            }
            result += letter.lowercased()
        }
        return result
    }

    /// `batch-size` → `batchSize`.
    static func camel(_ key: String) -> String {
        let words = key.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = words.first else { return key }
        return first + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
