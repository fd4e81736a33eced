import Datasets
import Experiments
import Synchronization

/// The folder of a study, which is taken when the first phase begins and kept while the study is in use.
final class StudyPlace: Sendable {
    private let path: String
    private let group = Mutex<RunGroup?>(nil)

    /// What a study's folder holds.
    static let layout = RunGroup.Layout(
        record: Study.settingsName, runs: Study.phases,
        others: [
            "rank", "report.html", "contact-sheet.png", DataRecord.manifestName, DataRecord.leftOutName,
        ])

    init(_ path: String) { self.path = path }

    /// Takes the folder, once.
    func claim() throws {
        try group.withLock { group in
            guard group == nil else { return }
            group = try RunGroup(path, Self.layout)
        }
    }
}
