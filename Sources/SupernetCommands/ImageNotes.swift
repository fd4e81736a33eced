import Datasets
import Networks
import Synchronization

/// What is said about images before they are read, so that nobody takes what is seen for all there is.
enum ImageNotes {
    private static let told = Mutex<Set<String>>([])

    /// Tells which files of a folder are images but are passed over: once for each folder, however often it is opened.
    static func passedOver(in folder: String) {
        // A folder that cannot be searched is told of by whoever opens it.
        guard told.withLock({ $0.insert(folder).inserted }), let found = try? PassedOverImages(below: folder).words
        else { return }
        Console.say("note: \(folder): passed over \(found). \(PassedOverImages.advice)")
    }

    /// Tells of images that a person sees turned, and a network that learned them as they are stored does not.
    static func orientation(of images: any ImageDataset, _ card: NetworkFile.Card) {
        guard card.orientation == .ignore else { return }
        let turned = ImageOrientations(of: images).turned
        guard turned > 0 else { return }
        Console.say(
            "note: EXIF says that \(Console.grouped(turned)) of the images \(turned == 1 ? "is" : "are") to be turned; the "
                + "network learned from images as they are stored, and sees them so")
    }
}
