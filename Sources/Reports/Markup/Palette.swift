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
        }
        @media screen and (prefers-color-scheme: dark) {
          :root {
            --page: #131519; --ink: #eceef2; --soft: #a0a6b1; --line: #2b2f37; --panel: #1b1e24;
            --accent: #6db6f2; --alert: #f3914f; --third: #5cc6a0; --fourth: #d59ad0; --context: #848b97;
            --on-middle: var(--page);
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
        svg text {
          font-family: Inter, system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif;
          font-size: 12px; fill: var(--soft); font-variant-numeric: tabular-nums lining-nums;
        }
        svg .title { font-size: 14px; font-weight: 600; fill: var(--ink); }
        svg .strong { font-weight: 600; fill: var(--ink); }
        svg .name { font-weight: 600; fill: var(--tone); }
        svg .value, svg .category { fill: var(--ink); }
        svg .note { font-size: 11px; font-style: italic; }
        svg .tiny { font-size: 10px; }
        svg .halo { paint-order: stroke; stroke: var(--page); stroke-width: 4px; stroke-linejoin: round; }
        svg .tone-quiet .name, svg .tone-quiet.name { fill: var(--soft); }
        svg .grid { stroke: var(--line); stroke-width: 1; }
        svg .base { stroke: var(--context); stroke-width: 1; }
        svg .curve { fill: none; stroke: var(--tone); stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
        svg .tone-quiet.curve { stroke-width: 1.5; }
        svg .thin.curve { stroke-width: 1.25; }
        svg .pale.curve { stroke-width: 1; stroke-opacity: 0.28; }
        svg .mark { fill: var(--tone); stroke: var(--page); stroke-width: 1.5; }
        svg .dot { fill: var(--tone); fill-opacity: 0.5; }
        svg .ring { fill: none; stroke: var(--tone); stroke-width: 2; }
        svg .cell { fill: var(--tone); }
        svg .empty { fill: var(--panel); }
        svg .count { fill: var(--ink); }
        svg .count.middle { fill: var(--on-middle); }
        svg .count.full { fill: var(--on-strong); }
        """
}
