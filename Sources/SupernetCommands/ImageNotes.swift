import Datasets
import Networks
import Synchronization

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
