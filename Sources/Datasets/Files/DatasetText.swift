import Support

/// Texts that people keep beside their images: lists, names of classes, names of images.
enum DatasetText {
    /// The text of a file, whatever its byte order mark, UTF-8 or UTF-16.
    ///
    /// - Throws: `DatasetError`: as `FileBytes.read` does; of kind `.malformed` for what is no text, with its line.
    static func read(_ path: String, limit: Int) throws(DatasetError) -> String {
        try text(of: FileBytes.read(path, limit: limit), path: path)
    }

    /// The text that bytes stand for.
    ///
    /// - Throws: `DatasetError` of kind `.malformed`, with the line where the bytes cease to be text.
    static func text(of bytes: [UInt8], path: String) throws(DatasetError) -> String {
        do {
            return try TextFile.text(of: bytes, path: path)
        } catch {
            throw DatasetError(
                .malformed, file: path, line: error.line, error.reason,
                advice: "Spreadsheets and editors ask for an encoding when they save or export: choose UTF-8.")
        }
    }
}
