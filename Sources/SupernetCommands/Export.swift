import Architectures
import ArgumentParser
import Foundation
import Interchange
import NN
import Networks
import ONNX
import Supernets
import Support
import Tasks
import Torch

/// The command `supernet export`: writes a network for other programs.
struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a network for other programs: ONNX, safetensors, PyTorch code, or a folder for model hubs.",
        discussion: """
            The ending of the output chooses the format: .onnx (opset 17, any batch size), .safetensors (PyTorch's keys), or \
            .py, code that needs nothing of this program, with the weights in a .safetensors file beside it. --format \
            huggingface writes a folder with config.json, model.safetensors and a model card, which timm opens where it has \
            the network. With --int8 an ONNX file computes in integers of eight bits (QDQ). For a supernet, --path says which architecture is cut out. It has the supernet's batch-norm statistics, which \
            are a mixture over all paths; `supernet search` recalibrates them.
            """)

    @Argument(help: "The file of a network or of a supernet.") var network: String
    @Option(name: .shortAndLong, help: "The file to write, .onnx, .safetensors or .py; or a folder.") var output: String
    @Option(
        name: .long, help: "The format: onnx, safetensors, python or huggingface. Default: by the ending of --output.")
    var format: Format?
    @Option(
        name: .long, help: "For a supernet: the architecture as the numbers of its candidates, such as \"3 0 1 3\".")
    var path: String?
    @Option(name: .long, help: "For a supernet without a classifier: the probe.safetensors of its study.")
    var probe: String?
    @Flag(name: .long, help: "ONNX: fold batch norms into the convolutions before them.") var foldBatchNorm = false
    @Flag(name: .long, help: "ONNX: probabilities instead of logits.") var softmax = false
    @Flag(name: .long, help: "ONNX, for segmentation: the class of each pixel of the image instead of logits.")
    var argmax = false
    @Flag(name: .long, help: "ONNX: allow any image size that the layers can take.") var anySize = false
    @OptionGroup var calibration: CalibrationOptions

    /// The formats that others read.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case onnx, safetensors, python, huggingface

        /// The ending of its file; nil for a folder.
        var ending: String? {
            switch self {
            case .onnx, .safetensors: rawValue
            case .python: "py"
            case .huggingface: nil
            }
        }
    }

    private func chosenFormat() throws -> Format {
        let ending = URL(fileURLWithPath: output).pathExtension
        guard let chosen = format ?? Format.allCases.first(where: { $0.ending == ending }) else {
            throw ValidationError(
                "--output must end in .onnx, .safetensors or .py, or --format say what to write; it is \(output)")
        }
        if let wanted = chosen.ending, wanted != ending {
            throw ValidationError("--output must end in .\(wanted) for --format \(chosen.rawValue), not \(output)")
        }
        return chosen
    }

    func validate() throws {
        let format = try chosenFormat()
        guard format == .onnx || !(foldBatchNorm || softmax || argmax || anySize) else {
            throw ValidationError("--fold-batch-norm, --softmax, --argmax and --any-size are for .onnx")
        }
        guard format == .onnx || !calibration.int8 else { throw ValidationError("--int8 is for .onnx") }
        guard !(softmax && argmax) else { throw ValidationError("--softmax and --argmax do not go together") }
        guard path != nil || probe == nil else { throw ValidationError("--probe needs --path") }
    }

    func run() throws {
        let format = try chosenFormat()
        if format != .huggingface { try AtomicFile.check(output) }
        var options = ONNXExport.Options()
        (options.foldBatchNorm, options.softmax, options.dynamicImageSize) = (foldBatchNorm, softmax, anySize)
        options.argmax = argmax
        let (made, card) = try open()
        guard !softmax || !card.classNames.isEmpty else {
            throw ValidationError("--softmax is for networks of classes, not of the task `\(card.task)`")
        }
        guard !argmax || made.head.kind == .map else {
            throw ValidationError(
                "--argmax is for networks of the task `\(SegmentationTask.name)`, not of the task `\(card.task)`")
        }
        var rows: [(String, String)] = []
        switch format {
        case .safetensors: try NetworkFile.write(made, card, to: output)
        case .python:
            let name = URL(fileURLWithPath: output).deletingPathExtension().lastPathComponent
            let code = try PythonNetwork(card, head: made.head, name: name)
            try writeWeights(made, card, to: output.dropLast(2) + "safetensors")
            try AtomicFile.write(code.text, to: output)
        case .huggingface:
            let folder = try ModelFolder(made, card)
            try folder.write(to: output)
            rows.append(("timm", folder.architecture ?? "has no such network: model.py is its code"))
        case .onnx:
            if calibration.int8 {
                let outcome = try calibration.quantization(of: made.store, made.head, card)
                options.quantization = outcome.quantization
                rows = CalibrationOptions.rows(outcome, card)
            }
            try ONNXFile(card: card, outputs: outputs(card, made.head), head: made.head, options: options)
                .write(made.store, to: output)
        }
        let cost = try card.cost()
        let isOfClasses = !card.classNames.isEmpty
        Console.result(
            Console.table(
                [
                    ("task", card.task), ("parameters", Console.grouped(made.store.parameterCount)),
                    ("multiply-adds", Console.grouped(cost.multiplyAdds)),
                    ("images", "\(card.network.channels) x \(card.imageSize)"),
                    (isOfClasses ? "classes" : "outputs", Console.grouped(made.head.outputs)),
                ] + rows))
        Console.say("wrote \(output)")
    }

    /// Writes the weights beside code, where nobody has named a file: what is there stays unless it is of the same network.
    private func writeWeights(_ made: ImageNetwork, _ card: NetworkFile.Card, to file: String) throws {
        if path == nil, let own = FilePath.real(file), own == FilePath.real(network) { return }
        if FilePath.isThere(file), (try? NetworkFile.read(file))?.card != card {
            throw ValidationError(
                "the weights of \(output) would take the place of \(file), which is something else; choose another --output"
            )
        }
        try NetworkFile.write(made, card, to: file)
    }

    /// The metadata of an ONNX file about its outputs.
    private func outputs(_ card: NetworkFile.Card, _ head: NetworkHead) throws -> [(key: String, value: String)] {
        guard card.classNames.isEmpty else { return [("classes", try JSONText.of(card.classNames))] }
        var outputs = [(key: "task", value: card.task)]
        if case .readings(let reader) = try TaskFamily.task(named: card.task).outputs {
            outputs.append(("outputs", try JSONText.of(reader.outputNames(head.outputs))))
        }
        return outputs
    }

    private func open() throws -> (ImageNetwork, NetworkFile.Card) {
        guard let path else {
            let file = try NetworkFile.read(network)
            _ = try file.task()
            return (file.network, file.card)
        }
        let file = try SupernetFile.read(network)
        let made = try StateError.naming(probe ?? network) {
            try file.network(file.card.supernet.space.parse(path), head: probe.map(file.head(probe:)))
        }
        let outputs = made.head.outputs
        var names = file.card.classNames
        if file.card.task == NetworkFile.classification, names.count != outputs {
            names = (0..<outputs).map { "\($0)" }
        }
        return (
            made,
            NetworkFile.Card(
                task: file.card.task, network: made.description,
                head: made.head.kind == .linear ? nil : made.head, classNames: names, imageSize: file.card.imageSize,
                mean: file.card.mean, std: file.card.std, steps: file.card.steps, orientation: file.card.orientation)
        )
    }
}

