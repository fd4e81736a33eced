import Support

/// One checkpoint of a run: `step-00001234.safetensors`.
public struct CheckpointFile: Equatable, Sendable {
    /// The step that the checkpoint was written at, as its name spells it.
    public var step: Int
    /// The file's path: the folder that was listed, and the name in it.
    public var path: String

    /// Eight digits, and more once they are needed, so that names sort as steps do for the first hundred million.
    public static func name(step: Int) -> String {
        let digits = String(step)
        return "step-" + String(repeating: "0", count: max(0, 8 - digits.count)) + digits + ".safetensors"
    }

    /// The step that a name spells; nil for every other name, a temporary leftover's among them.
    public static func step(named name: String) -> Int? {
        guard name.hasPrefix("step-"), name.hasSuffix(".safetensors") else { return nil }
        guard let step = Int(name.dropFirst("step-".count).dropLast(".safetensors".count)), step >= 0 else {
            return nil
        }
        return self.name(step: step) == name ? step : nil
    }

    /// The checkpoints in a folder, oldest first, whole or not: whoever reads one finds out.
    ///
    /// - Throws: `FileError`.
    public static func list(in folder: String) throws -> [CheckpointFile] {
        try FilePath.list(folder).compactMap { name in
            step(named: name).map { CheckpointFile(step: $0, path: FilePath.join(folder, name)) }
        }.sorted { $0.step < $1.step }
    }
}
