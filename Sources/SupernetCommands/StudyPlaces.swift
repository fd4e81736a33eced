import Datasets
import Experiments
import Foundation
import Workflows

/// Finds again what a study's settings name by a path from the working directory of an earlier start.
struct StudyPlaces {
    /// Where those files and folders lay at the last start of each phase; none in studies of before that was recorded.
    private let recorded: [[String: NamedPlace]]

    /// - Parameter folder: of the study, whether it is there or not.
    init(of folder: String) {
        recorded = Study.phases.map { RunFolder.places(of: folder + "/" + $0) }
    }

    /// Puts the recorded place where a setting is one that the study began with.
    ///
    /// - Parameters:
    ///   - options: the settings of this start.
    ///   - isGiven: whether a key was given for this start rather than read from the study's folder. What is given and can
    ///     be found from here is meant as it stands.
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

    /// What a phase knows by that text; else, since a start from another folder leaves the whole path, what ends so.
    private func place(_ key: String, _ text: String) -> NamedPlace? {
        let places = recorded.compactMap { $0[key] }
        return places.last { $0.text == text } ?? places.last { $0.path.hasSuffix("/" + text) }
    }
}
