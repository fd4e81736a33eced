import Datasets
import Reports
import Workflows

/// Images that could not be read, in words.
enum LeftOut {
    /// Has each told on standard error when it is met for the first time, whichever part of the program meets it.
    static func tellEach() {
        UnreadableImages.shared.listen { Console.note("left out: \($0.reason)") }
    }

    /// A row of a final table; nil where there are none.
    static func row(_ images: [UnreadableImages.Entry]?, file: String) -> (String, String)? {
        guard let images, !images.isEmpty else { return nil }
        return ("left out", "\(images.words), named in \(file)")
    }

    /// The row of a study, as far as its images were met; none where all could be read.
    static func rows(_ study: Study) -> [(String, String)] {
        row(study.record.leftOut, file: study.record.leftOutFile).map { [$0] } ?? []
    }

    /// A row of those that were met at all, for a verb that leaves no folder; none where there are no such images.
    static var rows: [(String, String)] {
        let images = UnreadableImages.shared.all
        return images.isEmpty ? [] : [("left out", images.words)]
    }
}
