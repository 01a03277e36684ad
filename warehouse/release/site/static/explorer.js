/* The explorer: one table at a time, loaded as a script, filtered and sorted in the browser. */
(() => {
  "use strict";
  const $ = (id) => document.getElementById(id);
  const select = $("table"), words = $("words"), filters = $("filters");
  const STEP = 200;
  let table = null, rows = [], shown = STEP, order = null;

  const value = (column, row) => column.words && column.values[row] !== null ? column.words[column.values[row]] : column.values[row];
  const isNumber = (column) => !column.words;
  const isYear = (column) => /(^|_)year(_|$)/.test(column.name);
  const isShare = (column) => /(^|_)share(_|$)/.test(column.name);
  const written = (column, one) => {
    if (one === null || one === undefined) return "–";
    if (!isNumber(column)) return one;
    if (isYear(column)) return String(one);
    if (isShare(column)) return `${(one * 100).toFixed(1)}\u202f%`;
    return one.toLocaleString("en-US", { maximumFractionDigits: Math.abs(one) >= 100 ? 0 : 4 }).replace("-", "−");
  };

  window.EXPLORER_TABLE = (given) => {
    table = given; order = null; words.value = "";
    filters.replaceChildren(...table.columns
      .filter((column) => column.words && (column.type !== "date" || table.within.includes(column.name)) && column.words.length > 1 && column.words.length <= 60)
      .slice(0, 8).map((column) => {
        const box = document.createElement("div");
        const id = `filter-${column.name}`;
        const field = Object.assign(document.createElement("select"), { id, className: "field" });
        field.dataset.column = column.name;
        field.append(new Option("all", ""), ...column.words.map((word, at) => new Option(word, at)));
        field.addEventListener("change", () => { shown = STEP; draw(); });
        box.append(Object.assign(document.createElement("label"), { htmlFor: id, textContent: column.name.replaceAll("_", " ") }), field);
        return box;
      }));
    $("whole").href = `../${table.file}`;
    $("csv").hidden = !table.name.startsWith("bi.");
    $("csv").href = `../csv/${table.name.slice(3)}.csv`;
    $("meaning").href = `dictionary.html#${table.name}`;
    draw();
  };

  function left() {
    const chosen = [...filters.querySelectorAll("select")].filter((field) => field.value !== "")
      .map((field) => [table.columns.find((column) => column.name === field.dataset.column), Number(field.value)]);
    const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const texts = table.columns.filter((column) => column.words);
    const found = [];
    for (let row = 0; row < table.columns[0].values.length; row++) {
      if (!chosen.every(([column, at]) => column.values[row] === at)) continue;
      if (wanted.length) {
        const all = texts.map((column) => value(column, row) ?? "").join(" ").toLowerCase();
        if (!wanted.every((word) => all.includes(word))) continue;
      }
      found.push(row);
    }
    if (order) {
      const sign = order.down ? -1 : 1;
      const column = order.column;
      found.sort((one, other) => {
        const a = value(column, one), b = value(column, other);
        if (a === null || b === null) return (a === null) - (b === null);
        return (a < b ? -1 : a > b ? 1 : 0) * sign;
      });
    }
    return found;
  }

  function sums() {
    const mixed = table.within.filter((name) => {
      const column = table.columns.find((one) => one.name === name);
      return new Set(rows.map((row) => column.values[row])).size > 1;
    });
    const place = $("sums");
    if (!table.sums.length || !rows.length) { place.textContent = table.sums.length ? "" : "Nothing here may be added up."; return; }
    if (mixed.length) {
      place.textContent = `No sum: choose one ${mixed.map((name) => name.replaceAll("_", " ")).join(", one ")} first, or things are counted twice.`;
      return;
    }
    place.replaceChildren(...table.sums.map((name) => {
      const column = table.columns.find((one) => one.name === name);
      const held = rows.map((row) => column.values[row]).filter((one) => one !== null);
      const span = document.createElement("span");
      const sum = held.reduce((total, one) => total + one, 0);
      span.append(`Sum of ${name.replaceAll("_", " ")}: `, Object.assign(document.createElement("strong"), {
        textContent: held.length ? written({ name: "" , values: [] }, sum) : "none held" }),
        held.length < rows.length && held.length ? ` (${held.length} of ${rows.length} rows have one)` : "");
      return span;
    }));
  }

  function draw() {
    rows = left();
    $("state").textContent = `${rows.length.toLocaleString("en-US")} of ${table.columns[0].values.length.toLocaleString("en-US")} rows`;
    const head = document.createElement("tr");
    table.columns.forEach((column) => {
      const cell = Object.assign(document.createElement("th"), { scope: "col", title: column.about });
      if (isNumber(column)) cell.className = "num";
      if (order && order.column === column) cell.setAttribute("aria-sort", order.down ? "descending" : "ascending");
      const button = Object.assign(document.createElement("button"), { className: "sort", type: "button",
        textContent: column.name.replaceAll("_", " ") + (order && order.column === column ? (order.down ? " ↓" : " ↑") : "") });
      button.addEventListener("click", () => {
        order = { column, down: order && order.column === column ? !order.down : isNumber(column) };
        draw();
        $("rows").querySelectorAll(".sort")[table.columns.indexOf(column)].focus();
      });
      cell.append(button);
      head.append(cell);
    });
    $("rows").tHead.replaceChildren(head);
    $("rows").tBodies[0].replaceChildren(...rows.slice(0, shown).map((row) => {
      const line = document.createElement("tr");
      table.columns.forEach((column) => {
        const cell = document.createElement("td");
        if (isNumber(column)) cell.className = "num";
        cell.textContent = written(column, value(column, row));
        if (cell.textContent.length > 40) cell.title = cell.textContent;
        line.append(cell);
      });
      return line;
    }));
    $("more").hidden = rows.length <= shown;
    sums();
  }

  const quoted = (one) => one === null || one === undefined ? "" : /[",\n]/.test(String(one)) ? `"${String(one).replaceAll('"', '""')}"` : String(one);
  $("take").addEventListener("click", () => {
    const lines = [table.columns.map((column) => column.name), ...rows.map((row) => table.columns.map((column) => value(column, row)))];
    const file = new Blob([lines.map((line) => line.map(quoted).join(",")).join("\n") + "\n"], { type: "text/csv" });
    const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: `${table.name}.csv` });
    link.click();
    URL.revokeObjectURL(link.href);
  });
  $("more").addEventListener("click", () => { shown += 1000; draw(); });
  words.addEventListener("input", () => { shown = STEP; draw(); });

  function load() {
    const option = select.selectedOptions[0];
    history.replaceState(null, "", `#${option.value}`);
    shown = STEP;
    document.body.append(Object.assign(document.createElement("script"), { src: option.dataset.script }));
  }
  select.addEventListener("change", load);
  const named = [...select.options].find((option) => option.value === decodeURIComponent(location.hash.slice(1)));
  if (named) select.value = named.value;
  load();
})();
