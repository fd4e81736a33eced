/// Guesses how wide text will be, as no font is at hand when a drawing is made. Errs on the wide side.
enum TextMeasure {
    /// The width of a text in the unit of `size`, the size of the font.
    static func width(_ text: String, size: Double) -> Double {
        text.unicodeScalars.reduce(0) { $0 + share($1) } * size
    }

    /// The text, or as much of its beginning as fits into `width`, with an ellipsis.
    static func shortened(_ text: String, to width: Double, size: Double) -> String {
        guard self.width(text, size: size) > width else { return text }
        var rest = width - self.width("…", size: size)
        var kept = ""
        for character in text {
            rest -= self.width(String(character), size: size)
            if rest < 0 { break }
            kept.append(character)
        }
        while kept.last?.isWhitespace == true { kept.removeLast() }
        return kept + "…"
    }

    /// The text in lines of at most `width`, broken between words; the last line has an ellipsis if more than `limit`
    /// lines would be needed.
    static func lines(_ text: String, width: Double, size: Double, atMost limit: Int = .max) -> [String] {
        let words = text.split(separator: " ").map(String.init)
        var lines: [String] = []
        for (index, word) in words.enumerated() {
            let longer = (lines.last.map { $0 + " " } ?? "") + word
            if !lines.isEmpty, self.width(longer, size: size) <= width {
                lines[lines.count - 1] = longer
            } else if lines.isEmpty || lines.count < limit {
                lines.append(word)
            } else {
                lines[lines.count - 1] += " " + words[index...].joined(separator: " ")
                break
            }
        }
        return lines.map { shortened($0, to: width, size: size) }
    }

    /// A character's width in ems.
    private static func share(_ scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "i", "j", "l", "I", "'", "|", ".", ",", ":", ";", "!", "\u{202F}": 0.29
        case "f", "t", "r", "(", ")", "[", "]", "/", "-", " ", "\u{A0}": 0.38
        case "m", "w", "M", "W", "%", "@", "…", "→": 0.92
        case "A"..."Z": 0.7
        case _ where scalar.properties.canonicalCombiningClass != .notReordered: 0
        case _ where scalar.value >= 0x1100 && isWide(scalar.value): 1.05
        default: 0.6
        }
    }

    /// East Asian scripts and pictograms.
    private static func isWide(_ value: UInt32) -> Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

/// Moves labels apart that would lie on each other, as little as is needed.
enum LabelLayout {
    /// - Parameters:
    ///   - wanted: where each label's middle would best be.
    ///   - height: the least distance between two.
    ///   - range: where they may be. Labels that do not fit into it leave it evenly at both ends.
    /// - Returns: A place for each, in the same order.
    static func spread(_ wanted: [Double], height: Double, within range: ClosedRange<Double>) -> [Double] {
        // Neighbours that are too near become one block about the mean of their wishes, until no two blocks touch.
        struct Block {
            var members: [Int]
            var centre: Double
        }
        func placed(_ members: [Int]) -> Block {
            let mean = members.reduce(0) { $0 + wanted[$1] } / Double(members.count)
            let half = Double(members.count - 1) * height / 2
            let (low, high) = (range.lowerBound + half, range.upperBound - half)
            let centre = low <= high ? min(max(mean, low), high) : (range.lowerBound + range.upperBound) / 2
            return Block(members: members, centre: centre)
        }
        var blocks: [Block] = []
        for index in wanted.indices.sorted(by: { (wanted[$0], $0) < (wanted[$1], $1) }) {
            var block = placed([index])
            while let before = blocks.last,
                block.centre - before.centre < Double(block.members.count + before.members.count) * height / 2
            {
                blocks.removeLast()
                block = placed(before.members + block.members)
            }
            blocks.append(block)
        }
        var result = wanted
        for block in blocks {
            let top = block.centre - Double(block.members.count - 1) * height / 2
            for (place, member) in block.members.enumerated() { result[member] = top + Double(place) * height }
        }
        return result
    }
}
