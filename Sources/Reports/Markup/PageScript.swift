/// The one script of a page, which sorts tables. Its digest stands in the page's policy, so that browsers run it and no other.
///
/// As with the style sheet, no character here is one that is escaped. Heads become buttons only once it runs: where scripts do
/// not, a table is as it was written.
enum PageScript {
    /// Sorts the rows of a table by the column whose head is pressed: numbers by value, the largest first, words by the alphabet;
    /// again for the other way round.
    static let sorting = """
        document.querySelectorAll(`table.sortable`).forEach(function (table) {
          const body = table.tBodies[0], heads = Array.from(table.tHead.rows[0].cells);
          heads.forEach(function (head, column) {
            const name = head.textContent, button = document.createElement(`button`), arrow = document.createElement(`span`);
            if (!name) return;
            button.type = `button`;
            button.textContent = name;
            arrow.setAttribute(`aria-hidden`, `true`);
            head.replaceChildren(button, arrow);
            const isNumber = head.classList.contains(`number`);
            button.addEventListener(`click`, function () {
              const wanted = isNumber ? `descending` : `ascending`, other = isNumber ? `ascending` : `descending`;
              const order = head.getAttribute(`aria-sort`) === wanted ? other : wanted;
              heads.forEach(function (one) {
                one.removeAttribute(`aria-sort`);
                one.querySelectorAll(`span`).forEach(function (mark) { mark.textContent = ``; });
              });
              head.setAttribute(`aria-sort`, order);
              arrow.textContent = order === `ascending` ? ` \u{2191}` : ` \u{2193}`;
              const sign = order === `ascending` ? 1 : -1;
              function value(row) {
                const text = row.cells[column].textContent;
                if (!isNumber) return text;
                const found = parseFloat(text.replace(/\\u2212/g, `-`).replace(/[^0-9.eE+-]/g, ``));
                return Number.isNaN(found) ? -Infinity : found;
              }
              const rows = Array.from(body.rows);
              rows.sort(function (a, b) {
                const x = value(a), y = value(b);
                if (isNumber) return x === y ? 0 : sign * Math.sign(x - y);
                return sign * x.localeCompare(y, undefined, { numeric: true });
              });
              body.append(...rows);
            });
          });
        });
        """

    /// The digest of the text, for the policy: of its bytes in SHA-256, in base 64.
    static let digest = "sha256-fUkWYJfRu44CffiLe7iQ3yDi/r3ZLMNgPYFbj5naiHk="
}
