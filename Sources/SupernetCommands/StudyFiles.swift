import Foundation
import Support

/// What a study over seeds leaves beside its trainings: a page, and text with drawings for documentation.
enum StudyFiles {
    /// - Parameters:
    ///   - folder: of the study.
    ///   - page: writes the page to a path.
    ///   - markdown: the text, given the folder of the drawings relative to it.
    ///   - drawings: names and contents.
    /// - Returns: Paths of what was written.
    static func write(
        in folder: String, page: (String) throws -> Void, markdown: (String) throws -> String,
        drawings: [(name: String, svg: String)]
    ) throws -> [String] {
        let (html, text, pictures) = (folder + "/report.html", folder + "/results.md", folder + "/results")
        try page(html)
        try AtomicFile.write(markdown("results"), to: text)
        try FileManager.default.createDirectory(atPath: pictures, withIntermediateDirectories: true)
        for (name, drawing) in drawings { try AtomicFile.write(drawing, to: "\(pictures)/\(name)") }
        return [html, text, pictures]
    }
}
