import Datasets
import Experiments
import Foundation
import Workflows

/// Finds again what a study's settings name by a path from the working directory of its first start.
struct StudyPlaces {
    /// Where those files and folders lay, by key; none in studies of before that was recorded.
    private let recorded: [String: NamedPlace]
    /// The settings that the study has in its folder; nil where it has none yet.
    private let stored: StudyConfiguration?

    /// - Parameter folder: of the study, whether it is there or not.
    init(of folder: String) {
        recorded = RunFolder.places(of: folder + "/\(SupernetTraining.name)")
        let file = folder + "/" + Study.settingsName
        // A file that cannot be read is reported by whoever needs it.
        stored =
            FileManager.default.fileExists(atPath: file)
            ? try? ConfigurationLoader.load(StudyConfiguration.self, stored: file).value : nil
    }

    /// Puts the recorded place where a setting is the study's own.
    ///
    /// - Parameters:
    ///   - options: the settings of this start.
    ///   - isRead: whether they were read from the study's folder. Then its paths mean what they meant there; in settings that
    ///     were given again, only what cannot be found from here does.
    func restore(_ options: inout StudyConfiguration, isRead: Bool) {
        guard let stored else { return }
        func restored(_ key: String, _ text: String, _ own: String) -> String {
            // Since a start from another folder, the study has the whole path, of which the text is the end.
            guard !text.hasPrefix("/"), let place = recorded[key], text == own || place.path.hasSuffix("/" + text)
            else { return text }
            let exists = FileManager.default.fileExists(atPath:)
            guard exists(place.path), isRead || !exists(text), NamedPlace(text).path != place.path else { return text }
            Console.say("\(key) is \(place.path), where the study found \(text) when it began")
            return place.path
        }
        options.data.source = restored("data.source", options.data.source, stored.data.source)
        options.data.list = restored("data.list", options.data.list, stored.data.list)
        options.space.name = restored("space.name", options.space.name, stored.space.name)
    }
}
