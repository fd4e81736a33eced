extension TransferComparisonReport {
    /// The report as text for GitHub, with links to its drawings.
    ///
    /// - Parameter folder: where the files of ``drawings()`` lie, seen from the text; empty for beside it.
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    public func markdown(drawingsIn folder: String = "") throws(ReportError) -> String {
        if !problems.isEmpty { throw ReportError(problems) }
        let prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
        var blocks = header.markdown
        if !sections.isEmpty {
            blocks += [
                "## Joint against weights only", TransferSummary(sections: sections).markdown,
                MarkdownText.escaped(TransferSummary.explanation),
            ]
            if !explanations.isEmpty { blocks += ["Rows:", explanations.joined(separator: "\n")] }
        }
        for (section, file) in zip(sections, files()) {
            let table = AdaptationTable(metrics: section.metrics, rows: section.rows, hasSizes: false)
            blocks.append("## \(MarkdownText.escaped(section.title))")
            if !section.note.isEmpty { blocks.append(MarkdownText.escaped(section.note)) }
            if !section.rows.isEmpty { blocks += [table.markdown, MarkdownText.escaped(table.explanation)] }
            if let file { blocks.append("![\(MarkdownText.escaped(file.svg.label))](\(prefix)\(file.name))") }
        }
        if !command.isEmpty { blocks.append("Made by\n\n\(MarkdownText.block(command))") }
        return blocks.joined(separator: "\n\n") + "\n"
    }

    /// The drawings of ``markdown(drawingsIn:)`` as files of their own, legible on any background.
    ///
    /// - Returns: Name, such as `person-re-identification-supervised.svg`, and content of each.
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    public func drawings() throws(ReportError) -> [(name: String, svg: String)] {
        if !problems.isEmpty { throw ReportError(problems) }
        return files().compactMap(\.self).map { ($0.name, $0.svg.document(margin: 16)) }
    }

    /// For each section its drawing with the name of its file; nil where there is nothing to draw.
    private func files() -> [(name: String, svg: SVG)?] {
        zip(sections, FileStem.distinct(sections.map(\.plainTitle), otherwise: "task")).map { section, stem in
            Self.drawing(section).map { ("\(stem).svg", $0) }
        }
    }

    /// How each row learned, once for all tasks.
    private var explanations: [String] {
        var taken: Set<String> = []
        return sections.flatMap(\.rows).compactMap { row in
            guard !row.explanation.isEmpty, taken.insert("\(row.name): \(row.explanation)").inserted else { return nil }
            return "- \(MarkdownText.escaped(row.name)): \(MarkdownText.escaped(row.explanation))"
        }
    }
}
