/// What the values of a data set's masks mean.
struct MaskCoding: Sendable {
    /// What a value stands for: a class, what is ignored, or nothing that is known.
    enum Meaning: Sendable, Hashable {
        case pixelClass(UInt8)
        case ignored
        case unknown
    }

    /// What each value of 8 bits stands for.
    private let values: [Meaning]
    /// What each colour stands for; empty where masks tell no colours.
    private let colours: [PixelColour: Meaning]
    private let classNames: [String]

    private init(_ classNames: [String], colours: [PixelColour: Meaning] = [:], _ value: (Int) -> Meaning) {
        self.classNames = classNames
        self.colours = colours
        values = (0..<256).map(value)
    }

    /// ADE20K's: 0 is ignored, and a class is one less than its value.
    static func countingFromOne(_ classes: PixelClasses) -> MaskCoding {
        MaskCoding(classes.names) { value in
            value == 0 ? .ignored : value <= classes.names.count ? .pixelClass(UInt8(value - 1)) : .unknown
        }
    }

    /// Pascal VOC's: a value is its class, and 255 is ignored.
    static func countingFromZero(_ classes: PixelClasses) -> MaskCoding {
        MaskCoding(classes.names) { value in
            value < classes.names.count
                ? .pixelClass(UInt8(value)) : value == Int(LabelMap.ignored) ? .ignored : .unknown
        }
    }

    /// Cityscapes': each class has a number, and all other numbers are ignored.
    static func numbered(_ classes: PixelClasses, _ numbers: [Int]) -> MaskCoding {
        MaskCoding(classes.names) { value in
            numbers.firstIndex(of: value).map { .pixelClass(UInt8($0)) } ?? .ignored
        }
    }

    /// That of a file of class names: values are its lines, colours those that it tells, and 255 is ignored.
    static func listed(_ file: PixelClassFile) -> MaskCoding {
        var colours: [PixelColour: Meaning] = [:]
        if file.hasColours {
            for (label, colour) in file.classes.colours.enumerated() { colours[colour] = .pixelClass(UInt8(label)) }
            if let ignored = file.ignoredColour { colours[ignored] = .ignored }
        }
        return MaskCoding(file.classes.names, colours: colours) { value in
            if value == Int(LabelMap.ignored) { return .ignored }
            guard value < file.lines.count else { return .unknown }
            return file.lines[value].map { .pixelClass(UInt8($0)) } ?? .ignored
        }
    }

    /// The classes of a mask's pixels.
    ///
    /// A file with a palette is read by its indices; where the data set tells colours, and every colour that the mask uses
    /// is one of them, by these.
    ///
    /// - Throws: `DatasetError` of kind `.malformed` that names the file, the first pixel that has no class, and what it
    ///   holds.
    func map(of mask: StoredPNG, file: String) throws(DatasetError) -> LabelMap {
        let classes =
            switch (mask.channels, mask.palette) {
            case (1, let palette?): try indexed(mask, palette, file)
            case (1, nil): try looked(up: mask, in: values, file)
            default: try coloured(mask, file)
            }
        return LabelMap(height: mask.height, width: mask.width, classes: classes)
    }

    private func indexed(_ mask: StoredPNG, _ palette: [PixelColour], _ file: String) throws(DatasetError) -> [UInt8] {
        guard !colours.isEmpty else { return try looked(up: mask, in: values, file) }
        var isUsed = [Bool](repeating: false, count: 256)
        for value in mask.values { isUsed[Int(value)] = true }
        let used = palette.indices.filter { isUsed[$0] }
        guard used.allSatisfy({ colours[palette[$0]] != nil }) else { return try looked(up: mask, in: values, file) }
        let meanings = (0..<256).map { palette.indices.contains($0) ? colours[palette[$0]] ?? .unknown : .unknown }
        return try looked(up: mask, in: meanings, file)
    }

    private func looked(up mask: StoredPNG, in meanings: [Meaning], _ file: String) throws(DatasetError) -> [UInt8] {
        // 256 is no class, and can be no value.
        let table = meanings.map { meaning -> UInt16 in
            switch meaning {
            case .pixelClass(let label): UInt16(label)
            case .ignored: UInt16(LabelMap.ignored)
            case .unknown: 256
            }
        }
        var wrong: Int?
        let classes = [UInt8](unsafeUninitializedCapacity: mask.values.count) { out, count in
            count = mask.values.count
            for (place, value) in mask.values.enumerated() {
                let label = table[Int(value)]
                if label == 256, wrong == nil { wrong = place }
                out[place] = UInt8(truncatingIfNeeded: label)
            }
        }
        if let wrong { throw refusal("the value \(mask.values[wrong])", at: wrong, mask, file) }
        return classes
    }

    private func coloured(_ mask: StoredPNG, _ file: String) throws(DatasetError) -> [UInt8] {
        guard !colours.isEmpty else {
            throw DatasetError(
                .malformed, file: file, "is a mask in colours, and the data set tells no colours of classes",
                advice: "Give masks whose values are the classes, or a colour behind each name in "
                    + "\(PixelClassFile.name): `cat #a03010`.")
        }
        var classes: [UInt8] = []
        classes.reserveCapacity(mask.width * mask.height)
        // Neighbours are mostly alike.
        var last: (colour: PixelColour, label: UInt8)?
        for place in 0..<mask.width * mask.height {
            let colour = PixelColour(mask.values[3 * place], mask.values[3 * place + 1], mask.values[3 * place + 2])
            if let last, last.colour == colour {
                classes.append(last.label)
                continue
            }
            switch colours[colour] {
            case .pixelClass(let label): classes.append(label)
            case .ignored: classes.append(LabelMap.ignored)
            default: throw refusal("the colour \(colour.hex)", at: place, mask, file)
            }
            last = (colour, classes[place])
        }
        return classes
    }

    private func refusal(_ what: String, at place: Int, _ mask: StoredPNG, _ file: String) -> DatasetError {
        let (row, column) = place.quotientAndRemainder(dividingBy: mask.width)
        return DatasetError(
            .malformed, file: file,
            "the pixel in row \(row), column \(column) has \(what), which is none of the \(classNames.count) classes",
            advice: "Correct the mask or the classes, which are \(FolderLook.listed(classNames, 12)).")
    }
}
