import Datasets
import Experiments

/// The classes of images beside those that a network knows.
enum NetworkClasses {
    /// Images labelled by the network's classes, which are matched by name: the images may be of some of them, in any order.
    ///
    /// - Parameters:
    ///   - images: labelled by their own classes.
    ///   - known: the network's classes.
    ///   - name: of the images, for messages.
    /// - Throws: `DatasetError` that names each class with images that the network does not know, and the nearest ones that it
    ///   does.
    static func labelled(
        _ images: any ImageDataset, by known: [String], name: String
    ) throws -> any ImageDataset {
        guard images.classNames != known else { return images }
        let used = Set((0..<images.count).map(images.label)).sorted().map { images.classNames[$0] }
        let unknown = used.filter { !known.contains($0) }
        guard unknown.isEmpty else {
            throw DatasetError(
                .malformed, file: name,
                problems: unknown.map { className in
                    let nearest = NearestKeys.of(className, among: known)
                    return .init(
                        "the network does not know the class `\(className)`"
                            + (nearest.isEmpty ? "" : "; did you mean \(nearest.joined(separator: ", "))?"))
                },
                advice: "Rename the classes, or leave them out. The network knows "
                    + "\(known.prefix(12).joined(separator: ", "))"
                    + (known.count > 12 ? " and \(known.count - 12) others." : "."))
        }
        return try RelabelledDataset(images, classNames: known, name: name)
    }
}
