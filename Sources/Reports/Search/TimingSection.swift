import Experiments

/// Where the time of a run went, as one bar in parts.
struct TimingSection {
    let timings: [SearchReport.Timing]

    /// Nil if nothing took time.
    var markup: Markup? {
        let total = timings.reduce(0) { $0 + $1.seconds }
        guard total > 0 else { return nil }
        let parts = timings.enumerated().filter { $0.element.seconds > 0 }
        let words = timings.map { "\($0.name) \(Quantity.duration($0.seconds))" }
        let bar = Markup(
            "div", ["class": "stacked", "role": "img", "aria-label": words.joined(separator: ", ")],
            parts.map { index, timing in
                let style = "flex-grow:\(NumberText.coordinate(timing.seconds / total * 1000))"
                let hint = "\(timing.name): \(Quantity.duration(timing.seconds))"
                return Markup("span", ["class": ChoiceColour.className(index), "style": style, "title": hint])
            })
        let legend = timings.enumerated().map { index, timing in
            let share = Markup("span", ["class": "share"], text: Self.percent(timing.seconds / total))
            return Markup(
                "div", ["class": ChoiceColour.className(index)],
                [
                    Markup("dt", text: timing.name),
                    Markup("dd", [:], [.text(Quantity.duration(timing.seconds)), share]),
                ])
        }
        let lead = "\(Quantity.duration(total)) in all."
        return Page.section("Time", lead: lead, [bar, Markup("dl", ["class": "parts"], legend)])
    }

    /// In whole percents; what took any time is never rounded to none.
    private static func percent(_ share: Double) -> String {
        share > 0 && share < 0.005
            ? "< \(NumberText.percent(0.01, decimals: 0))" : NumberText.percent(share, decimals: 0)
    }
}
