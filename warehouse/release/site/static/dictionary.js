/* Filters the dictionary, and opens the table that an address names. */
(() => {
  "use strict";
  const box = document.querySelector("#filter");
  const all = [...document.querySelectorAll(".tables > details")];
  box.addEventListener("input", () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    all.forEach((one) => { one.hidden = !words.every((word) => one.dataset.words.includes(word)); });
  });
  const open = () => {
    const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (named && named.tagName === "DETAILS") { named.open = true; named.scrollIntoView(); }
  };
  addEventListener("hashchange", open);
  open();
})();
