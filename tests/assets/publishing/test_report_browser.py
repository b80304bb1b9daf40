"""The report in a real browser: no request, no error, no sideways scrolling, readable contrast."""

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from assets.publishing.findings import read_findings
from assets.publishing.report import write_html
from assets.publishing.shareable import shareable
from assets.publishing.warehouse import Snapshot

pytestmark = pytest.mark.slow

# WCAG 2.2, 1.4.3: 4.5 for text (3 for large text, which this stricter bound covers).
CONTRAST = """
() => {
  const channel = c => { c /= 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || node.closest('svg, .skip')) continue;
    const [a, b] = [light(parse(getComputedStyle(node).color)), light(ground(node))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push([node.tagName, node.className, ratio.toFixed(2)].join(' '));
  }
  return [...new Set(poor)];
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize("variant", ["full", "shareable"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_report_in_a_browser(
    browser: Any, published: tuple[Any, Snapshot], tmp_path: Any, scheme: str, width: int, variant: str
) -> None:
    _, snapshot = published
    found = read_findings(snapshot.warehouse)
    output = write_html(shareable(found) if variant == "shareable" else found, tmp_path / "report.html")
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
    page = context.new_page()
    requests: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(output.as_uri())
    assert requests == [output.as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []
    if variant == "full":
        assert page.evaluate("document.querySelectorAll('svg.network, svg.map').length") == 2
    shown = page.inner_text("body")
    assert not any(secret in shown for secret in ("7700900123", "lucia", "0639981234", "mail.example"))
    # On paper nothing is cut off and the bar of links is gone.
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 less the margins, at 96 dots to the inch
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    assert page.locator("nav").is_hidden()
    context.close()
