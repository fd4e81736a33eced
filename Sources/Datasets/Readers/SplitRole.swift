/// What a part of a data set is for, as the names of folders, lists and columns say it.
enum SplitRole: String, CaseIterable {
    case train, validation, test

    /// The part that a word stands for, in any case.
    init?(word: some StringProtocol) {
        switch word.lowercased() {
        case "train", "training", "trn": self = .train
        case "val", "valid", "validation", "validate", "dev": self = .validation
        case "test", "testing", "tst": self = .test
        default: return nil
        }
    }

    /// The part that a name stands for: a word for it alone, or beside words that say nothing, as in `training_set`,
    /// `seg_train` and `Test images`.
    init?(named name: some StringProtocol) {
        let words = Self.words(of: name)
        let roles = words.compactMap(SplitRole.init(word:))
        guard let role = roles.first, roles.count == 1 else { return nil }
        guard words.allSatisfy({ SplitRole(word: $0) != nil || Self.fillers.contains($0) }) else { return nil }
        self = role
    }

    /// Gives the words of a name in lower case, without what stands between them; `trainset` is two words.
    static func words(of name: some StringProtocol) -> [String] {
        let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        return words.flatMap { word in
            for end in ["set", "data", "images"] where word.hasSuffix(end) {
                let start = String(word.dropLast(end.count))
                if SplitRole(word: start) != nil { return [start, end] }
            }
            return [word]
        }
    }

    private static let fillers: Set<String> = [
        "set", "data", "dataset", "images", "image", "imgs", "img", "photos", "pictures", "split", "folder", "part",
        "seg",
        "labels", "label", "list", "lists", "annotations", "annotation", "files", "index", "info", "the", "of",
    ]
}
