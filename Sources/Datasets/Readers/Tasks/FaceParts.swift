import Support

/// The two parts of a data set of faces, with the same classes.
public struct FaceParts: Sendable {
    /// What networks learn from.
    public let train: FaceDataset
    /// What they are judged by.
    public let test: FaceDataset
    /// Whether the parts were made here, by a hash of the names, because the data set has none of its own.
    public let isSplitByName: Bool
    /// Paths of images that were left out because their names cannot be read.
    public let leftOut: [String]

    /// The parts as those of any data set, with a note on what was left out.
    public var opened: OpenedDataset { OpenedDataset(train: train, test: test, notes: notes) }

    /// How many images were left out, of how many, and which first; none where there are none.
    public var notes: [String] {
        guard !leftOut.isEmpty else { return [] }
        let names = leftOut.map { LayoutSurvey.split($0).name }
        return [
            "\(leftOut.count) of \(train.count + test.count + leftOut.count) images are left out, as their names tell no age "
                + "and gender: \(FolderLook.listed(names))"
        ]
    }
}

/// On which side of a split a thing lies, by its name alone: adding or removing others moves nothing, unless there are so
/// few that one side would be empty.
struct NameSplit {
    let testFraction: Double
    let seed: UInt64

    func isTest(_ name: String) -> Bool { place(name) < testFraction }

    /// Which of the things are on the side of the test: of two or more at least one, and not all.
    func areTest(_ names: [String]) -> [Bool] {
        let places = names.map(place)
        guard let least = places.min(), let most = places.max(), least < most else { return names.map(isTest) }
        return places.map { $0 == least || ($0 < testFraction && $0 < most) }
    }

    /// In [0, 1).
    private func place(_ name: String) -> Double {
        // The 64-bit FNV-1a hash (Fowler, Noll and Vo) of the name.
        let hash = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var generator = SeededGenerator(seed: seed, 0x6661_6365, hash)
        return generator.uniform()
    }
}
