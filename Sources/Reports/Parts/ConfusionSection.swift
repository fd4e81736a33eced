import Metrics

/// A confusion matrix as a part of a page: as squares where these can be read, as lists where there are too many.
struct ConfusionSection {
    let matrix: ConfusionMatrix
    /// One name for each class; the report has checked that.
    let classNames: [String]

    /// The most classes to be shown as squares.
    static let mostSquares = 40

    var markup: Markup { titled("Confusions", lead: lead) }

    /// The section under another heading.
    func titled(_ heading: String, lead: String) -> Markup {
        let isMap = matrix.classCount <= Self.mostSquares
        return Page.section(heading, lead: lead, isMap ? [mapAndList] : lists)
    }

    /// The number of samples and classes, and of those that are wrong, in words.
    var lead: String {
        let wrong = matrix.total - matrix.correct
        guard matrix.total > 0 else { return "Nothing was classified." }
        let classes = matrix.classCount == 1 ? "1 class" : "\(NumberText.grouped(matrix.classCount)) classes"
        return "\(NumberText.grouped(matrix.total)) samples of \(classes), "
            + (wrong == 0 ? "all of them right." : "\(NumberText.grouped(wrong)) of them wrong.")
    }

    // MARK: - As squares

    /// The map, and the most frequent mistakes beside it.
    var mapAndList: Markup {
        let table = confusionTable(atMost: 10)
        let map = Page.scrolling(map.svg())
        return Markup(
            "div", ["class": "beside"], [map] + (table.map { [Markup("div", ["class": "side"], [$0])] } ?? []))
    }

    var map: HeatMap {
        // Mistakes are few beside what is right: their colour is measured by the most frequent of them.
        let worst = matrix.confusions(atMost: .max).map(\.share).max() ?? 1
        let cells = matrix.counts.enumerated().map { truth, row in
            let sum = row.reduce(0, +)
            return row.enumerated().map { prediction, count in
                let share = sum > 0 ? Double(count) / Double(sum) : 0
                let isRight = truth == prediction
                return HeatMap.Cell(
                    text: count > 0 ? NumberText.grouped(count) : "",
                    intensity: count == 0 ? 0 : isRight ? share : 0.1 + 0.65 * (share / worst).squareRoot(),
                    tone: isRight ? .accent : .alert,
                    hint: count == 0
                        ? ""
                        : "\(classNames[truth]) → \(classNames[prediction]): \(NumberText.grouped(count)) of "
                            + NumberText.grouped(sum))
            }
        }
        return HeatMap(
            label: "Confusion matrix of \(matrix.classCount) classes: \(lead)", rowTitle: "truth",
            columnTitle: "prediction", rowNames: classNames, columnNames: classNames, cells: cells,
            rowMargin: .init(name: "recall", values: matrix.recalls.map(Self.percent)),
            columnMargin: .init(name: "precision", values: matrix.precisions.map(Self.percent)))
    }

    // MARK: - As lists

    /// The lists for hundreds of classes: how recall is spread, the classes at its lower end, and the most frequent
    /// mistakes.
    private var lists: [Markup] {
        let known = matrix.recalls.compactMap(\.self).sorted()
        let points = known.enumerated().map { PlotPoint(Double($0 + 1), $1) }
        let chart = LineChart(
            title: "Recall, from the worst class to the best",
            horizontal: Axis("classes", including: 0, isRounded: false),
            vertical: Axis("Recall, from the worst class to the best", format: .percent, limits: 0...1, including: 0),
            series: [Series("best", points)])
        let tables = [confusionTable(atMost: 20), worstTable(atMost: 20)].compactMap(\.self)
        return [
            Page.row([chart.svg()]),
            Markup("div", ["class": "beside"], tables.map { Markup("div", ["class": "side"], [$0]) }),
        ]
    }

    /// The most frequent mistakes; nil if there are none.
    func confusionTable(atMost limit: Int) -> Markup? {
        let confusions = matrix.confusions(atMost: limit)
        guard !confusions.isEmpty else { return nil }
        let rows = confusions.map {
            [
                "\(classNames[$0.actual]) → \(classNames[$0.predicted])", NumberText.grouped($0.count),
                NumberText.percent($0.share),
            ]
        }
        return Page.table(["Most frequent mistakes", "count", "of class"], rows)
    }

    private func worstTable(atMost limit: Int) -> Markup? {
        let precisions = matrix.precisions
        let worst = matrix.recalls.enumerated().compactMap { index, recall in recall.map { (index, $0) } }
            .sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(limit)
        guard !worst.isEmpty else { return nil }
        let rows = worst.map { [classNames[$0.0], Self.percent($0.1), Self.percent(precisions[$0.0])] }
        return Page.table(["Classes of the lowest recall", "recall", "precision"], rows)
    }

    private static func percent(_ share: Double?) -> String {
        share.map { NumberText.percent($0) } ?? "–"
    }
}

/// Two confusion matrices over the same classes, side by side.
struct ConfusionPair {
    let sides: [(name: String, matrix: ConfusionMatrix)]
    let classNames: [String]

    /// The section; nil without classes.
    var markup: Markup? {
        guard !classNames.isEmpty else { return nil }
        return Page.section(
            "Confusions", lead: "Rows: truth. Columns: prediction.",
            [Markup("div", ["class": "beside loose"], sides.map(side))])
    }

    private func side(_ name: String, _ matrix: ConfusionMatrix) -> Markup {
        let section = ConfusionSection(matrix: matrix, classNames: classNames)
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
    /// The least scale to which the style sheet lets a drawing shrink.
    private static let leastScale = 0.8
    /// The most pixels of one side, so that two stand beside each other.
    private static let mostWidth = 520.0
}
