import Datasets
import Experiments
import Foundation
import Workflows

/// Finds the files that a study's settings name by paths relative to the working directory of an earlier start.
struct StudyPlaces {
    /// The recorded paths of files and folders at the last start of each phase; empty for studies of versions that did
    /// not record them.
    private let recorded: [[String: NamedPlace]]

    /// Reads the recorded paths of a study.
    ///
    /// - Parameter folder: the path of the study's folder, which need not exist.
    init(of folder: String) {
        recorded = Study.phases.map { RunFolder.places(of: folder + "/" + $0) }
    }

    /// Replaces settings of the study by the recorded paths.
    ///
    /// - Parameters:
    ///   - options: the settings of this start.
    ///   - isGiven: whether a key was given for this start rather than read from the study's folder. A given path that
    ///     exists is not replaced.
    func restore(_ options: inout StudyConfiguration, isGiven: (_ key: String) -> Bool) {
        func restored(_ key: String, _ text: String) -> String {
            guard !text.hasPrefix("/"), !text.isEmpty, let place = place(key, text) else { return text }
            let exists = FileManager.default.fileExists(atPath:)
            guard exists(place.path), !isGiven(key) || !exists(text), NamedPlace(text).path != place.path else {
                return text
            }
            Console.say("\(key) is \(place.path), where the study found \(text) before")
            return place.path
        }
        options.data.source = restored("data.source", options.data.source)
        options.data.list = restored("data.list", options.data.list)
        let space = restored("space.name", options.space.name)
        if space != options.space.name, let moved = try? SpaceConfiguration(named: space) { options.space = moved }
    }

    /// The recorded path of a setting's text, or otherwise a recorded path that ends in it.
    private func place(_ key: String, _ text: String) -> NamedPlace? {
        let places = recorded.compactMap { $0[key] }
        return places.last { $0.text == text } ?? places.last { $0.path.hasSuffix("/" + text) }
    }
}
