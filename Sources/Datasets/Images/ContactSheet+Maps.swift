import Support

extension ContactSheet {
    /// A sheet of images drawn at random, each beside itself with the classes of its pixels laid over it in their colours,
    /// which a legend names. Images are chosen so that each class is on the sheet where there is room.
    ///
    /// - Parameters:
    ///   - dataset: where the images and their label maps come from.
    ///   - title: above the rows.
    ///   - pairsPerRow: images a row, each of which takes two cells.
    ///   - rows: the most rows.
    ///   - mostClasses: the most classes in the legend, those of the most pixels on the sheet; the subtitle tells how many
    ///     there are.
    ///   - seed: of the choice of images.
    ///   - cell: the side of the square that each image is fitted into, in pixels; at least 8.
    ///
    /// Images that cannot be read, or whose map does not fit, are left out, and taken down in `UnreadableImages.shared`.
    public init(
        ofMaps dataset: SegmentationDataset, title: String = "", pairsPerRow: Int = 3, rows: Int = 6,
        mostClasses: Int = 40, seed: UInt64 = 0, cell: Int = 168
    ) {
        var generator = SeededGenerator(seed: seed)
        // Maps are looked at before images are decoded.
        let wanted = max(1, pairsPerRow) * max(1, rows)
        let candidates = generator.permutation(dataset.count).prefix(4 * wanted)
        let chosen = Self.varied(candidates.map { ($0, Self.classes(of: dataset, at: $0)) }, wanted).sorted()
        var shown = [Int](repeating: 0, count: dataset.classNames.count)
        var pairs: [[Image]] = []
        for index in chosen {
            do {
                let image = try dataset.image(at: index, decoding: ImageDecoding(channels: .rgb))
                guard case .map(let map) = try dataset.annotation(at: index) else { continue }
                let fitted = image.fitted(to: cell)
                let scaled = try map.fitted(height: fitted.height, width: fitted.width, of: image)
                for label in scaled.classes where label != LabelMap.ignored { shown[Int(label)] += 1 }
                pairs.append([fitted, fitted.overlaid(with: scaled, dataset.classes.colours)])
            } catch {
                UnreadableImages.shared.note(.init(error, in: dataset, at: index))
            }
        }
        let perRow = max(1, pairsPerRow)
        let made = stride(from: 0, to: pairs.count, by: perRow).map { first in
            let some = pairs[first..<min(pairs.count, first + perRow)]
            return Row(name: "", images: some.flatMap { $0 }, groupStarts: Set(some.indices.map { 2 * ($0 - first) }))
        }
        let listed = shown.indices.filter { shown[$0] > 0 }.sorted { (shown[$1], $0) < (shown[$0], $1) }
            .prefix(max(0, mostClasses)).sorted()
        let all = dataset.classNames.count
        let classes = listed.count < all ? "\(listed.count) of \(all) classes" : "\(all) classes"
        self.init(
            title: title,
            subtitle: "\(Self.grouped(dataset.count)) images, \(classes) below; what is not labelled is grey",
            rows: made, cell: cell)
        trimsCells = true
        legend = listed.map { LegendEntry(name: dataset.classNames[$0], colour: dataset.classes.colours[$0]) }
    }

    /// The classes that occur in a map; none where it cannot be read.
    private static func classes(of dataset: SegmentationDataset, at index: Int) -> Set<UInt8> {
        guard let annotation = try? dataset.annotation(at: index), case .map(let map) = annotation else { return [] }
        return Set(map.classes).subtracting([LabelMap.ignored])
    }

    /// Of the candidates, in turn that which shows most classes that none before it does, the first of equals.
    static func varied<Class: Hashable>(_ candidates: [(index: Int, classes: Set<Class>)], _ count: Int) -> [Int] {
        var (left, seen, chosen) = (candidates, Set<Class>(), [Int]())
        while chosen.count < count, !left.isEmpty {
            let news = left.map { $0.classes.subtracting(seen).count }
            let best = news.indices.max { (news[$0], $1) < (news[$1], $0) } ?? 0
            seen.formUnion(left[best].classes)
            chosen.append(left.remove(at: best).index)
        }
        return chosen
    }
}
