import ArgumentParser
import ONNX
import Tasks

/// A network of a task for other programs.
struct TaskExport {
    /// The network.
    let file: TaskNetworkFile

    /// Writes ONNX, or the same safetensors again without what only learning needed.
    ///
    /// - Parameters:
    ///   - path: the file; its ending chooses.
    ///   - options: of ONNX.
    /// - Throws: `ValidationError` for probabilities where outputs are not of one distribution; `ONNXError`, `FileError`.
    func write(to path: String, _ options: ONNXExport.Options) throws {
        guard !options.softmax else {
            throw ValidationError("--softmax is for networks of classes, not of the task `\(file.card.task.rawValue)`")
        }
        guard path.hasSuffix(".onnx") else {
            let card = TaskNetworkCard(task: file.card.task, head: file.head, network: file.card.network)
            return try card.write(file.store, to: path)
        }
        var card = file.card.network
        card.network.classes = file.head.outputs
        var outputs = [(key: "task", value: file.card.task.rawValue)]
        if case .readings(let reader) = file.card.task.outputs {
            outputs.append(("outputs", try JSONText.of(reader.outputNames(file.head.outputs))))
        }
        let head: ONNXExport.Head =
            switch file.head.kind {
            case .linear: .classifier
            case .neck: .norm(TaskNetworkHead.neckKey)
            }
        try ONNXFile(card: card, outputs: outputs, head: head, options: options).write(file.store, to: path)
    }

    /// What was written, line by line.
    var summary: [(String, String)] {
        let card = file.card.network
        return [
            ("task", file.card.task.rawValue), ("parameters", Console.grouped(file.store.parameterCount)),
            ("images", "\(card.network.channels) x \(card.imageSize)"),
            ("outputs", Console.grouped(file.head.outputs)),
        ]
    }
}