/// Writes a network as an ONNX file, with metadata that programs need to prepare images and read outputs.
struct ONNXFile {
    /// The card of the network, which gives the size and preparation of images.
    var card: NetworkFile.Card
    /// The metadata about the outputs.
    var outputs: [(key: String, value: String)]
    /// The head on the features.
    var head: NetworkHead
    /// The options of the export.
    var options: ONNXExport.Options

    /// Writes the ONNX file.
    ///
    /// - Parameters:
    ///   - store: the network's tensors.
    ///   - path: the path of the file.
    /// - Throws: `ONNXError`, `FileError`.
    func write(_ store: ParameterStore, to path: String) throws {
        var metadata = outputs
        metadata += [
            ("mean", try JSONText.of(card.mean)), ("std", try JSONText.of(card.std)),
            ("size", try JSONText.of(card.imageSize)),
        ]
        // Said apart, too, where it is all that there is to say.
        if card.steps.count == 2, case .resize(let side) = card.steps[0], case .centerCrop = card.steps[1] {
            metadata.append(("resize", "\(side)"))
        }
        metadata.append(("steps", try JSONText.of(card.steps)))
        // All of it, for `supernet evaluate`.
        metadata.append((NetworkFile.cardKey, try JSONText.of(card)))
        let (network, kind) = Self.graph(card, head)
        let export = try ONNXExport(
            network, imageSize: card.imageSize, metadata: metadata, head: kind, options: options)
        try export.write(to: path, tensors: Self.tensors(of: store))
    }

    /// The network and the head that an export is of.
    static func graph(_ card: NetworkFile.Card, _ head: NetworkHead) -> (NetworkDescription, ONNXExport.Head) {
        let kind: ONNXExport.Head =
            switch head.kind {
            case .linear: .classifier
            case .neck: .norm(NetworkHead.neckKey)
            case .map: .map
            case .detector:
                // Read with the network, a detector's head has its description.
                .detector(head.detector ?? DetectorDescription(classes: head.outputs, hasMasks: false))
            }
        var network = card.network
        network.classes = [.map, .detector].contains(head.kind) ? 0 : head.outputs
        return (network, kind)
    }

    /// Gives the tensors of a network to an export.
    static func tensors(of store: ParameterStore) -> (String) throws -> ONNXTensor? {
        { key in
            try store[key].map { tensor in
                ONNXTensor(
                    shape: tensor.shape, values: try tensor.detached().to(.float32).contiguous().array(Float.self))
            }
        }
    }
}
