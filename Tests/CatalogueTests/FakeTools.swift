import Foundation
import TestFolders
import Testing

@testable import Catalogue

/// Programs on a search path of their own, which serve packages from the folder `site` and note their calls.
struct FakeTools {
    let folder: TemporaryFolder
    var searchPath: String { folder.path + "/bin" }

    init(_ folder: TemporaryFolder, _ names: [String]) throws {
        self.folder = folder
        try folder.makeFolder("bin")
        try folder.makeFolder("site")
        for name in names { try add(name) }
    }

    /// The system's program, or a script that stands in for it.
    func add(_ name: String) throws {
        guard let body = Self.scripts[name] else {
            let tool = try #require(Tool(name), "\(name) is needed by this test")
            try FileManager.default.createSymbolicLink(atPath: "\(searchPath)/\(name)", withDestinationPath: tool.path)
            return
        }
        let script = try folder.write(
            "#!/bin/sh\nset -e\nsite='\(folder.path)/site'\necho \"\(name) $*\" >> '\(folder.path)/calls'\n" + body,
            to: "bin/\(name)")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script)
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(searchPath)/\(name)")
    }

    /// What was called, in order.
    func calls() throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder.path + "/calls") else { return [] }
        return try String(contentsOfFile: folder.path + "/calls", encoding: .utf8).split(separator: "\n").map(
            String.init)
    }

    /// Packs files into an archive that the scripts know how to unpack, and gives its SHA-256.
    func pack(_ name: String, _ files: [String: [UInt8]]) throws -> String {
        for (path, bytes) in files { try folder.write(bytes, to: "pack-\(name)/\(path)") }
        let tar = try #require(Tool("tar"))
        let packed = folder.path + "/pack-\(name)"
        try #require(try tar.run(["-cf", "\(folder.path)/site/\(name)", "-C", packed, "."], in: "/").status == 0)
        return try sha256(name)
    }

    func sha256(_ name: String) throws -> String {
        let sums = try Checksums.sha256(of: [name], in: folder.path + "/site", searchPath: nil)
        return try #require(sums[name])
    }

    private static let scripts = [
        // download NAME=VERSION
        "apt-get": """
        for last; do :; done
        if [ "$last" = update ]; then touch "$site/lists"; exit 0; fi
        if [ -e "$site/no-lists" ] && [ ! -e "$site/lists" ]; then echo "E: Unable to locate" >&2; exit 100; fi
        cp "$site/${last%%=*}.deb" .

        """,
        // -x FILE FOLDER
        "dpkg-deb": "mkdir -p \"$3\"; tar -xf \"$2\" -C \"$3\"\n",
        // -m pip download ... NAME==VERSION, or -m zipfile -e FILE .
        "python3": """
        if [ "$2" = zipfile ]; then tar -xf "$4" -C "$5"; exit 0; fi
        for last; do :; done
        if [ -e "$site/no-pip" ]; then echo 'No module named pip' >&2; exit 1; fi
        cp "$site/${last%%==*}.whl" .

        """,
        // -q -o FILE MEMBER
        "unzip": "tar -xf \"$3\" \"./$4\"\n",
        // ... -o NAME -- URL
        "curl": """
        while [ "$1" != -o ]; do shift; done
        case "$4" in */) cp "$site/index.html" "$2" ;; *) cp "$site/${4##*/}" "$2" ;; esac

        """,
    ]
}
