import Datasets
import Reports
import Workflows

/// Texts about images that could not be read.
enum LeftOut {
    /// Prints each unreadable image on standard error when any part of the program first finds it.
    static func tellEach() {
        UnreadableImages.shared.listen { Console.note("left out: \($0.reason)") }
    }

    /// The row of a final table; nil where all images could be read.
    static func row(_ images: [UnreadableImages.Entry]?, file: String) -> (String, String)? {
        guard let images, !images.isEmpty else { return nil }
        return ("left out", "\(words(images)), named in \(file)")
    }

    /// The row of a study for the images that were read so far; empty where all could be read.
    static func rows(_ study: Study) -> [(String, String)] {
        row(study.record.leftOut, file: study.record.leftOutFile).map { [$0] } ?? []
    }

    /// The row of all unreadable images of this process, for a command without a folder; empty where there are none.
    static var rows: [(String, String)] {
        let images = UnreadableImages.shared.all
        return images.isEmpty ? [] : [("left out", words(images))]
    }

    /// The fact of a report; empty where all images could be read.
    static func facts(_ images: [UnreadableImages.Entry]?) -> [TrainingReport.Fact] {
        guard let images, !images.isEmpty else { return [] }
        return [.init("left out", words(images))]
    }

    private static func words(_ images: [UnreadableImages.Entry]) -> String {
        images.count == 1 ? "1 unreadable image" : "\(Console.grouped(images.count)) unreadable images"
    }
}
