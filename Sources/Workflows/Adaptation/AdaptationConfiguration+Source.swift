import Experiments
import Files
import Foundation
import Tasks

extension AdaptationConfiguration {
    /// The settings from which an adaptation of a study begins: images are prepared as the study prepared its own.
    ///
    /// - Parameter source: the study's folder.
    /// - Throws: `WorkflowError.notAStudy`; `ConfigurationError` for settings that cannot be read.
    public static func adapting(_ source: String) throws -> AdaptationConfiguration {
        let settings = FilePath.join(source, Study.settingsName)
        guard FilePresence.exists(settings) else { throw WorkflowError.notAStudy(source) }
        return adapting(source, try ConfigurationLoader.load(StudyConfiguration.self, files: [settings]).value)
    }

    /// The same for a study that may not have begun.
    static func adapting(_ source: String, _ original: StudyConfiguration) -> AdaptationConfiguration {
        var options = AdaptationConfiguration()
        (options.precision, options.device, options.data) = (original.precision, original.device, original.data)
        (options.data.list, options.data.fraction) = ("", 1)
        options.source = source
        options.search.evaluations = 48
        options.search.initial = 24
        options.search.recalibrationImages = 256
        return options
    }
}
