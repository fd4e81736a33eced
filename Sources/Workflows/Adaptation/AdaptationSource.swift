import Architectures
import Experiments
import Results
import Supernets
import Support
import Training

/// The source of an adaptation: a supernet, and its best path on the source.
struct AdaptationSource {
    let supernet: SupernetFile
    let path: Architecture

    /// Opens a study with a supernet and a search, or the file of a supernet that was made from one network.
    ///
    /// - Throws: `WorkflowError.missingPhase` for a study without a supernet or without a search;
    ///   `WorkflowError.noOrigin` for another supernet's file; what reading it throws.
    init(_ source: String) throws {
        guard !FilePresence.isFile(source) else {
            supernet = try SupernetFile.read(source)
            guard let origin = supernet.card.origin else { throw WorkflowError.noOrigin(source) }
            try supernet.card.supernet.space.validate(origin)
            path = origin
            return
        }
        let file = FilePath.join(source, "\(SupernetTraining.name)/supernet.safetensors")
        guard FilePresence.exists(file) else {
            throw WorkflowError.missingPhase(file: file, command: "supernet train --config FILE --run \(source)")
        }
        supernet = try SupernetFile.read(file)
        let found = FilePath.join(source, "\(ArchitectureSearch.name)/result.json")
        guard let search = try ResultFile.read(ArchitectureSearch.Result.self, found) else {
            throw WorkflowError.missingPhase(file: found, command: CommandText.command("search", source))
        }
        // Of a file that somebody edited, or beside a supernet that was trained anew.
        guard (try? supernet.card.supernet.space.validate(search.architecture)) != nil else {
            throw ResultError.damaged(path: found)
        }
        path = search.architecture
    }
}
