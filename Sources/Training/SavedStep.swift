import Experiments
import TensorFiles
import Torch

/// A checkpoint of a training, read and found to be whole.
struct SavedStep {
    /// Its tensors, all of them finite numbers and those that were written.
    let checkpoint: Checkpoint
    /// Steps that were done when it was written.
    let step: Int
    /// Seconds of training until then.
    let seconds: Double

    /// - Throws: what is damage by ``isDamage(_:)``; any other error is one of the machine, or of the program.
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

    /// Whether an error tells of a file that is not what was written, which an older one may take the place of.
    static func isDamage(_ error: any Error) -> Bool {
        switch error {
        case let error as TensorFileError:
            !error.problems.contains { if case .system = $0.fault { true } else { false } }
        case is CheckpointError, TrainingError.badCheckpoint: true
        default: false
        }
    }
}
