// Ticks and the bar over ticked rows, density, a click anywhere in a row, live search that waits for the input method.
import { composing, each, keep } from "./folding.js";

function bulk(form) {
  form.dataset.ready = "1";
  const all = form.querySelector("[data-all]"), count = form.querySelector("[data-bulk-count]");
  const ticks = () => [...form.querySelectorAll("input[name=row]")];
  let last = null;
  const tell = () => {
    const on = ticks().filter((each) => each.checked).length;
    count.textContent = String(on);
    form.toggleAttribute("data-some", on > 0);
    if (all) { all.checked = on > 0 && on === ticks().length; all.indeterminate = on > 0 && on < ticks().length; }
  };
  form.addEventListener("change", (event) => {
    if (event.target === all) { ticks().forEach((each) => { each.checked = all.checked; }); }
    tell();
  });
  form.addEventListener("click", (event) => {
    if (event.target.closest("[data-bulk-clear]")) { ticks().forEach((each) => { each.checked = false; }); tell(); all?.focus(); }
    if (event.target.name !== "row") { return; }
    if (event.shiftKey && last && ticks().includes(last)) {
      const [one, other] = [ticks().indexOf(last), ticks().indexOf(event.target)].sort((a, b) => a - b);
      ticks().slice(one, other + 1).forEach((each) => { each.checked = event.target.checked; });
    }
    last = event.target;
  });
  tell();
}

// A press anywhere in a row opens it, but not on what can be pressed itself, nor while text is being marked.
function rows(list) {
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row || event.target.closest("a, button, input, label, summary, details") || String(getSelection())) { return; }
    row.querySelector("[data-open-row]")?.click();
  });
}

function density(group) {
  const root = document.documentElement;
  const tell = () => group.querySelectorAll("button").forEach((each) => each.setAttribute("aria-pressed", String(each.value === (root.dataset.density || "comfort"))));
  group.hidden = false;
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) { root.dataset.density = button.value; keep("density", button.value); tell(); }
  });
  tell();
}

function live(input) {
  let waiting = 0, sent = input.value;
  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (input.value !== sent) { sent = input.value; input.dispatchEvent(new CustomEvent("live", { bubbles: true })); }
    }, 300);
  };
  input.addEventListener("input", (event) => { if (composing(event)) { clearTimeout(waiting); } else { soon(); } });
  input.addEventListener("compositionend", soon);
}

export function start(root) {
  each(root, "[data-bulk]", bulk);
  each(root, "[data-list]", rows);
  each(root, "[data-density-switch]", density);
  each(root, "input[data-live]", live);
}
