import Datasets
import Networks
import Reports
import Synchronization
import Workflows

/// Notes on images that are printed before they are read: files that are skipped, and images that EXIF data would
/// rotate.
enum ImageNotes {
    private static let told = Mutex<Set<String>>([])

    /// Prints which image files of a folder are skipped, once for each folder.
    static func passedOver(in folder: String) {
        // A folder that cannot be searched is told of by whoever opens it.
        guard told.withLock({ $0.insert(folder).inserted }), let found = try? PassedOverImages(below: folder).words
        else { return }
        Console.say("note: \(folder): passed over \(found). \(PassedOverImages.advice)")
    }

    /// Prints how many images EXIF data would rotate, where the network was trained on images as they are stored.
    static func orientation(of images: any ImageDataset, _ card: NetworkFile.Card) {
        guard card.orientation == .ignore else { return }
        let turned = ImageOrientations(of: images).turned
        guard turned > 0 else { return }
        Console.say(
            "note: EXIF says that \(Console.grouped(turned)) of the images \(turned == 1 ? "is" : "are") to be turned; the "
                + "network learned from images as they are stored, and sees them so")
    }
}

/// Texts about images that could not be read.
enum LeftOut {
    /// Prints each unreadable image on standard error when any part of the program first finds it.
    static func tellEach() {
        UnreadableImages.shared.listen { Console.note("left out: \($0.reason)") }
    }

    /// The row of a final table; nil where all images could be read.
    static func row(_ images: [UnreadableImages.Entry]?, file: String) -> (String, String)? {
        guard let images, !images.isEmpty else { return nil }
        return ("left out", "\(images.words), named in \(file)")
    }

    /// The row of a study for the images that were read so far; empty where all could be read.
    static func rows(_ study: Study) -> [(String, String)] {
        row(study.record.leftOut, file: study.record.leftOutFile).map { [$0] } ?? []
    }

    /// The row of all unreadable images of this process, for a command without a folder; empty where there are none.
    static var rows: [(String, String)] {
        let images = UnreadableImages.shared.all
        return images.isEmpty ? [] : [("left out", images.words)]
    }
}
