import Support

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
