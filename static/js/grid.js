// Collections and assignments by keyboard: walking a column, taking the balance, saving. Nothing is worked out here.
(() => {
  "use strict";

  const off = () => document.body.dataset.shortcuts === "off";
  const fields = (grid, name) => Array.from(grid.querySelectorAll(`input[name^="${name}_"]`));

  function walk(event, field, step) {
    const column = fields(field.closest(".assign-grid"), field.name.split("_")[0]);
    const next = column[column.indexOf(field) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
    if (next.type === "text") next.select();
  }

  function takeBalance(event, field) {
    event.preventDefault();
    field.value = field.dataset.balance;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function save(event, form) {
    event.preventDefault();
    form.requestSubmit(form.querySelector('button[name="step"][value="save"]'));
  }

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest("form#assign");
    if (!form || off()) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      save(event, form);
      return;
    }
    const field = event.target;
    if (!field.matches(".assign-grid input") || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ArrowDown") walk(event, field, 1);
    else if (event.key === "ArrowUp") walk(event, field, -1);
    else if (event.key === "=" && field.dataset.balance) takeBalance(event, field);
  });
})();
