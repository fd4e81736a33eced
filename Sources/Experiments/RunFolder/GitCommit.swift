import Foundation
import Support

/// Reads which commit a git checkout is at, from its files: no git is needed, and none is run.
public enum GitCommit {
    /// The commit that the checkout around `folder` is at; nil outside a checkout, or before its first commit.
    public static func current(from folder: String) -> String? {
        guard let absolute = realpath(folder, nil) else { return nil }
        defer { free(absolute) }
        var folder = String(cString: absolute)
        while true {
            if let git = gitFolder(FilePath.join(folder, ".git")) { return commit(in: git) }
            if folder == "/" { return nil }
            folder = FilePath.folder(of: folder)
        }
    }

    /// The folder behind a `.git`, which in a linked worktree or a submodule is a file that names it.
    private static func gitFolder(_ path: String) -> String? {
        if FilePath.exists(FilePath.join(path, "HEAD")) { return path }
        guard let text = text(path), text.hasPrefix("gitdir: ") else { return nil }
        return resolve(String(text.dropFirst("gitdir: ".count)), from: FilePath.folder(of: path))
    }

    private static func commit(in git: String) -> String? {
        guard let head = text(FilePath.join(git, "HEAD")) else { return nil }
        guard head.hasPrefix("ref: ") else { return hash(head) }
        let reference = String(head.dropFirst("ref: ".count))
        // A worktree has a HEAD of its own and shares the branches with the main checkout.
        let common = text(FilePath.join(git, "commondir")).map { resolve($0, from: git) } ?? git
        for folder in [git, common] {
            if let loose = text(FilePath.join(folder, reference)) { return hash(loose) }
        }
        let packed = text(FilePath.join(common, "packed-refs")) ?? ""
        for line in packed.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count == 2, words[1] == reference { return hash(String(words[0])) }
        }
        return nil
    }

    private static func resolve(_ path: String, from folder: String) -> String {
        path.hasPrefix("/") ? path : FilePath.join(folder, path)
    }

    private static func hash(_ text: String) -> String? {
        [40, 64].contains(text.utf8.count) && text.allSatisfy { $0.isASCII && $0.isHexDigit } ? text : nil
    }

    private static func text(_ path: String) -> String? {
        guard let bytes = try? InputFile.readAll(path) else { return nil }
        return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
