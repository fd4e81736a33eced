import Foundation

extension TrainingReport {
    /// Title, main figure and facts.
    var header: Markup {
        var content = [Markup("h1", text: title)]
        if !subtitle.isEmpty { content.append(Markup("p", ["class": "subtitle"], text: subtitle)) }
        if let score, let figure = Self.figure(score) { content.append(figure) }
        if !facts.isEmpty {
            let entries = facts.map { Markup("div", [:], [Markup("dt", text: $0.name), Markup("dd", text: $0.value)]) }
            content.append(Markup("dl", ["class": "facts"], entries))
        }
        return Markup("header", [:], content)
    }

    /// The command and the configuration; nil if neither is known.
    var footer: Markup? {
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

    /// With as many decimals as the interval allows; nil if nothing was scored.
    private static func figure(_ score: Score) -> Markup? {
        guard let interval = WilsonInterval(successes: score.correct, of: score.count) else { return nil }
        let half = (interval.upper - interval.lower) / 2 * 100
        let decimals = half > 5 ? 0 : Int(min(3, max(1, (-log10(half)).rounded(.up))))
        let share = Double(score.correct) / Double(score.count)
        func text(_ share: Double) -> String { NumberText.percent(share, decimals: decimals) }
        let range = "95\(NumberText.space)% Wilson interval \(text(interval.lower)) to \(text(interval.upper))"
        return Markup(
            "div", ["class": "score"],
            [
                Markup("div", ["class": "figure"], text: text(share)),
                Markup(
                    "div", [:],
                    [
                        Markup("div", ["class": "name"], text: score.name),
                        Markup("div", ["class": "interval"], text: range),
                        Markup(
                            "div", ["class": "interval"],
                            text: "\(NumberText.grouped(score.correct)) of \(NumberText.grouped(score.count))"),
                    ]),
            ])
    }
}
