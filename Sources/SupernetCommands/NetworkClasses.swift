import Datasets
import Experiments

/// Matches the classes of images with those of a network.
enum NetworkClasses {
    /// Relabels images by the network's classes, which are matched by name. The images may be of some of the classes,
    /// in any order.
    ///
    /// - Parameters:
    ///   - images: the images, labelled by their own classes.
    ///   - known: the network's classes.
    ///   - name: the name of the images, for messages.
    /// - Throws: `DatasetError` that names each unknown class that has images, and the nearest known ones.
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
