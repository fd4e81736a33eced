import Datasets
import Metrics

extension DataSummary {
    /// What a data set for detection holds, as rows of a table.
    static func rows(_ data: DetectionParts) -> [(String, String)] {
        let tasks = data.train.hasMasks ? "detection and instance segmentation" : "detection"
        var rows = [("layout", "\(data.layout.rawValue), for \(tasks)"), ("classes", "\(data.classNames.count)")]
        for (name, part) in data.named {
            let objects = part.images.flatMap(\.objects)
            let empty = part.images.count { $0.objects.isEmpty }
            let crowds = objects.count { $0.isCrowd }
            rows.append(
                (
                    name,
                    "\(counted(part.count, "image")), \(counted(objects.count, "object"))"
                        + (crowds > 0 ? ", \(counted(crowds, "crowd")) among them" : "")
                        + (empty > 0 ? "; \(counted(empty, "image")) without objects" : "")
                ))
        }
        let objects = data.train.images.flatMap(\.objects)
        // As COCO scores them.
        let sizes = [AveragePrecision.Size.small, .medium, .large].map { size in
            let count = objects.count { size.areas.contains($0.area) }
            return "\(Console.percent(Double(count) / Double(max(objects.count, 1)))) \(size)"
        }
        rows.append(("sizes", sizes.joined(separator: ", ") + " (below 32 x 32 pixels, below 96 x 96, above)"))
        var counts = [Int](repeating: 0, count: data.classNames.count)
        for object in objects { counts[object.label] += 1 }
        let shown = 12
        let order = counts.indices.sorted { (counts[$1], $0) < (counts[$0], $1) }
        rows.append(
            (
                "objects",
                order.prefix(shown).map { "\(Console.grouped(counts[$0])) \(data.classNames[$0])" }
                    .joined(separator: ", ") + (order.count > shown ? " and \(order.count - shown) classes more" : "")
            ))
        let left = [
            data.unusable.words, data.missing.isEmpty ? nil : "\(counted(data.missing.count, "image")) not there",
        ].compactMap(\.self)
        if !left.isEmpty { rows.append(("left out", left.joined(separator: "; "))) }
        return rows
    }
}
