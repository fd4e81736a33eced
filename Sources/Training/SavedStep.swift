import Experiments
import TensorFiles
import Torch

/// A checkpoint of a training that was read and found to be complete.
struct SavedStep {
    /// The tensors of the checkpoint, all finite and with the right checksums.
    let checkpoint: Checkpoint
    /// The number of finished steps when it was written.
    let step: Int
    /// The seconds of training until then.
    let seconds: Double

    /// Reads a checkpoint.
    ///
    /// - Throws: an error for which ``isDamage(_:)`` is true if the file is damaged; any other error is one of the
    ///   machine.
    init(_ file: CheckpointFile) throws {
        checkpoint = try Checkpoint.readWeights(file.path)
        guard let step = checkpoint.metadata["step"].flatMap(Int.init), step == file.step,
            let seconds = checkpoint.metadata["seconds"].flatMap(Double.init), seconds.isFinite, seconds >= 0
        else {
            throw TrainingError.badCheckpoint(
                path: file.path, reason: "it does not say that it was written at the step of its name")
        }
        (self.step, self.seconds) = (step, seconds)
    }

    /// Whether an error means that the file is damaged, so that an older checkpoint may take its place.
    static func isDamage(_ error: any Error) -> Bool {
        switch error {
        case let error as TensorFileError:
            !error.problems.contains { if case .system = $0.fault { true } else { false } }
        case is CheckpointError, TrainingError.badCheckpoint: true
        default: false
        }
    }
}
