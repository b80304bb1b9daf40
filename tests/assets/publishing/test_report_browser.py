"""The report in a real browser: no request, no error, no sideways scrolling, contrast, usable by ear and key."""

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
  const parse = text => text.startsWith('color(srgb')
    ? text.match(/[\\d.]+/g).map((part, place) => place < 3 ? 255 * part : Number(part))
    : text.match(/[\\d.]+/g).map(Number);
  const ground = node => {
    for (; node; node = node.parentElement) {
      const colour = parse(getComputedStyle(node).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  const compare = (label, colour, behind) => {
    const [a, b] = [light(colour), light(behind)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) poor.push(`${label} ${ratio.toFixed(2)}`);
  };
  for (const text of document.querySelectorAll('svg text')) {
    const box = text.closest('g')?.querySelector('rect');
    const fill = box && getComputedStyle(box).fill;
    const behind = fill && fill !== 'none' ? parse(fill) : ground(text.closest('svg').parentElement);
    compare(`svg ${text.closest('g')?.getAttribute('class')}`, parse(getComputedStyle(text).fill), behind);
  }
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || node.closest('svg, .skip')) continue;
    compare(`${node.tagName} ${node.className}`, parse(getComputedStyle(node).color), ground(node));
  }
  return [...new Set(poor)];
}
"""

# A few rules of WCAG 2.2 that a script can judge; each complaint names its rule.
RULES = """
() => {
  const found = [];
  const all = selector => [...document.querySelectorAll(selector)];
  const name = node => (node.getAttribute('aria-label') || (node.getAttribute('aria-labelledby') || '').split(' ')
    .map(id => document.getElementById(id)?.textContent || '').join(' ') || node.textContent).trim();
  const complain = (rule, nodes) => nodes.forEach(node => found.push(`${rule}: ${node.outerHTML.slice(0, 80)}`));
  if (!document.documentElement.lang || !document.title) found.push('3.1.1, 2.4.2: language and title');
  let level = 0;
  for (const heading of all('h1, h2, h3, h4, h5, h6')) {
    if (Number(heading.tagName[1]) > level + 1) complain('1.3.1 headings in order', [heading]);
    level = Number(heading.tagName[1]);
  }
  complain('1.3.1 table without a caption', all('table').filter(table => !table.caption));
  complain('1.3.1 header cell without scope', all('th:not([scope])'));
  complain('1.1.1 picture without a name', all('svg').filter(
    svg => svg.getAttribute('role') !== 'img' || !svg.matches('[aria-label], [aria-labelledby]') || !name(svg)));
  complain('4.1.2 nameless', all('a, summary, [tabindex], section, nav').filter(node => !name(node)));
  complain('2.1.1 scrolls without keys', all('*').filter(node =>
    ['auto', 'scroll'].includes(getComputedStyle(node).overflowX) && node.scrollWidth > node.clientWidth + 1
      && node.tabIndex < 0 && !node.querySelector('a')));
  const ids = all('[id]').map(node => node.id);
  if (new Set(ids).size < ids.length) found.push('4.1.1: an id occurs twice');
  return found;
}
"""
FOCUS = "() => [document.activeElement.tagName, getComputedStyle(document.activeElement).outlineStyle]"


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
    page.on("websocket", lambda socket: requests.append(socket.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(output.as_uri())
    assert requests == [output.as_uri()]
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(CONTRAST) == []
    assert page.evaluate(RULES) == []
    for _ in range(3):
        page.keyboard.press("Tab")
        tag, outline = page.evaluate(FOCUS)
        assert tag in ("A", "SUMMARY")
        assert outline != "none"
    if variant == "full":
        assert page.evaluate("document.querySelectorAll('svg.network, svg.map').length") == 2
    shown = page.inner_text("body")
    assert not any(secret in shown for secret in ("7700900123", "lucia", "0639981234", "mail.example"))
    # On paper nothing is cut off and the bar of links is gone.
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})  # A4 less the margins, at 96 dots to the inch
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    assert page.locator("nav").is_hidden()
    if variant == "full":
        assert page.get_by_text("Accounts and the identifiers they show").is_visible()
    context.close()
