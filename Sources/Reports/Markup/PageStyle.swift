/// The style sheet of pages. As with ``Palette``, no character here is one that is escaped.
enum PageStyle {
    static let text = layout + "\n" + header + "\n" + parts + "\n" + pictures + "\n" + media

    private static let layout = """
        * { box-sizing: border-box; }
        html { background: var(--page); -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
          margin: 0; color: var(--ink); font-size: 15px; line-height: 1.5;
          font-family: Inter, system-ui, -apple-system, Segoe UI, Roboto, Helvetica Neue, Arial, sans-serif;
          font-variant-numeric: tabular-nums lining-nums; overflow-wrap: break-word;
        }
        main { max-width: 1168px; margin: 0 auto; padding: 56px 24px 64px; }
        h1, h2, p, figure, dl, dd, pre { margin: 0; }
        section { border-top: 1px solid var(--line); margin-top: 44px; padding-top: 32px; }
        h2 { font-size: 21px; font-weight: 650; letter-spacing: -0.012em; line-height: 1.25; }
        h3 { font-size: 14px; font-weight: 600; margin: 0 0 8px; }
        .lead { color: var(--soft); margin-top: 4px; max-width: 84ch; }
        svg { display: block; width: 100%; height: auto; overflow: visible; }
        """

    private static let header = """
        h1 { font-variant-numeric: proportional-nums lining-nums; font-size: 32px; font-weight: 650; letter-spacing: -0.02em; line-height: 1.2; }
        .subtitle { color: var(--soft); font-size: 17px; margin-top: 6px; }
        .statement { font-size: 21px; font-weight: 550; line-height: 1.4; margin-top: 28px; max-width: 62ch; }
        .boxed {
          background: var(--panel); border: 1px solid var(--line); border-left: 4px solid var(--accent); border-radius: 6px;
          padding: 16px 20px; max-width: none;
        }
        .warnings { color: var(--alert); list-style: none; margin-top: 16px; max-width: 84ch; padding: 0; }
        .warnings li { border-left: 3px solid var(--alert); margin-top: 6px; padding-left: 12px; }
        .score { display: flex; flex-wrap: wrap; align-items: flex-end; gap: 8px 28px; margin-top: 36px; }
        .score .figure {
          color: var(--accent); font-size: 92px; font-weight: 650; letter-spacing: -0.04em; line-height: 0.95;
          font-variant-numeric: proportional-nums lining-nums; margin-left: -0.04em;
        }
        .score .name { font-size: 17px; font-weight: 600; }
        .score .interval { color: var(--soft); }
        .facts {
          display: grid; grid-template-columns: repeat(auto-fill, minmax(118px, 1fr)); gap: 20px;
          border-top: 1px solid var(--line); margin-top: 40px; padding-top: 22px;
        }
        .facts dt { color: var(--soft); font-size: 13px; }
        .facts dd { font-size: 17px; font-weight: 550; line-height: 1.35; }
        """

    private static let parts = """
        .row { display: flex; flex-wrap: wrap; gap: 32px 40px; margin-top: 28px; }
        .drawing {
          flex: var(--width) 1 0; max-width: calc(var(--width) * 1.2px); min-width: min(var(--width) * 0.8px, 100%);
        }
        .beside { display: flex; flex-wrap: wrap; gap: 32px 64px; margin-top: 24px; align-items: flex-start; }
        .beside .side { flex: 1 1 300px; min-width: 0; }
        .beside .main { flex: 2 1 560px; min-width: 0; }
        .side .explained { color: var(--soft); font-size: 14px; margin: 0 0 16px; max-width: 60ch; }
        .scale { max-width: 420px; }
        .chosen td { color: var(--alert); font-weight: 600; }
        .scrolling { overflow-x: auto; max-width: 100%; }
        .adapting { margin-top: 28px; }
        .adapting .scrolling { padding: 2px 0; }
        .narrow { display: none; }
        table { border-collapse: collapse; width: 100%; font-size: 14px; }
        th { color: var(--soft); font-size: 13px; font-weight: 400; vertical-align: bottom; }
        th, td { border-bottom: 1px solid var(--line); padding: 7px 0 7px 16px; }
        th:first-child, td:first-child { padding-left: 0; }
        th button { background: none; border: 0; color: inherit; cursor: pointer; font: inherit; padding: 0; text-align: inherit; }
        th button:hover { text-decoration: underline; }
        .word { text-align: left; overflow-wrap: anywhere; }
        .number { text-align: right; white-space: nowrap; }
        .paths .word + .word { min-width: 96px; }
        .figures { margin-top: 24px; }
        .figures th { white-space: normal; }
        .figures td { vertical-align: top; }
        .figures .word { min-width: 112px; }
        .described th { min-width: 80px; }
        .described .word { min-width: 200px; white-space: normal; }
        .figures .range { color: var(--soft); display: block; font-size: 12px; font-weight: 400; }
        .leading td { color: var(--accent); font-weight: 600; }
        .context td { color: var(--soft); }
        .explained { color: var(--soft); font-size: 14px; margin-top: 16px; max-width: 84ch; }
        pre {
          background: var(--panel); border-radius: 6px; font-size: 13px; line-height: 1.55; margin-top: 10px;
          overflow-x: auto; padding: 14px 16px; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, DejaVu Sans Mono, monospace;
        }
        .command { white-space: pre-wrap; }
        footer { border-top: 1px solid var(--line); margin-top: 56px; padding-top: 28px; font-size: 14px; }
        details { margin-top: 24px; }
        .stacked {
          display: flex; gap: 2px; height: 26px; border-radius: 6px; overflow: hidden; margin-top: 24px;
          print-color-adjust: exact; -webkit-print-color-adjust: exact;
        }
        .stacked span { background: var(--tone); flex-basis: 0; min-width: 2px; }
        .parts { display: flex; flex-wrap: wrap; gap: 16px 44px; margin-top: 18px; }
        .parts div { border-left: 4px solid var(--tone); padding-left: 12px; }
        .parts dt { color: var(--soft); font-size: 13px; }
        .parts dd { font-size: 17px; font-weight: 550; line-height: 1.35; }
        .parts .share { color: var(--soft); font-size: 13px; font-weight: 400; margin-left: 6px; }
        summary { cursor: pointer; font-weight: 600; }
        """

