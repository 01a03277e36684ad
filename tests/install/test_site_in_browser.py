"""The site of a release as a person meets it: in a browser, on a phone, in the dark, and by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.install.test_pages import requested

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CONTRAST = """
const parse = (text) => { const m = text.match(/rgba?\\(([^)]+)\\)/); return m ? m[1].split(',').map(Number) : null; };
const channel = (v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
const light = (c) => 0.2126 * channel(c[0]) + 0.7152 * channel(c[1]) + 0.0722 * channel(c[2]);
const ground = (node) => {
  for (let at = node; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor);
    if (colour && (colour.length < 4 || colour[3] === 1)) return colour;
  }
  return [255, 255, 255];
};
const weak = new Set();
for (const node of document.querySelectorAll('body *')) {
  const own = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  const box = node.getBoundingClientRect();
  if (!own || !box.width || box.bottom < 0) continue;
  if (node.closest('[hidden], .visually-hidden, .skip, script, style, noscript')) continue;
  const style = getComputedStyle(node);
  const isSvg = node instanceof SVGElement;
  const colour = parse(isSvg ? style.fill : style.color);
  if (!colour) continue;
  if (isSvg && node.closest('figure[id^=revisions-heat], figure[id^=coverage]')) continue;
  const [high, low] = [light(colour), light(ground(node))].sort((a, b) => b - a);
  const ratio = (high + 0.05) / (low + 0.05);
  const size = parseFloat(style.fontSize), bold = parseInt(style.fontWeight) >= 700;
  const least = size >= 24 || (bold && size >= 18.66) ? 3 : 4.5;
  const name = `${node.tagName}.${node.getAttribute('class') || ''} ${node.textContent.trim().slice(0, 40)}`;
  if (ratio < least - 0.01) weak.add(`${ratio.toFixed(2)} ${name}`);
}
return [...weak];
"""
OVERFLOW = """
const wide = document.documentElement.scrollWidth - innerWidth;
if (wide <= 0) return [];
const out = [...document.querySelectorAll('body *')].filter((one) =>
  one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.scroll, pre'));
return [`${wide}px`, ...out.slice(0, 5).map((one) => one.tagName + '.' + one.className)];
"""


@pytest.fixture
def site(clean_checkout: Path, built_checkout: str) -> Path:
    return (clean_checkout / "var" / "published").resolve() / "site"


def topics(site: Path) -> list[Path]:
    """Every page at the top, one figure's, and two documents."""
    some = ["figures/index.html", "figures/magnets-china-to-india-value.html", "docs/index.html", "docs/methods.html"]
    return [*sorted(site.glob("*.html")), *(site / name for name in some)]


def show(browser, *, width: int, scheme: str) -> None:
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def test_no_page_has_an_error_asks_elsewhere_or_overflows_a_phone(site: Path, browser) -> None:
    show(browser, width=390, scheme="light")
    wrong = []
    for page in topics(site):
        browser.get(page.as_uri())
        wrong += [f"{page.name}: {entry['message']}" for entry in browser.get_log("browser")]
        wrong += [
            f"{page.name}: requests {url}" for url in requested(browser) if not url.startswith((site.as_uri(), "data:"))
        ]
        wrong += [f"{page.name}: wider than a phone: {one}" for one in browser.execute_script(OVERFLOW)]
    assert wrong == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_in_both_modes(site: Path, browser, scheme: str) -> None:
    show(browser, width=1280, scheme=scheme)
    weak = []
    for page in topics(site):
        browser.get(page.as_uri())
        weak += [f"{page.name}: {one}" for one in browser.execute_script(CONTRAST)]
    assert weak == []


def test_the_keyboard_reaches_menus_charts_and_shows_where_it_is(site: Path, browser) -> None:
    show(browser, width=1280, scheme="light")
    browser.get((site / "magnets.html").as_uri())
    body = browser.find_element(By.TAG_NAME, "body")
    reached = []
    for _ in range(24):
        body.send_keys(Keys.TAB)
        at = browser.switch_to.active_element
        outline = browser.execute_script(
            "const s = getComputedStyle(arguments[0]);"
            "return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2",
            at,
        )
        assert outline, f"focus is not seen on {at.get_attribute('outerHTML')[:120]}"
        reached.append(at.get_attribute("class") or at.tag_name)
    assert reached[0] == "skip"
    assert "plot" in reached
    plot = browser.find_element(By.CSS_SELECTOR, ".plot")
    plot.send_keys(Keys.ARROW_RIGHT)
    tip = browser.find_element(By.CSS_SELECTOR, ".tip")
    assert "%" in tip.text
    summary = browser.find_element(By.CSS_SELECTOR, "details.menu summary")
    summary.send_keys(Keys.ENTER)
    assert browser.find_element(By.LINK_TEXT, "Corridor").is_displayed()
    browser.find_element(By.LINK_TEXT, "Corridor").send_keys(Keys.ESCAPE)
    assert browser.switch_to.active_element == summary


def test_the_explorer_filters_sorts_and_sums_only_what_may_be_added_up(site: Path, browser) -> None:
    show(browser, width=1280, scheme="light")
    browser.get((site / "explorer.html").as_uri() + "#marts.mart_corridor")
    WebDriverWait(browser, 20).until(lambda b: b.find_elements(By.CSS_SELECTOR, "#rows tbody tr"))
    assert browser.find_element(By.ID, "sums").text.startswith("No sum")
    for column, chosen in (("exporter_name", "China"), ("product_key", "HS:850511"), ("period_type", "calendar_year")):
        Select(browser.find_element(By.ID, f"filter-{column}")).select_by_visible_text(chosen)
    sums = browser.find_element(By.ID, "sums").text
    assert "exporter fob usd" in sums
    assert int(browser.find_element(By.ID, "state").text.split()[0]) < 60
    head = browser.find_element(By.CSS_SELECTOR, "#rows th:nth-child(7) button")
    head.click()
    values = [
        float(cell.text.replace(",", ""))
        for cell in browser.find_elements(By.CSS_SELECTOR, "#rows tbody td:nth-child(7)")
        if cell.text != "–"
    ]
    assert values == sorted(values, reverse=True)


def test_the_search_box_finds_pages_by_their_words(site: Path, browser) -> None:
    browser.get((site / "docs" / "index.html").as_uri())
    browser.find_element(By.ID, "find").send_keys("cif freight")
    hits = [link.text for link in browser.find_elements(By.CSS_SELECTOR, "#hits a")]
    assert "Reconciliation" in hits
    browser.find_element(By.ID, "find").send_keys(" qqqq")
    assert browser.find_element(By.ID, "found").text == "Nothing found"
