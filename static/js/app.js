// What every page does without a reload. Each part works alone, and the page works without any of them.
(() => {
  "use strict";

  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const text = (key) => document.body.dataset[key] || "";

  // One polite live region. A message is spoken after one quiet second, so that typing stays calm.
  let speaking;
  function announce(message) {
    clearTimeout(speaking);
    speaking = setTimeout(() => {
      const region = document.getElementById("live");
      if (region) region.textContent = message;
    }, 1000);
  }

  // Refused buttons: the press leads to the reason instead of doing nothing.
  function goToReason(event) {
    const button = event.target.closest('[aria-disabled="true"]');
    if (!button) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const reason = document.getElementById((button.getAttribute("aria-describedby") || "").split(" ")[0]);
    if (!reason) return;
    reason.tabIndex = -1;
    reason.focus();
  }

  // A form is sent once. The server is idempotent anyway; this spares people the second click.
  function guardSubmit(event) {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-repeatable")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    if (form.hasAttribute("hx-post")) return;
    form.dataset.sent = "yes";
    delete form.dataset.dirty;
    if (event.submitter) event.submitter.setAttribute("data-busy", "");
  }

  function releaseForms() {
    all("form[data-sent]").forEach((form) => delete form.dataset.sent);
    all("[data-busy]").forEach((button) => button.removeAttribute("data-busy"));
  }

  // Leaving a form that was changed asks first: <form data-confirm-leave>.
  function markDirty(event) {
    const form = event.target.form;
    if (form && form.hasAttribute("data-confirm-leave")) form.dataset.dirty = "yes";
  }

  function confirmLeave(event) {
    if (document.querySelector("form[data-dirty]")) event.preventDefault();
  }

  function focusErrors(root) {
    const summary = root.querySelector(".error-summary");
    if (!summary) return;
    summary.focus();
    const prefix = text("errorPrefix");
    if (prefix && !document.title.startsWith(prefix)) document.title = prefix + document.title;
  }

  // Two minutes before the session ends a dialog offers to stay; any answer of the server starts the clock again.
  let ending;
  function watchSession() {
    const seconds = Number(text("sessionSeconds"));
    const dialog = document.getElementById("session-dialog");
    if (!seconds || !dialog) return;
    clearTimeout(ending);
    ending = setTimeout(() => dialog.showModal(), Math.min(Math.max(seconds - 120, 10) * 1000, 2 ** 31 - 1));
  }

  async function extendSession(event) {
    const button = event.target.closest("[data-session-extend]");
    if (!button) return;
    const form = button.closest("form");
    event.preventDefault();
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
    if (!answer.ok || answer.redirected) { form.submit(); return; }
    button.closest("dialog").close();
    watchSession();
  }

  function closeThings(event) {
    const closer = event.target.closest("[data-close]");
    if (!closer) return;
    const dialog = closer.closest("dialog");
    if (dialog) dialog.close();
    else closer.closest("[data-closable]").remove();
  }

  function openDialog(event) {
    const opener = event.target.closest("[data-dialog]");
    if (opener) document.getElementById(opener.dataset.dialog).showModal();
  }

  function printPage(event) {
    if (event.target.closest("[data-print]")) window.print();
  }

  // An answer that htmx does not swap is never a silent nothing.
  function requestFailed() {
    const banner = document.getElementById("request-failed");
    if (!banner) return;
    banner.hidden = false;
    banner.focus();
  }

  // The menu is a dialog only while it lies over the page; only then does it carry a dialog's name.
  const nameMenu = (event) => event.target.setAttribute("aria-label", event.target.dataset.dialogLabel || "");
  const unnameMenu = (event) => event.target.removeAttribute("aria-label");

  // An answer fills an empty field. One that a person is in, or has filled meanwhile, is theirs, and is worked out anew.
  function keepTyped(event) {
    const field = event.detail.target;
    if (!field.matches("input[type=text]") || (field !== document.activeElement && !field.value)) return;
    event.detail.shouldSwap = false;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // One tick for all boxes of a table; without scripts it is not shown.
  const offerTickAll = () => document.querySelectorAll("[data-tick-all]").forEach((head) => { head.hidden = false; });
  function tickAll(event) {
    const head = event.target.closest("[data-tick-all]");
    if (!head) return;
    head.closest("table").querySelectorAll("tbody input[type=checkbox]").forEach((box) => { box.checked = head.checked; });
  }

  document.addEventListener("click", goToReason, true);
  document.addEventListener("change", tickAll);
  document.addEventListener("htmx:oobBeforeSwap", keepTyped);
  document.addEventListener("show.bs.offcanvas", nameMenu);
  document.addEventListener("hidden.bs.offcanvas", unnameMenu);
  for (const act of [extendSession, closeThings, openDialog, printPage]) document.addEventListener("click", act);
  document.addEventListener("submit", guardSubmit);
  document.addEventListener("input", markDirty);
  document.addEventListener("htmx:afterRequest", (event) => { releaseForms(); if (event.detail.successful) watchSession(); });
  document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.detail.elt));
  document.addEventListener("htmx:responseError", requestFailed);
  document.addEventListener("htmx:sendError", requestFailed);
  document.addEventListener("announce", (event) => announce(event.detail.value || event.detail.text));
  window.addEventListener("beforeunload", confirmLeave);
  window.addEventListener("pageshow", releaseForms);
  document.addEventListener("DOMContentLoaded", () => { focusErrors(document); watchSession(); offerTickAll(); });
})();
