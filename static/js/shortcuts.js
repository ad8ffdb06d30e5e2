// Keyboard: any control names its keys in data-shortcut ("g l", "c"). Off by the member's preference on
// <body>: data-shortcuts="off" (WCAG 2.1.4).
(() => {
  "use strict";

  const PATIENCE = 1200; // milliseconds between the keys of a sequence
  let pressed = [];
  let last = 0;

  const LIST_KEYS = { j: "next", ArrowDown: "next", k: "previous", ArrowUp: "previous", x: "toggle" };
  const CODES = { Slash: "/", Period: ".", Comma: ",", Equal: "=" };

  // Arabic and other layouts give letters of their own: then the place of the key decides.
  function keyOf(event) {
    if (event.key.length > 1 || /^[\x20-\x7e]$/.test(event.key)) return event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (event.code.startsWith("Key")) return event.code.slice(3).toLowerCase();
    if (event.code === "Slash" && event.shiftKey) return "?";
    return CODES[event.code] || event.key;
  }

  const typing = (element) => element.closest("input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select, [contenteditable]");

  const keysOf = (element) => element.dataset.shortcut;
  const visible = (element) => !element.closest("[hidden], dialog:not([open])");
  const controls = () => Array.from(document.querySelectorAll("[data-shortcut]")).filter(visible);

  function use(element) {
    if (element.matches("input:not([type=checkbox]), textarea, select")) {
      element.focus();
      if (element.select) element.select();
    } else element.click();
  }

  // Longest first: "n p" wins over a page's own "p" when n was pressed just before.
  function find(sequence) {
    for (let start = 0; start < sequence.length; start += 1) {
      const wanted = sequence.slice(start).join(" ");
      const found = controls().find((element) => keysOf(element) === wanted);
      if (found) return found;
    }
    return null;
  }

  function onKey(event) {
    if (document.body.dataset.shortcuts === "off" || event.defaultPrevented || event.isComposing) return;
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    const key = keyOf(event);
    const lists = window.receivablesList;
    if (lists && LIST_KEYS[key] && (key.length === 1 || event.target.closest("table[data-list]")) && !event.target.closest(".dropdown")) {
      if (lists[LIST_KEYS[key]]()) { event.preventDefault(); pressed = []; return; }
    }
    if (key.length > 1) return;
    pressed = event.timeStamp - last < PATIENCE ? [...pressed, key].slice(-2) : [key];
    last = event.timeStamp;
    const found = find(pressed);
    if (!found) return;
    event.preventDefault();
    pressed = [];
    use(found);
  }

  // The help dialog lists what this page really answers to, in the words of its controls.
  function listKeys() {
    const list = document.getElementById("shortcut-list");
    if (!list) return;
    list.querySelectorAll("[data-from-page]").forEach((item) => item.remove());
    for (const element of controls()) {
      const item = document.createElement("li");
      item.setAttribute("data-from-page", "");
      const label = document.createElement("span");
      label.textContent = element.dataset.shortcutLabel || element.getAttribute("aria-label") || element.textContent.trim();
      const keys = document.createElement("kbd");
      keys.textContent = keysOf(element);
      item.append(label, keys);
      list.append(item);
    }
  }

  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => { if (event.target.closest('[data-dialog="shortcuts"]')) listKeys(); }, true);
})();
