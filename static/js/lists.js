// Rows of a list: choosing them for a bulk action (kept while paging) and walking them by key.
(() => {
  "use strict";

  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const bar = () => document.querySelector("form[data-bulk]");
  const boxes = () => all("input.row-select");
  const storeKey = (form) => `selection:${form.dataset.bulk}`;

  function stored(form) {
    try {
      return new Set(JSON.parse(sessionStorage.getItem(storeKey(form)) || "[]"));
    } catch {
      return new Set();
    }
  }

  function remember(form) {
    const chosen = stored(form);
    boxes().forEach((box) => (box.checked ? chosen.add(box.value) : chosen.delete(box.value)));
    sessionStorage.setItem(storeKey(form), JSON.stringify([...chosen]));
    show(form, chosen);
  }

  function show(form, chosen) {
    const everything = form.elements.namedItem("everything");
    form.hidden = chosen.size === 0 && !(everything && everything.checked);
    all("[data-bulk-count]", form).forEach((place) => { place.textContent = chosen.size; });
    const head = document.querySelector("input[data-select-page]");
    if (!head) return;
    const here = boxes();
    const marked = here.filter((box) => box.checked).length;
    head.checked = marked > 0 && marked === here.length;
    head.indeterminate = marked > 0 && marked < here.length;
  }

  // Rows of other pages are sent along as hidden fields beside the ticked ones.
  function sendOtherPages(event) {
    const form = event.target;
    if (!form.matches("form[data-bulk]")) return;
    const here = new Set(boxes().map((box) => box.value));
    for (const value of stored(form)) {
      if (here.has(value)) continue;
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = "selected";
      field.value = value;
      form.append(field);
    }
    sessionStorage.removeItem(storeKey(form));
  }

  function clear(form) {
    sessionStorage.removeItem(storeKey(form));
    boxes().forEach((box) => { box.checked = false; });
    const everything = form.elements.namedItem("everything");
    if (everything) everything.checked = false;
    show(form, new Set());
  }

  function start() {
    const form = bar();
    if (!form) return;
    const chosen = stored(form);
    boxes().forEach((box) => { box.checked = chosen.has(box.value); });
    show(form, chosen);
  }

  document.addEventListener("change", (event) => {
    const form = bar();
    if (!form) return;
    if (event.target.matches("input[data-select-page]")) boxes().forEach((box) => { box.checked = event.target.checked; });
    if (event.target.matches("input[data-select-page], input.row-select") || event.target.form === form) remember(form);
  });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-bulk-clear]")) clear(bar()); });
  document.addEventListener("submit", sendOtherPages);
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:afterSettle", start);

  // Walking: the row in hand is the row that has the focus; its first link opens it.
  const rows = () => all("table[data-list] > tbody > tr");

  function focusRow(row) {
    const target = row.querySelector("a[href]");
    if (!target) row.tabIndex = -1;
    (target || row).focus();
    row.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const list = rows();
    if (!list.length) return false;
    const now = list.findIndex((row) => row.contains(document.activeElement));
    const next = now < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(now + by, 0), list.length - 1);
    focusRow(list[next]);
    return true;
  }

  function toggle() {
    const row = document.activeElement && document.activeElement.closest("table[data-list] > tbody > tr");
    const box = row && row.querySelector("input.row-select");
    if (!box) return false;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  window.receivablesList = { next: () => step(1), previous: () => step(-1), toggle };
})();
