extension RankingComparisonReport {
    /// The page: what was found, then a section for each space.
    ///
    /// - Throws: ``ReportError`` with everything in the data that cannot be shown.
    public func page() throws(ReportError) -> Page {
        if !problems.isEmpty { throw ReportError(problems) }
        let sections = spaces.map { space in
            let plots = RankingComparisonPlots(space: space, colours: colours)
            let drawings = [[plots.methods], plots.shifts].filter { !$0.isEmpty }
            return Page.section(
                space.name, lead: space.detail,
                [RankingComparisonTable(space: space).markup] + drawings.map { Page.row($0.map(\.svg)) })
        }
        let footer = ReportFooter(command: command, configuration: configuration).markup
        return Page(title: title, content: [header.markup] + sections + [footer].compactMap(\.self))
    }

    /// The top of page and text.
    var header: ReportHeader {
        ReportHeader(title: title, subtitle: "", score: nil, facts: facts, statement: verdict, warnings: warnings)
    }

    /// The position of each method's colour: that of its first place in the report.
    var colours: [String: Int] {
        spaces.flatMap(\.methods).reduce(into: [:]) { colours, method in
            if colours[method.name] == nil { colours[method.name] = colours.count }
        }
    }

    /// What cannot be shown.
    var problems: [String] {
        spaces.flatMap { space in
            let runs =
                space.methods.flatMap { method in method.runs.map { ("\(method.name), \($0.name)", $0) } }
                + (space.trivial + [space.ceiling].compactMap(\.self)).map { ($0.name, $0) }
            return runs.flatMap { name, run in run.problems("\(space.name), \(name)") }
        }
    }
}

extension RankingComparisonReport.Run {
    fileprivate func problems(_ name: String) -> [String] {
        let correlations = [("Kendall's τ", tau), ("Spearman's ρ", spearman), ("τ, best quarter", tauTopQuarter)]
        var problems = correlations.compactMap { figure, value in
            value.flatMap { (-1...1).contains($0) ? nil : "\(name): \(figure) is \($0), beyond −1 to 1" }
        }
        if let regret, !(-1...1).contains(regret) {
            problems.append("\(name): the regret is \(regret), not a share of one")
        }
        for (figure, value) in [("feature shift", featureShift), ("parameter shift", parameterShift)] {
            if let value, !value.isFinite { problems.append("\(name): the \(figure) is \(value)") }
        }
        if let seconds, !(0...SearchReport.mostSeconds).contains(seconds) {
            problems.append("\(name): it was trained for \(seconds) seconds")
        }
        return problems
    }
}
