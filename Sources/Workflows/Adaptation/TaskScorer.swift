import Datasets
import Networks
import Tasks
import Torch

/// A task's score of a path, with the head that all paths share.
struct TaskScorer: PathScorer {
    let supernet: Supernet
    let head: any TaskHead
    let task: any RecognitionTask
    let batches: [(images: Tensor, labels: Tensor)]

    var images: [Tensor] { batches.map(\.images) }

    func score(_ features: [Tensor]) throws -> (score: Double, metrics: [String: Double]) {
        let outputs = try features.map { try head.outputs($0.to(.float32), .evaluation) }
        let labels = try batches.flatMap { try $0.labels.array(Int.self) }
        let score = try task.score(.concatenated(outputs), labels: labels)
        return (score.value, score.metrics)
    }
}
