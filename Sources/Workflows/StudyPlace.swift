import Datasets
import Experiments
import Synchronization

/// The folder of a study, which is claimed when the first phase begins and held while the study exists.
final class StudyPlace: Sendable {
    private let path: String
    private let group = Mutex<RunGroup?>(nil)

    /// The layout of a study's folder.
    static let layout = RunGroup.Layout(
        record: Study.settingsName, runs: Study.phases,
        others: [
            "rank", "report.html", "contact-sheet.png", DataRecord.manifestName, DataRecord.leftOutName,
        ])

    init(_ path: String) { self.path = path }

    /// Claims the folder, if that has not been done.
    func claim() throws {
        try group.withLock { group in
            guard group == nil else { return }
            group = try RunGroup(path, Self.layout)
        }
    }
}
