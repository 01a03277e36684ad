/* Menus, light and dark, tooltips of charts. Every page also works without this file. */
(() => {
  "use strict";
  const root = document.documentElement;

  const burger = document.querySelector(".burger");
  const nav = document.querySelector("#menu");
  burger.hidden = false;
  burger.addEventListener("click", () => {
    const open = nav.classList.toggle("open");
    burger.setAttribute("aria-expanded", String(open));
  });
  const menus = [...document.querySelectorAll("details.menu")];
  menus.forEach((menu) => menu.addEventListener("toggle", () => {
    if (menu.open) menus.filter((other) => other !== menu).forEach((other) => { other.open = false; });
  }));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("details.menu")) menus.forEach((menu) => { menu.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const open = menus.find((menu) => menu.open);
    if (open) { open.open = false; open.querySelector("summary").focus(); }
    hide();
  });

  const theme = document.querySelector(".theme");
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const label = () => { theme.textContent = isDark() ? "Light" : "Dark"; theme.setAttribute("aria-label", `Switch to ${isDark() ? "light" : "dark"} colours`); };
  theme.hidden = false;
  label();
  theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("theme", root.dataset.theme); } catch (error) { /* not kept */ }
    label();
  });

  /* Tooltips: the mark under the pointer, or the nearest one; with the keyboard, arrows go from mark to mark. */
  const tip = document.querySelector(".tip");
  let lit = null;
  function hide() { tip.hidden = true; if (lit) lit.classList.remove("lit"); lit = null; }
  function show(mark) {
    if (lit) lit.classList.remove("lit");
    lit = mark;
    mark.classList.add("lit");
    const [name, ...rest] = mark.dataset.tip.split(" · ");
    tip.replaceChildren(Object.assign(document.createElement("strong"), { textContent: name }),
      ...rest.map((text) => Object.assign(document.createElement("span"), { textContent: text })));
    tip.hidden = false;
    const box = mark.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const left = Math.min(Math.max(box.left + box.width / 2 - own.width / 2, 8), innerWidth - own.width - 8);
    const above = box.top - own.height - 10;
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${(above > 4 ? above : box.bottom + 10) + scrollY}px`;
  }
  const marksOf = (plot) => [...plot.querySelectorAll(":scope > div")].filter((one) => one.offsetParent)
    .flatMap((one) => [...one.querySelectorAll("[data-tip]")]);
  function nearest(plot, x, y) {
    let best = null, least = 28;
    for (const mark of marksOf(plot)) {
      const box = mark.getBoundingClientRect();
      const far = Math.hypot(Math.max(box.left - x, 0, x - box.right), Math.max(box.top - y, 0, y - box.bottom));
      if (far < least) { least = far; best = mark; }
    }
    return best;
  }
  document.querySelectorAll(".plot").forEach((plot) => {
    plot.addEventListener("pointermove", (event) => {
      const mark = event.target.closest("[data-tip]") || nearest(plot, event.clientX, event.clientY);
      if (!mark) hide(); else if (mark !== lit) show(mark);
    });
    plot.addEventListener("pointerleave", hide);
    plot.addEventListener("blur", hide);
    plot.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      const marks = marksOf(plot);
      const at = marks.indexOf(lit);
      if (marks.length) show(marks[(at + step + marks.length) % marks.length]);
    });
  });

  /* "Cite this" and other copy buttons. */
  document.querySelectorAll("button[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const text = document.getElementById(button.dataset.copy).innerText;
      try { await navigator.clipboard.writeText(text); button.textContent = "Copied"; }
      catch (error) { button.textContent = "Select the text and copy it"; }
    });
  });
})();