    private static let pictures = """
        .grid-of-images {
          display: grid; grid-template-columns: repeat(auto-fill, 112px); gap: 24px 20px;
          justify-content: space-between; margin-top: 24px;
        }
        .picture { width: 112px; }
        .frame {
          width: 112px; height: 112px; display: flex; align-items: center; justify-content: center;
          background: var(--panel); border-radius: 3px;
        }
        .frame img { display: block; border-radius: 3px; image-rendering: pixelated; }
        .marked .frame { outline: 2.5px solid var(--alert); outline-offset: 2px; }
        .right .frame { outline: 3px solid var(--third); outline-offset: 2px; }
        .wrong .frame { outline: 3px solid var(--alert); outline-offset: 2px; }
        .triples { display: flex; flex-wrap: wrap; gap: 26px 44px; }
        .triple { display: flex; gap: 8px; }
        .triple .picture { width: 112px; }
        .pair { display: flex; flex-wrap: wrap; gap: 8px; }
        .pair .picture { width: 240px; }
        .pair .frame { width: 240px; height: auto; min-height: 100px; }
        .legend { display: flex; flex-wrap: wrap; gap: 6px 16px; margin: 0 0 18px; font-size: 13px; }
        .swatch-name { display: inline-flex; align-items: center; gap: 6px; }
        .swatch { width: 12px; height: 12px; border-radius: 2px; }
        .gallery { display: flex; flex-wrap: wrap; gap: 20px 18px; margin-top: 28px; }
        .gallery .picture { width: auto; min-width: 70px; }
        .gallery .picture:first-child { border-right: 1px solid var(--line); padding-right: 18px; }
        .gallery .frame { width: auto; min-width: 56px; height: 112px; aspect-ratio: auto; }
        .gallery .verdict { color: var(--third); font-weight: 600; white-space: nowrap; }
        .gallery .wrong .verdict { color: var(--alert); }
        .gallery .camera { display: block; font-size: 12px; }
        figcaption { color: var(--soft); font-size: 13px; line-height: 1.35; margin-top: 9px; }
        figcaption .prediction { color: var(--alert); font-weight: 600; }
        figcaption .probability { white-space: nowrap; }
        """

    private static let media = """
        @media (max-width: 1167px) {
          .wide { display: none; }
          .narrow { display: block; }
        }
        @media (max-width: 640px) {
          main { padding: 32px 16px 48px; }
          h1 { font-size: 26px; }
          .score .figure { font-size: 72px; }
          .facts { grid-template-columns: repeat(2, minmax(0, 1fr)); }
          section { margin-top: 36px; padding-top: 26px; }
          .row { flex-direction: column; }
          .drawing { flex: none; width: 100%; max-width: calc(var(--width) * 1px); }
          .grid-of-images { grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 20px 14px; }
          .picture, .frame { width: 100%; }
          .frame { height: auto; aspect-ratio: 1; }
          .frame img { max-width: 100%; height: auto; }
          .row svg text { font-size: 13.5px; }
        }
        @media print {
          .wide { display: none; }
          .narrow { display: block; }
          main { max-width: none; padding: 0 5px; }
          body { font-size: 10.5pt; }
          section { margin-top: 28px; padding-top: 20px; }
          .drawing, .picture, table, .score, .facts div { break-inside: avoid; }
          h2, .lead { break-after: avoid; break-inside: avoid; }
          .adapting { margin-top: 16px; }
          .stacked, .parts div, .loose .side { break-inside: avoid; }
          .row { gap: 20px; margin-top: 16px; }
          .drawing { min-width: calc(var(--width) * 0.5px); }
          .beside { flex-wrap: nowrap; gap: 24px; margin-top: 16px; }
          .beside .scrolling { flex: 3 1 0; min-width: 0; overflow: visible; }
          .beside .side { flex: 2 1 0; }
          .beside.loose { flex-wrap: wrap; }
          .beside.loose .side { flex: 1 1 300px; }
          .scrolling div { width: 100% !important; }
          .adapting .scrolling { overflow: visible; }
          .adapting .scrolling div { width: 80% !important; }
          table { font-size: 8.5pt; }
          .grid-of-images { grid-template-columns: repeat(auto-fill, 84px); gap: 10px 8px; margin-top: 16px; }
          .picture { width: 84px; padding-top: 5px; }
          .frame { width: 84px; height: 84px; }
          .frame img { max-width: 100%; height: auto; }
          figcaption { font-size: 7.5pt; margin-top: 6px; }
          pre { white-space: pre-wrap; border: 1px solid var(--line); }
        }
        """
}
