import Support

/// The classes that pixels of a data set may have, each with the colour in which it is drawn.
public struct PixelClasses: Sendable, Hashable {
    /// The names, in the order of the labels; at most 255, no two alike.
    public let names: [String]
    /// A colour for each class, no two alike.
    public let colours: [PixelColour]

    /// Classes in colours that are easily told apart, a first class `background` in a dark grey.
    public init(_ names: [String]) {
        var colours = Self.distinctColours(names.count)
        if names.first?.lowercased() == "background" {
            colours = [PixelColour(52, 56, 64)] + colours.dropLast()
        }
        self.init(names, colours: colours)
    }

    /// The classes of these names in the colours of the data set that has them, or else in colours that are easily told
    /// apart.
    public init(asKnown names: [String]) {
        self = [.cityscapes, .pascalVOC].first { $0.names == names } ?? PixelClasses(names)
    }

    /// Classes in colours of their own.
    ///
    /// - Precondition: there are as many colours as names.
    public init(_ names: [String], colours: [PixelColour]) {
        precondition(names.count == colours.count, "\(names.count) classes in \(colours.count) colours")
        (self.names, self.colours) = (names, colours)
    }

    /// Colours that are far apart: each hue lies a golden angle from the one before, in three strengths in turn. The same
    /// for the first classes however many there are.
    public static func distinctColours(_ count: Int) -> [PixelColour] {
        var taken: Set<PixelColour> = []
        return (0..<max(0, count)).map { place in
            let strengths: [(saturation: Double, value: Double)] = [(0.75, 0.95), (0.95, 0.7), (0.5, 0.85)]
            var turn = Double(place) * 0.618_033_988_75 + 0.02
            while true {
                let colour = Self.colour(
                    hue: turn - turn.rounded(.down), saturation: strengths[place % 3].saturation,
                    value: strengths[place % 3].value)
                if taken.insert(colour).inserted { return colour }
                turn += 0.003
            }
        }
    }

    private static func colour(hue: Double, saturation: Double, value: Double) -> PixelColour {
        func channel(_ shift: Double) -> UInt8 {
            let k = (shift + hue * 6).truncatingRemainder(dividingBy: 6)
            return UInt8((255 * (value - value * saturation * max(0, min(k, 4 - k, 1)))).rounded())
        }
        return PixelColour(channel(5), channel(3), channel(1))
    }
}

// MARK: - Files

/// A file of class names, one a line: `cat`, or `cat #a03010` where masks tell classes by colours. The class of a line is what
/// masks hold its number for, counted from 0. A line `ignore` is no class: pixels of its number, or of its colour, are
/// ignored, and the classes behind it move up.
struct PixelClassFile {
    /// The classes, in the order of the lines.
    let classes: PixelClasses
    /// Whether the file tells the colours.
    let hasColours: Bool
    /// For each line the class, or nil for what is ignored.
    let lines: [Int?]
    /// The colour of what is ignored, where the file tells one.
    let ignoredColour: PixelColour?

    /// The name of the file.
    static let name = "classes.txt"
    /// The name of what is no class.
    static let ignored = "ignore"
    /// One value of 8 bits is left for what is ignored.
    static let mostClasses = Int(LabelMap.ignored)

