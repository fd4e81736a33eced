"""Pages in a real browser: nothing is fetched, nothing is complained of, and what a reader does with them works.

Scripts/check-pages runs it. The pages are made by the program that SUPERNET_PROGRAM names; PAGES names a folder for the pictures
of them, and further pages may be named in MORE_PAGES, separated by colons.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

REPOSITORY = Path(__file__).resolve().parents[2]
EARLIER = REPOSITORY / "Tests" / "Goldens" / "earlier"
PROGRAM = os.environ["SUPERNET_PROGRAM"]
CHROMIUM = os.environ["CHROMIUM"]
PICTURES = Path(os.environ["PAGES"]) if "PAGES" in os.environ else None
WIDTHS = (400, 1600)


def program(*words: object) -> None:
    subprocess.run([PROGRAM, *map(str, words)], check=True, capture_output=True)


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study from its supernet to the network that was found, with the pages of its parts."""
    folder = tmp_path_factory.mktemp("pages") / "study"
    program(
        "run", "--config", EARLIER / "configs" / "fairnas.yaml", "--run", folder, "--threads", 1,
        "--set", f"data.source={EARLIER / 'images'}", "--set", "supernet.epochs=4",
    )  # fmt: skip
    return folder


@pytest.fixture(scope="session")
def pages(study: Path) -> list[Path]:
    more = [Path(one) for one in os.environ.get("MORE_PAGES", "").split(":") if one]
    return sorted(study.rglob("report.html")) + more


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        with playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"]) as browser:
            yield browser


class Opened:
    """A page with everything that the browser said and asked for."""

    def __init__(self, browser: Browser, address: str, width: int = 1600, scheme: str = "light") -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)

    def __enter__(self) -> Page:
        return self.page

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_hold_up(browser: Browser, pages: list[Path], width: int, scheme: str) -> None:
    assert len(pages) >= 2
    for file in pages:
        opened = Opened(browser, file.as_uri(), width, scheme)
        with opened as page:
            assert opened.said == [], file
            assert [url for url in opened.asked if not url.startswith("data:")] == [file.as_uri()]
            # Nothing is wider than the window, but for what is moved sideways in a place of its own.
            assert page.evaluate("document.documentElement.scrollWidth") <= width, file
            # Text stands out from what it lies on (WCAG 2, 4.5 to 1).
            assert page.evaluate(CONTRAST) >= 4.5, file
            if PICTURES:
                name = f"{file.parent.parent.name}-{file.parent.name}-{width}-{scheme}.png"
                page.screenshot(path=PICTURES / name, full_page=True)


CONTRAST = """() => {
  function channels(text) { return text.match(/[0-9.]+/g).map(Number); }
  function light(rgb) {
    const [r, g, b] = rgb.map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  const ground = channels(getComputedStyle(document.documentElement).backgroundColor).slice(0, 3);
  let least = 21;
  for (const element of document.querySelectorAll("h1, h2, p, td, th, dt, dd, figcaption")) {
    if (!element.textContent.trim()) continue;
    const text = channels(getComputedStyle(element).color).slice(0, 3);
    const [a, b] = [light(text), light(ground)].sort((x, y) => y - x);
    least = Math.min(least, (a + 0.05) / (b + 0.05));
  }
  return least;
}"""


def test_pages_have_landmarks_and_names(browser: Browser, pages: list[Path]) -> None:
    for file in pages:
        with Opened(browser, file.as_uri()) as page:
            assert page.locator("main").count() == 1 and page.locator("h1").count() == 1
            assert page.locator("html").get_attribute("lang") == "en" and page.title()
            for drawing in page.locator("svg").all():
                assert drawing.get_attribute("role") == "img" and drawing.get_attribute("aria-label")
            for picture in page.locator("img").all():
                assert picture.get_attribute("alt")


def test_pages_are_printed(browser: Browser, pages: list[Path], tmp_path: Path) -> None:
    for file in pages:
        with Opened(browser, file.as_uri()) as page:
            printed = page.pdf(path=tmp_path / "page.pdf", format="A4")
            sheets = len(re.findall(rb"/Type\s*/Page[^s]", printed))
            assert 1 <= sheets <= 20, (file, sheets)


def column(page: Page, number: int) -> list[float]:
    cells = page.locator("table.sortable").first.locator(f"tbody tr td:nth-child({number})").all_text_contents()
    return [float(re.sub(r"[^0-9.]", "", cell)) for cell in cells]


def test_tables_are_sorted_with_the_keyboard(browser: Browser, study: Path) -> None:
    with Opened(browser, (study / "report.html").as_uri()) as page:
        table = page.locator("table.sortable").first
        head = table.locator("th").filter(has_text="parameters").first
        place = 1 + table.locator("th").all_text_contents().index(head.inner_text().strip())
        before = column(page, place)
        button = head.locator("button")
        button.focus()
        page.keyboard.press("Enter")
        assert column(page, place) == sorted(before, reverse=True) and head.get_attribute("aria-sort") == "descending"
        page.keyboard.press("Space")
        assert column(page, place) == sorted(before) and head.get_attribute("aria-sort") == "ascending"
        # Only one column says that it is the order.
        table.locator("th button").last.click()
        assert table.locator("th[aria-sort]").count() == 1


def test_points_tell_their_architecture_and_cost(browser: Browser, study: Path) -> None:
    found = json.loads((study / "search" / "result.json").read_text())
    with Opened(browser, (study / "report.html").as_uri()) as page:
        told = page.locator("svg[aria-label^='Score over cost'] circle title").all_text_contents()
        assert len({text.split(":")[0] for text in told}) == found["evaluations"]
        assert any(text.startswith(found["architecture"] + ": ") and "multiply-adds" in text for text in told)


def test_the_page_of_a_run_under_way_keeps_itself_up_to_date(browser: Browser, study: Path) -> None:
    server = subprocess.Popen([PROGRAM, "watch", study, "--port", "0"], stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        address = re.search(r"http://localhost:\d+/", server.stderr.readline())
        assert address
        opened = Opened(browser, address[0])
        with opened as page:
            page.wait_for_selector("text=The page of the finished run")
            progress = study / "supernet" / "events" / "progress.json"
            said = json.loads(progress.read_text())
            said |= {"line": "supernet  a new line", "time": said["time"] + 1e6}
            progress.write_text(json.dumps(said))
            (study / "lock").write_text(f"{os.getpid()}\n")
            page.wait_for_selector("text=a new line", timeout=10_000)
            assert page.locator("progress").count() == 1
            assert opened.said == []
            assert all(url.startswith(address[0]) for url in opened.asked)
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(urllib.request.Request(address[0], headers={"Host": "elsewhere.example"}))
    finally:
        server.terminate()
        server.wait()
