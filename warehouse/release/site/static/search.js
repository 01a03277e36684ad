/* The search box: every word must occur; titles count most. The index is search-index.js. */
(() => {
  "use strict";
  const box = document.querySelector("#find");
  const hits = document.querySelector("#hits");
  const found = document.querySelector("#found");
  const pages = window.SITE_PAGES.map((page) => ({ ...page, low: `${page.t} ${page.l} ${page.x}`.toLowerCase() }));
  const count = (text, word) => text.split(word).length - 1;

  function excerpt(page, words) {
    const text = `${page.l} ${page.x}`;
    const at = Math.max(0, ...words.map((word) => text.toLowerCase().indexOf(word)).filter((place) => place >= 0).slice(0, 1));
    const from = Math.max(0, at - 70);
    const piece = (from ? "… " : "") + text.slice(from, at + 150) + " …";
    const paragraph = document.createElement("p");
    const pattern = new RegExp(`(${words.map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "gi");
    piece.split(pattern).forEach((part, index) => paragraph.append(index % 2
      ? Object.assign(document.createElement("mark"), { textContent: part }) : part));
    return paragraph;
  }

  function search() {
    const words = box.value.toLowerCase().split(/\s+/).filter((word) => word.length > 1);
    if (!words.length) { hits.replaceChildren(); found.textContent = ""; return; }
    const list = pages.filter((page) => words.every((word) => page.low.includes(word)))
      .map((page) => ({ page, score: words.reduce((sum, word) => sum + Math.min(count(page.low, word), 8) + 40 * count(page.t.toLowerCase(), word), 0) }))
      .sort((one, other) => other.score - one.score).slice(0, 20);
    found.textContent = list.length ? `${list.length === 20 ? "The 20 best" : list.length} page${list.length > 1 ? "s" : ""}` : "Nothing found";
    hits.replaceChildren(...list.map(({ page }) => {
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("a"), { href: `../${page.p}`, textContent: page.t }), excerpt(page, words));
      return item;
    }));
  }
  box.addEventListener("input", search);
})();
