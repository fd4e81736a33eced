/// Two confusion matrices over the same classes, side by side.
struct ConfusionPair {
    let sides: [(name: String, matrix: ConfusionMatrix)]
    let classNames: [String]

    /// Nil without classes.
    var markup: Markup? {
        guard !classNames.isEmpty else { return nil }
        return Page.section(
            "Confusions", lead: "Rows: truth. Columns: prediction.",
            [Markup("div", ["class": "beside loose"], sides.map(side))])
    }

    /// What does not fit together.
    var problems: [String] {
        sides.compactMap { name, matrix in
            matrix.classCount == classNames.count
                ? nil
                : "the confusion matrix of \(name) has \(matrix.classCount) rows, but there are \(classNames.count) "
                    + "class names"
        }
    }

    private func side(_ name: String, _ matrix: ConfusionMatrix) -> Markup {
        let section = ConfusionSection(matrix, classNames: classNames)
        let head = [Markup("h3", text: name), Markup("p", ["class": "explained"], text: section.lead)]
        guard matrix.classCount <= ConfusionSection.mostSquares else {
            let table = section.confusionTable(atMost: 20)
            return Self.side(head + [table.map(Page.scrolling(table:))].compactMap(\.self), width: Self.mostWidth)
        }
        var map = section.map.svg()
        let width = map.width * Self.leastScale
        // Large maps stand below each other, and at their size.
        guard width <= Self.mostWidth else { return Self.side(head + [section.mapAndList], width: width) }
        map.label = "\(name): \(map.label)"
        // Squares show the mistakes of few classes by themselves.
        let table = matrix.classCount > Self.fewClasses ? section.confusionTable(atMost: 5) : nil
        let parts = [Page.row([map])] + [table.map(Page.scrolling(table:))].compactMap(\.self)
        return Self.side(head + parts, width: width)
    }

    /// - Parameter width: at least, on a large screen.
    private static func side(_ content: [Markup], width: Double) -> Markup {
        Markup("div", ["class": "side", "style": "flex-basis:\(NumberText.coordinate(width))px"], content)
    }

    private static let fewClasses = 4
    /// How far the style sheet lets a drawing shrink.
    private static let leastScale = 0.8
    /// Of one side, so that two stand beside each other.
    private static let mostWidth = 520.0
}
