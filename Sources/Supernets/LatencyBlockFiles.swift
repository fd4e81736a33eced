import Architectures
import NN
import Networks
import ONNX
import Support

/// The blocks of a space and some of its whole networks as ONNX files, for the runtime and the device that will serve
/// the found network. Another program times them there, adds their times up, and writes the table that a search takes:
/// `Examples/time_blocks.py` does so with onnxruntime.
///
/// Beside the files stands `blocks.csv`, with a row for each:
///
/// ```
/// file,role,block,choices,input,parts
/// empty.onnx,empty,,,3x64x64,
/// 0000.onnx,block,features.0.0 to features.0.1,,3x64x64,
/// 0001.onnx,block,features.1.conv,width 1/2,32x32x32,
/// network-00.onnx,fitted,network,3 0 1 3,3x64x64,0 1 5 9
/// network-14.onnx,checked,network,0 0 2 1,3x64x64,0 3 4 9
/// ```
///
/// The columns `block`, `choices` and `input` are those of the table. Blocks of the same layers share a file. `empty` is
/// a network that computes nothing, which shows what each call costs by itself. `parts` are the blocks that a whole
/// network is made of, by the position of their rows among those of blocks; networks whose role is `fitted` are there
/// for scaling the times, those with `checked` show how far off the sums are.
public enum LatencyBlockFiles {
    /// The name of the list of files in its folder.
    public static let listName = "blocks.csv"

    /// Writes the files; their weights are random and their batch norms folded, as in a network that is served.
    ///
    /// - Parameters:
    ///   - description: the space.
    ///   - imageSize: the size of the images, in pixels.
    ///   - folder: the folder, which is made; if it is there, it must be empty.
    ///   - fitted: the number of random architectures for scaling, beside the least and the largest one.
    ///   - checks: the number of random architectures that show how far off sums are.
    ///   - seed: the seed of the random architectures.
    ///   - progress: called with the share that is written.
    /// - Returns: the number of blocks, of distinct ones, and of whole networks.
    /// - Throws: `FileError`; `SpaceError.layer` for a space that has a part with too many combinations of candidates.
    @discardableResult
    public static func write(
        _ description: SupernetDescription, imageSize: ImageSize, to folder: String, fitted: Int = 16, checks: Int = 16,
        seed: UInt64 = 0, progress: (Double) -> Void = { _ in }
    ) throws -> (blocks: Int, files: Int, networks: Int) {
        try FilePath.makeFolder(folder)
        guard try FilePath.list(folder).isEmpty else {
            throw FileError(operation: "write blocks to", path: folder, reason: .notEmpty)
        }
        let plan = try LatencyPlan(
            description, imageSize: imageSize, classes: 0, fitted: fitted, checks: checks, seed: seed)
        let networks = plan.fitted + plan.checked
        let distinct = plan.subjects.count - networks.count
        var files: [String] = []
        for (number, subject) in plan.subjects.enumerated() {
            let name =
                number < distinct
                ? "\(padded(number, 4)).onnx" : "network-\(padded(number - distinct, 2)).onnx"
            try write(subject.layer, input: subject.input, to: FilePath.join(folder, name))
            files.append(name)
            progress(Double(number + 1) / Double(plan.subjects.count))
        }
        let empty = "empty.onnx"
        let image = plan.blocks.image
        try write(.identity, input: image, to: FilePath.join(folder, empty))
        var rows = [["file", "role", "block", "choices", "input", "parts"]]
        rows.append([empty, "empty", "", "", BlockTimes.shape(image), ""])
        rows += zip(plan.blocks.blocks, plan.places).map { [files[$1], "block"] + BlockTimes.fields(of: $0) + [""] }
        rows += networks.enumerated().map { number, architecture in
            [
                files[distinct + number], number < plan.fitted.count ? "fitted" : "checked", LatencyBlocks.networkName,
                "\(architecture)", BlockTimes.shape(image),
                plan.blocks.blocks(of: architecture).map(String.init).joined(separator: " "),
            ]
        }
        // Last, so that a folder with a list is complete.
        let text = rows.map { $0.joined(separator: ",") + "\n" }.joined()
        try AtomicFile.write(text, to: FilePath.join(folder, listName))
        return (plan.blocks.blocks.count, distinct, networks.count)
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(width - digits.count, 0)) + digits
    }

    /// Writes layers by themselves, with random weights.
    private static func write(_ layer: Layer, input: FeatureShape, to path: String) throws {
        // What is exported takes a map: a vector comes from one of a single pixel. A map that comes out is one handed out.
        let parts: [Layer.Part] =
            (input.isVector ? [.init("", .globalPool)] : []) + [.init("", layer), .init("", .tap("output"))]
        let size = input.isVector ? ImageSize(1) : ImageSize(height: input.height, width: input.width)
        let network = NetworkDescription(channels: input.channels, classes: 0, backbone: .sequence(parts))
        let store = try ParameterStore(seed: 0)
        _ = try Backbone(network.backbone, channels: input.channels, store: store)
        let export = try ONNXExport(network, imageSize: size, head: .map, options: .init(foldBatchNorm: true))
        try export.write(to: path) { key in
            try store[key].map {
                ONNXTensor(shape: $0.shape, values: try $0.detached().contiguous().array(Float.self))
            }
        }
    }
}
