// Forms: sent once however often it is pressed, the summary of faults takes the focus, days, one-press sentences,
// nobody leaves half-filled fields without being asked.
import { each } from "./folding.js";
import { unsent } from "./toast.js";

function onceOnly(form) {
  form.addEventListener("submit", (event) => {
    if (form.getAttribute("aria-busy") === "true") { event.preventDefault(); return; }
    // The browser would leave the page for one that says nothing; here everything typed stays.
    if (!navigator.onLine) { event.preventDefault(); event.stopImmediatePropagation(); unsent(); return; }
    form.setAttribute("aria-busy", "true");
    event.submitter?.setAttribute("data-pressed", "");
    delete form.dataset.changed;
    setTimeout(() => free(form), 15000);
  });
}

// The word by which a form is known: who goes back to it in this tab and sends it again means the same thing, not another.
function remembered(form) {
  const word = form.elements.namedItem("once"), known = "once " + form.getAttribute("action");
  if (!word) { return; }
  if (history.state?.[known]) { word.value = history.state[known]; }
  form.addEventListener("submit", () => history.replaceState({ ...history.state, [known]: word.value }, ""));
}

function free(form) {
  form.removeAttribute("aria-busy");
  form.querySelector("[data-pressed]")?.removeAttribute("data-pressed");
}

const day = /^\s*(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{2}|\d{4})\s*$/;

function days(box) {
  const text = box.querySelector("input[type=text]"), pick = box.querySelector(".day__pick"), native = pick.querySelector("input");
  const two = (value) => String(value).padStart(2, "0");
  const tidy = () => {
    const bare = /^\s*(\d{2})(\d{2})(\d{4})\s*$/.exec(text.value), found = bare || day.exec(text.value);
    if (found) { text.value = two(found[1]) + "/" + two(found[2]) + "/" + (found[3].length === 2 ? "20" + found[3] : found[3]); }
  };
  pick.hidden = false;
  text.addEventListener("change", tidy);
  pick.querySelector("button").addEventListener("click", () => {
    tidy();
    const found = day.exec(text.value);
    native.value = found ? found[3] + "-" + two(found[2]) + "-" + two(found[1]) : "";
    native.showPicker();
  });
  native.addEventListener("change", () => {
    const [year, month, date] = native.value.split("-");
    if (date) { text.value = date + "/" + month + "/" + year; text.dispatchEvent(new Event("input", { bubbles: true })); text.focus(); }
  });
}

function phrases(group) {
  group.addEventListener("click", (event) => {
    const button = event.target.closest("button"), field = document.getElementById(group.dataset.phrases);
    if (!button || !field) { return; }
    const before = field.value.slice(0, field.selectionStart), gap = before && !/\s$/.test(before) ? " " : "";
    field.setRangeText(gap + button.textContent, field.selectionStart, field.selectionEnd, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  });
}

// One unit leads: a second "lead" turns the first into "support".
function units(tree) {
  tree.addEventListener("change", (event) => {
    if (event.target.value !== "lead") { return; }
    tree.querySelectorAll("input[value=lead]:checked").forEach((each) => {
      if (each !== event.target) { tree.querySelector(`input[name="${CSS.escape(each.name)}"][value=support]`).checked = true; }
    });
  });
}

export function start(root) {
  each(root, "form[data-once]", (form) => { onceOnly(form); remembered(form); });
  each(root, "[data-day]", days);
  each(root, "[data-phrases]", phrases);
  each(root, "[data-units]", units);
  each(root, "form[data-unsaved]", (form) => form.addEventListener("input", () => { form.dataset.changed = ""; }));
  each(root, "[data-focus]", (summary) => summary.focus());
}

export function once() {
  addEventListener("beforeunload", (event) => { if (document.querySelector("form[data-changed]")) { event.preventDefault(); } });
  // Back from the page after: the browser may show this one as it was when it was sent.
  addEventListener("pageshow", (event) => { if (event.persisted) { document.querySelectorAll("form[aria-busy]").forEach(free); } });
  document.body.addEventListener("htmx:afterRequest", (event) => { const form = event.target.closest?.("form[aria-busy]"); if (form) { free(form); } });
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".faults a");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) { return; }
    event.preventDefault();
    const at = field.matches("fieldset") ? field.querySelector("input, select, textarea") : field.hidden || field.offsetParent === null ? field.parentElement.querySelector("[role=combobox]") : field;
    (at || field).focus();
    (at || field).closest(".entry")?.scrollIntoView({ block: "center" });
  });
}
