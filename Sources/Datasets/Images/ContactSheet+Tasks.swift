import Support

extension ContactSheet {
    /// A sheet of identities drawn at random, in the order of their numbers, each with images in the order of their
    /// cameras. Identities of few images share a row, with a gap between them.
    ///
    /// - Parameters:
    ///   - part: where the images come from.
    ///   - title: above the rows.
    ///   - perIdentity: the most images of one, and of a row.
    ///   - maximumRows: the most rows; the subtitle tells how many identities there are.
    ///   - seed: of the choice of identities and images.
    ///   - cell: the side of the square that each image is fitted into, in pixels; at least 8.
    ///
    /// Images that cannot be read are left out, and taken down in `UnreadableImages.shared`.
    public init(
        ofIdentities part: ReidentificationPart, title: String = "", perIdentity: Int = 12, maximumRows: Int = 16,
        seed: UInt64 = 0, cell: Int = 84
    ) {
        var members = [[Int]](repeating: [], count: part.classNames.count)
        for index in 0..<part.count { members[part.label(at: index)].append(index) }
        // Query and gallery share their identities; some have images in one of them alone.
        let present = members.indices.filter { !members[$0].isEmpty }
        let perIdentity = max(1, perIdentity)
        let most = min(perIdentity, present.map { members[$0].count }.max() ?? 1)
        let together = perIdentity / most
        var generator = SeededGenerator(seed: seed)
        let shown = generator.permutation(present.count).prefix(max(0, maximumRows) * together).sorted()
            .map { present[$0] }
        let decoding = ImageDecoding(channels: .asStored, minimumShortSide: max(8, cell))
        var rows: [Row] = []
        for first in stride(from: 0, to: shown.count, by: together) {
            let labels = shown[first..<min(shown.count, first + together)]
            var row = Row(name: Self.name(labels.map { part.classNames[$0] }), images: [])
            for label in labels {
                var generator = SeededGenerator(seed: seed, UInt64(label))
                let chosen = generator.permutation(members[label].count).prefix(perIdentity)
                    .map { members[label][$0] }.sorted { (part.cameras[$0], $0) < (part.cameras[$1], $1) }
                row.groupStarts.insert(row.images.count)
                row.images += Self.readable(chosen, of: part, decoding)
            }
            let images = labels.reduce(0) { $0 + members[$1].count }
            row.note =
                labels.count > 1
                ? "\(labels.count) identities" : "\(Self.grouped(images)) image\(images == 1 ? "" : "s")"
            rows.append(row)
        }
        let cameras = Set(part.cameras).count
        var subtitle = "\(Self.grouped(part.count)) images, \(Self.grouped(present.count)) identities under "
        subtitle += "\(cameras) camera\(cameras == 1 ? "" : "s")"
        if shown.count < present.count { subtitle += ", of which \(shown.count) are here" }
        self.init(title: title, subtitle: subtitle, rows: rows, cell: cell)
    }

    private static func name(_ identities: [String]) -> String {
        guard let first = identities.first, let last = identities.last, first != last else {
            return identities.first ?? ""
        }
        return "\(first) to \(last)"
    }
}

extension ContactSheet {
    /// A sheet of faces drawn at random, a row for each ten years of age, from the youngest to the oldest.
    ///
    /// - Parameters:
    ///   - faces: where the images come from.
    ///   - title: above the rows.
    ///   - perRow: the most images a row.
    ///   - seed: of the choice of faces.
    ///   - cell: the side of the square that each image is fitted into, in pixels; at least 8.
    ///
    /// Images that cannot be read are left out, and taken down in `UnreadableImages.shared`.
    public init(
        ofFaces faces: FaceDataset, title: String = "", perRow: Int = 12, seed: UInt64 = 0, cell: Int = 84
    ) {
        let decoding = ImageDecoding(channels: .asStored, minimumShortSide: max(8, cell))
        let years = Dictionary(grouping: 0..<faces.count) { faces.ages[$0] / 10 }
        var rows: [Row] = []
        for (decade, members) in years.sorted(by: { $0.key < $1.key }) {
            var generator = SeededGenerator(seed: seed, UInt64(decade))
            let chosen = generator.permutation(members.count).prefix(max(0, perRow)).map { members[$0] }
                .sorted { (faces.ages[$0], $0) < (faces.ages[$1], $1) }
            rows.append(
                Row(
                    name: "\(10 * decade) to \(10 * decade + 9)",
                    note: "\(Self.grouped(members.count)) face\(members.count == 1 ? "" : "s")",
                    images: Self.readable(chosen, of: faces, decoding)))
        }
        let span = faces.ages.min().map { " of \($0) to \(faces.ages.max() ?? $0) years" } ?? ""
        self.init(title: title, subtitle: "\(Self.grouped(faces.count)) faces\(span)", rows: rows, cell: cell)
    }
}
