import Foundation
import Support

/// Encodes values as one line of JSON, which is also YAML.
enum JSONText {
    static func of(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// Escapes the control characters in JSON text that a terminal would obey; line breaks between values stay.
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
