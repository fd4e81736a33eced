import Support

extension ContactSheet {
    /// A sheet of images drawn at random with their objects: boxes in the colours of the classes, which a legend names, masks
    /// laid over, crowds with a broken line. Images are chosen so that each class is on the sheet where there is room.
    ///
    /// - Parameters:
    ///   - dataset: where the images and their objects come from.
    ///   - title: above the rows.
    ///   - perRow: images a row.
    ///   - rows: the most rows.
    ///   - mostClasses: the most classes in the legend, those of the most objects on the sheet; the subtitle tells how many
    ///     there are.
    ///   - seed: of the choice of images.
    ///   - cell: the side of the square that each image is fitted into, in pixels; at least 8.
    ///
    /// Images that cannot be read are left out, and taken down in `UnreadableImages.shared`.
    public init(
        ofObjects dataset: DetectionDataset, title: String = "", perRow: Int = 5, rows: Int = 6, mostClasses: Int = 40,
        seed: UInt64 = 0, cell: Int = 224
    ) {
        var generator = SeededGenerator(seed: seed)
        let wanted = max(1, perRow) * max(1, rows)
        let candidates = generator.permutation(dataset.count).prefix(8 * wanted)
        let chosen = Self.varied(candidates.map { ($0, Set(dataset.images[$0].objects.map(\.label))) }, wanted).sorted()
        let colours = PixelClasses(dataset.classNames).colours
        var shown = [Int](repeating: 0, count: dataset.classNames.count)
        var images: [Image] = []
        for index in chosen {
            do {
                let image = try dataset.image(at: index, decoding: ImageDecoding(channels: .rgb))
                let objects = dataset.images[index].objects
                for object in objects { shown[object.label] += 1 }
                images.append(image.fitted(to: cell).showing(objects, of: image, colours))
            } catch {
                UnreadableImages.shared.note(.init(error, in: dataset, at: index))
            }
        }
        let made = stride(from: 0, to: images.count, by: max(1, perRow)).map { first in
            Row(name: "", images: Array(images[first..<min(images.count, first + max(1, perRow))]))
        }
        let listed = shown.indices.filter { shown[$0] > 0 }.sorted { (shown[$1], $0) < (shown[$0], $1) }
            .prefix(max(0, mostClasses)).sorted()
        let all = dataset.classNames.count
        let classes =
            listed.count < all ? "\(listed.count) of \(all) classes" : all == 1 ? "1 class" : "\(all) classes"
        self.init(
            title: title, subtitle: "\(Self.grouped(dataset.count)) images, \(classes) below", rows: made, cell: cell)
        trimsCells = true
        legend = listed.map { LegendEntry(name: dataset.classNames[$0], colour: colours[$0]) }
    }
}

extension Image {
    /// The image under masks and boxes. It has three channels.
    ///
    /// - Parameters:
    ///   - objects: the objects, in pixels of `original`.
    ///   - original: the image at full size.
    ///   - colours: the colour of each class.
    public func showing(_ objects: [DetectionObject], of original: Image, _ colours: [PixelColour]) -> Image {
        guard channels == 3 else { return self }
        var result = pixels
        let (down, across) = (Double(height) / Double(original.height), Double(width) / Double(original.width))
        func paint(_ x: Int, _ y: Int, _ colour: PixelColour, _ share: Int) {
            guard (0..<width).contains(x), (0..<height).contains(y) else { return }
            let place = 3 * (y * width + x)
            for (channel, value) in [colour.red, colour.green, colour.blue].enumerated() {
                result[place + channel] = UInt8(
                    (Int(result[place + channel]) * (10 - share) + Int(value) * share) / 10)
            }
        }
        // Large ones first, so that none hides what is in it.
        for object in objects.sorted(by: { $0.area > $1.area }) {
            guard colours.indices.contains(object.label) else { continue }
            let colour = colours[object.label]
            if let mask = object.mask {
                let runs = mask.runLengths(height: original.height, width: original.width)
                let covered = runs.pixels
                for y in 0..<height {
                    for x in 0..<width {
                        let (row, column) = (Int((Double(y) + 0.5) / down), Int((Double(x) + 0.5) / across))
                        guard row < runs.height, column < runs.width, covered[row * runs.width + column] > 0 else {
                            continue
                        }
                        paint(x, y, colour, 4)
                    }
                }
            }
            func bound(_ value: Double, _ side: Int) -> Int { Int(min(max(value, 0), Double(side - 1))) }
            let (left, right) = (
                bound(object.place[0] * across, width), bound((object.place[0] + object.place[2]) * across, width)
            )
            let (top, bottom) = (
                bound(object.place[1] * down, height), bound((object.place[1] + object.place[3]) * down, height)
            )
            for inset in 0..<2 {
                for x in left...max(left, right) where !object.isCrowd || x / 4 % 2 == 0 {
                    paint(x, top + inset, colour, 9)
                    paint(x, bottom - inset, colour, 9)
                }
                for y in top...max(top, bottom) where !object.isCrowd || y / 4 % 2 == 0 {
                    paint(left + inset, y, colour, 9)
                    paint(right - inset, y, colour, 9)
                }
            }
        }
        return Image(width: width, height: height, channels: 3, pixels: result)
    }
}
