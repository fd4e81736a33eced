/// The few colours that marks and text may have. What they look like is up to `Palette`, and differs between light
/// and dark; each pair can be told apart with any of the common kinds of colour blindness.
enum Tone: String, Sendable, CaseIterable {
    /// The colour of the subject: the validation curve, right answers, the front.
    case accent
    /// The colour of what went wrong, or of the one thing to look at.
    case alert
    /// Further series.
    case third
    /// Further series.
    case fourth
    /// Context: the training curve, other points.
    case quiet

    /// The class that gives an element, and what is in it, this colour.
    var className: String { "tone-\(rawValue)" }
}

/// A colour for each of a few alternatives that have no order, such as the candidates of a block. There are eight;
/// from the ninth on they come again, so whatever they tell stands in words or by its place too.
enum ChoiceColour {
    /// The number of colours, as many as `Palette` has.
    static let count = 8

    /// The class that gives an element, and what is in it, the colour of the alternative at a position.
    static func className(_ position: Int) -> String { "choice-\(max(0, position) % count + 1)" }
}

/// Colours, and how marks and text in drawings use them: the part of the style sheet that every SVG needs.
///
/// Style sheets stand in pages as they are, so they hold no character that is escaped: no quotes, no `>`.
enum Palette {
    /// Colours as custom properties. Dark ones are for screens only; paper is light.
    static let colours = """
        :root {
          --page: #ffffff; --ink: #1b1d22; --soft: #5f646d; --line: #e4e6ea; --panel: #f5f6f8;
          --accent: #0b5f9e; --alert: #c2470a; --third: #1c7a5b; --fourth: #8a4a86; --context: #868c97;
          --on-middle: var(--ink); --on-strong: var(--page);
          --choice-1: #0b5f9e; --choice-2: #e08a00; --choice-3: #1c8a66; --choice-4: #8a4a86;
          --choice-5: #4aa8dc; --choice-6: #b8325a; --choice-7: #8c7a1c; --choice-8: #5f646d;
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --page: #131519; --ink: #eceef2; --soft: #a0a6b1; --line: #2b2f37; --panel: #1b1e24;
            --accent: #6db6f2; --alert: #f3914f; --third: #5cc6a0; --fourth: #d59ad0; --context: #848b97;
            --on-middle: var(--page);
            --choice-1: #6db6f2; --choice-2: #f5ae45; --choice-3: #5cc6a0; --choice-4: #d59ad0;
            --choice-5: #3f87c0; --choice-6: #f07a9c; --choice-7: #c9b658; --choice-8: #a0a6b1;
          }
        }
        """

    /// Marks and text of drawings.
    static let drawing = """
        .tone-accent { --tone: var(--accent); }
        .tone-alert { --tone: var(--alert); }
        .tone-third { --tone: var(--third); }
        .tone-fourth { --tone: var(--fourth); }
        .tone-quiet { --tone: var(--context); }
        .choice-1 { --tone: var(--choice-1); }
        .choice-2 { --tone: var(--choice-2); }
        .choice-3 { --tone: var(--choice-3); }
        .choice-4 { --tone: var(--choice-4); }
        .choice-5 { --tone: var(--choice-5); }
        .choice-6 { --tone: var(--choice-6); }
        .choice-7 { --tone: var(--choice-7); }
        .choice-8 { --tone: var(--choice-8); }
        svg text {
          font-family: Inter, system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif;
          font-size: 12px; fill: var(--soft); font-variant-numeric: tabular-nums lining-nums;
        }
        svg .title { font-size: 14px; font-weight: 600; fill: var(--ink); }
        svg .strong { font-weight: 600; fill: var(--ink); }
        svg .name { font-weight: 600; fill: var(--tone); }
        svg .value, svg .category { fill: var(--ink); }
        svg .note { font-size: 11px; font-style: italic; }
        svg .small { font-size: 11px; }
        svg .tiny { font-size: 10px; }
        svg .struck { text-decoration: line-through; }
        svg .halo { paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; }
        svg .tone-quiet .name, svg .tone-quiet.name { fill: var(--soft); }
        svg .grid { stroke: var(--line); stroke-width: 1; }
        svg .base { stroke: var(--context); stroke-width: 1; }
        svg .curve { fill: none; stroke: var(--tone); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        svg .tone-quiet.curve { stroke-width: 1.5; }
        svg .thin.curve { stroke-width: 1.25; }
        svg .pale.curve { stroke-width: 1; stroke-opacity: 0.28; }
        svg .whisker.curve { stroke-width: 1.25; stroke-opacity: 0.45; }
        svg .band { fill: var(--tone); fill-opacity: 0.13; stroke: none; }
        svg .mark { fill: var(--tone); stroke: var(--page); stroke-width: 1.5; }
        svg .dot { fill: var(--tone); fill-opacity: 0.5; }
        svg .ring { fill: none; stroke: var(--tone); stroke-width: 2; }
        svg .cell { fill: var(--tone); }
        svg .empty, svg .panel { fill: var(--panel); }
        svg .box { fill: var(--page); stroke: var(--line); stroke-width: 1; }
        svg .outline { fill: none; stroke: var(--tone); stroke-width: 2; }
        svg .page { fill: var(--page); }
        svg .open { fill: var(--page); stroke: var(--context); stroke-width: 1; }
        svg .track { fill: var(--line); }
        svg .flow { fill: none; stroke: var(--context); stroke-width: 1.5; stroke-linejoin: round; }
        svg .limit { stroke: var(--tone); stroke-width: 1.5; stroke-dasharray: 5 4; }
        svg .thin.limit { stroke-width: 1; stroke-dasharray: 2 3; }
        svg .count { fill: var(--ink); }
        svg .count.middle { fill: var(--on-middle); }
        svg .count.full { fill: var(--on-strong); }
        """
}
