extension RankingComparisonReport {
    /// The report as text for GitHub, with links to its drawings.
    ///
    /// - Parameter folder: where the files of ``drawings()`` lie, seen from the text; empty for beside it.
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    public func markdown(drawingsIn folder: String = "") throws(ReportError) -> String {
        if !problems.isEmpty { throw ReportError(problems) }
        let prefix = folder.isEmpty || folder.hasSuffix("/") ? folder : folder + "/"
        var blocks = header.markdown
        for (space, files) in zip(spaces, files()) {
            blocks.append("## \(MarkdownText.escaped(space.name))")
            if !space.detail.isEmpty { blocks.append(MarkdownText.escaped(space.detail)) }
            let rows = RankingComparisonTable(space: space).rows.map { row in
                row.cells.enumerated().map { index, cell in
                    let text = MarkdownText.escaped(cell)
                    return row.isContext && index == 0 && !text.isEmpty ? "*\(text)*" : text
                }
            }
            blocks.append(MarkdownText.table(RankingComparisonTable.heads, rows))
            blocks.append(RankingComparisonTable.explanation)
            blocks += files.map { "![\(MarkdownText.escaped($0.svg.label))](\(prefix)\($0.name))" }
        }
        if !command.isEmpty { blocks.append("Made by\n\n\(MarkdownText.block(command))") }
        return blocks.joined(separator: "\n\n") + "\n"
    }

    /// The drawings of ``markdown(drawingsIn:)`` as files of their own, legible on any background.
    ///
    /// - Returns: Name, such as `cells-tiny-tau.svg`, and content of each.
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    public func drawings() throws(ReportError) -> [(name: String, svg: String)] {
        if !problems.isEmpty { throw ReportError(problems) }
        return files().joined().map { ($0.name, $0.svg.document(margin: 16)) }
    }

    /// For each space, its drawings with the names of their files, no two of which are the same.
    private func files() -> [[RankingComparisonPlots.Drawing]] {
        zip(spaces, FileStem.distinct(spaces.map(\.name), otherwise: "space")).map { space, stem in
            let plots = RankingComparisonPlots(space: space, colours: colours)
            return ([plots.methods] + plots.shifts).map { .init(name: "\(stem)-\($0.name).svg", svg: $0.svg) }
        }
    }
}
