import Datasets
import Synchronization

/// Tells which files of a folder are images but are not read, so that nobody takes what is read for all there is.
enum PassedOver {
    private static let told = Mutex<Set<String>>([])

    /// Says it once for each folder, however often the folder is opened.
    static func say(_ folder: String) {
        // A folder that cannot be searched is told of by whoever opens it.
        guard told.withLock({ $0.insert(folder).inserted }), let found = try? PassedOverImages(below: folder).words
        else {
            return
        }
        Console.say("note: \(folder): passed over \(found). \(PassedOverImages.advice)")
    }
}
