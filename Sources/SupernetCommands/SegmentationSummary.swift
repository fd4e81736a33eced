import Datasets

extension DataSummary {
    /// The rows of a data set for semantic segmentation: its parts, what was left out and why, and the share of the pixels
    /// that each class has.
    static func rows(_ data: SegmentationParts) -> [(String, String)] {
        let parts = data.named
        let counts = parts.map { PixelCounts(of: $0.part) }
        var rows = [
            ("layout", "\(data.layout.rawValue), for semantic segmentation"),
            ("classes", "\(data.classes.names.count)"),
        ]
        for part in parts { rows.append((part.name, counted(part.part.count, "image"))) }
        if let unpaired = data.leftOut.words { rows.append(("left out", unpaired)) }
        let all = counts.dropFirst().reduce(counts[0], +)
        let most = 5
        for problem in all.problems.prefix(most) { rows.append(("unusable", problem)) }
        if all.problems.count > most { rows.append(("unusable", "and \(all.problems.count - most) more")) }
        if let absent = absent(data, counts[0]) { rows.append(("never in train", absent)) }
        let isAll = all.lookedAt == parts.reduce(0) { $0 + $1.part.count }
        let masks = counted(all.lookedAt, "mask") + (isAll ? "" : " that were looked at")
        rows.append(("pixels", "\(Console.grouped(all.total)) in \(masks), of which are"))
        rows += shares(data.classes.names, all)
        return rows
    }

    /// Classes without a pixel in training.
    private static func absent(_ data: SegmentationParts, _ train: PixelCounts) -> String? {
        guard train.total > 0 else { return nil }
        let names = data.classes.names.indices.filter { train.classes[$0] == 0 }.map { data.classes.names[$0] }
        guard !names.isEmpty else { return nil }
        return names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more classes" : "")
    }

    /// The share of the pixels that each class has, and of how many images; the largest shares where there are many classes.
    private static func shares(_ names: [String], _ counts: PixelCounts) -> [(String, String)] {
        guard counts.total > 0 else { return [] }
        let most = 30
        let present = names.indices.filter { counts.classes[$0] > 0 }
        let largest = present.sorted { (counts.classes[$1], $0) < (counts.classes[$0], $1) }.prefix(most)
        var rows = (names.count > most ? Array(largest) : present).map { label in
            let images = counted(counts.images[label], "image")
            return ("  " + names[label], "\(share(counts.classes[label], of: counts.total)), in \(images)")
        }
        let others = present.filter { !largest.contains($0) }
        if names.count > most, !others.isEmpty {
            let pixels = others.reduce(0) { $0 + counts.classes[$1] }
            rows.append(("  \(others.count) others", share(pixels, of: counts.total)))
        }
        if counts.ignored > 0 { rows.append(("  not labelled", share(counts.ignored, of: counts.total))) }
        return rows
    }

    private static func share(_ part: Int, of whole: Int) -> String {
        let percent = 100 * Double(part) / Double(whole)
        return percent < 0.05 ? "below 0.1 %" : "\((10 * percent).rounded() / 10) %"
    }
}
