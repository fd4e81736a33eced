/// How a report came to be: the end of any report.
struct ReportFooter {
    /// The command line; empty if it is not known.
    let command: String
    /// The resolved configuration; empty if it is not known.
    let configuration: String

    /// Nil if neither is known.
    var markup: Markup? {
        var content: [Markup] = []
        if !command.isEmpty {
            content.append(Markup("h3", text: "Made by"))
            content.append(Markup("pre", ["class": "command"], [Markup("code", text: command)]))
        }
        if !configuration.isEmpty {
            let text = Markup("pre", [:], [Markup("code", text: configuration)])
            content.append(Markup("details", [:], [Markup("summary", text: "Resolved configuration"), text]))
        }
        return content.isEmpty ? nil : Markup("footer", [:], content)
    }
}