    /// Reads a file.
    ///
    /// - Throws: `DatasetError` that lists each line which is wrong: a name or a colour that stands twice, a colour that is
    ///   none, classes of which some alone have colours, more than 255 classes, or none.
    init(at path: String) throws(DatasetError) {
        let text = try DatasetText.read(path, limit: 1 << 20)
        var problems: [DatasetError.Problem] = []
        var names: [String] = []
        var colours: [PixelColour] = []
        var lines: [Int?] = []
        var ignoredColour: PixelColour?
        var known: Set<String> = []
        var seen: Set<PixelColour> = []
        for record in ListText(text, format: .lines).records {
            var name = record.fields[0]
            var colour: PixelColour?
            if let hash = name.lastIndex(of: "#"), hash > name.startIndex, name[name.index(before: hash)].isWhitespace {
                colour = PixelColour(hex: name[hash...])
                if colour == nil {
                    problems.append(.init(line: record.line, "\(name[hash...]) is no colour, such as #a03010"))
                    continue
                }
                name = String(name[..<hash])
                while name.last?.isWhitespace == true { name.removeLast() }
            }
            if !known.insert(name.lowercased()).inserted {
                problems.append(.init(line: record.line, "the class \(name) stands twice"))
            }
            if let colour, !seen.insert(colour).inserted {
                problems.append(.init(line: record.line, "the colour \(colour.hex) stands twice"))
            }
            if name.lowercased() == Self.ignored {
                lines.append(nil)
                ignoredColour = colour
            } else {
                lines.append(names.count)
                names.append(name)
                if let colour { colours.append(colour) }
            }
        }
        if names.isEmpty, problems.isEmpty { problems.append(.init("names no class")) }
        if lines.count > Self.mostClasses {
            problems.append(.init("has \(lines.count) lines; masks of 8 bits tell at most \(Self.mostClasses) classes"))
        }
        if problems.isEmpty, !colours.isEmpty, colours.count < names.count {
            problems.append(.init("\(colours.count) of \(names.count) classes have colours; all need one, or none"))
        }
        guard problems.isEmpty else {
            throw DatasetError(
                .malformed, file: path, problems: problems,
                advice: "Name one class a line, in the order of the masks' numbers: `cat`, or `cat #a03010`.")
        }
        hasColours = !colours.isEmpty
        classes = hasColours ? PixelClasses(names, colours: colours) : PixelClasses(names)
        (self.lines, self.ignoredColour) = (lines, ignoredColour)
    }
}

// MARK: - Known data sets

extension PixelClasses {
    /// The 20 classes of Pascal VOC and its background, in its order and colours (Everingham et al., "The Pascal visual
    /// object classes challenge", 2010).
    public static let pascalVOC: PixelClasses = {
        let names = [
            "background", "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow",
            "diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
        ]
        return PixelClasses(names, colours: (0..<names.count).map(vocColour))
    }()

    /// The colour that the palettes of Pascal VOC have for an index: its bits, the lowest first, are dealt out to the highest
    /// bits of red, green and blue.
    static func vocColour(_ index: Int) -> PixelColour {
        var (left, channels) = (index, [0, 0, 0])
        for bit in (0..<8).reversed() {
            for channel in 0..<3 { channels[channel] |= (left >> channel & 1) << bit }
            left >>= 3
        }
        return PixelColour(UInt8(channels[0]), UInt8(channels[1]), UInt8(channels[2]))
    }

    /// The 19 classes that Cityscapes scores, in the order of their training numbers and its colours (Cordts et al., "The
    /// Cityscapes dataset for semantic urban scene understanding", CVPR 2016).
    public static let cityscapes = PixelClasses(
        cityscapesLabels.map(\.name), colours: cityscapesLabels.map { PixelColour($0.red, $0.green, $0.blue) })

    /// The numbers that the files `labelIds` of Cityscapes have for `cityscapes`, in the same order.
    public static let cityscapesIDs = cityscapesLabels.map(\.id)

    private static let cityscapesLabels: [(id: Int, name: String, red: UInt8, green: UInt8, blue: UInt8)] = [
        (7, "road", 128, 64, 128), (8, "sidewalk", 244, 35, 232), (11, "building", 70, 70, 70),
        (12, "wall", 102, 102, 156), (13, "fence", 190, 153, 153), (17, "pole", 153, 153, 153),
        (19, "traffic light", 250, 170, 30), (20, "traffic sign", 220, 220, 0), (21, "vegetation", 107, 142, 35),
        (22, "terrain", 152, 251, 152), (23, "sky", 70, 130, 180), (24, "person", 220, 20, 60),
        (25, "rider", 255, 0, 0), (26, "car", 0, 0, 142), (27, "truck", 0, 0, 70), (28, "bus", 0, 60, 100),
        (31, "train", 0, 80, 100), (32, "motorcycle", 0, 0, 230), (33, "bicycle", 119, 11, 32),
    ]
}
