import Foundation
import Support

/// Values as one line of JSON, which is YAML, too.
enum JSONText {
    static func of(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The same JSON, with characters that a terminal obeys as escapes of JSON's own; line ends between values stay.
    static func escaped(_ json: String) -> String {
        var result = ""
        for scalar in json.unicodeScalars {
            if scalar != "\n", TerminalText.isObeyed(scalar) {
                result += "\\u" + String(format: "%04x", scalar.value)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
