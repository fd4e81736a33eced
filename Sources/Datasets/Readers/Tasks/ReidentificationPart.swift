/// Images of people, each with who is on it and which camera took it.
public struct ReidentificationPart: FileDataset {
    /// The identity of an image that shows no person well enough to count.
    public static let junk = -1
    /// The identity of an image of nobody who is asked for.
    public static let distractor = 0

    /// The folder of the images.
    public let root: String
    /// One an image: from 1 for people, `distractor` or `junk`.
    public let identities: [Int]
    /// One an image.
    public let cameras: [Int]
    /// The identities of the part, rising, as they stand in names: `0002`. Query and gallery share theirs.
    public let classNames: [String]

    private let files: [String]
    private let labels: [Int32]

    /// - Parameters:
    ///   - root: the folder.
    ///   - images: names of files in it and what they say.
    ///   - classes: at least all identities of the images, rising.
    init(root: String, images: [(file: String, name: MarketName)], classes: [Int]) {
        self.root = root
        files = images.map(\.file)
        identities = images.map(\.name.identity)
        cameras = images.map(\.name.camera)
        classNames = classes.map(Self.text)
        let positions = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
        labels = identities.map { positions[$0] ?? 0 }
    }

    /// The number of images.
    public var count: Int { files.count }

    /// The position of the image's identity in `classNames`.
    ///
    /// - Precondition: `index` is in 0..<count.
    public func label(at index: Int) -> Int { Int(labels[index]) }

    /// The path of the file.
    public func source(at index: Int) -> String { Folder.join(root, files[index]) }

    /// The file's name without the folder.
    func file(at index: Int) -> String { files[index] }

    /// As in names: four digits at least.
    static func text(_ identity: Int) -> String {
        let digits = String(identity)
        return identity < 0 ? digits : String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
