// What was typed into a long form and sent in vain (the session had ended, the form was too old) is kept in this tab until
// the form is open again, and offered there. Nothing is kept of passwords, and nothing after it was taken.
import { each, make } from "./folding.js";

const PREFIX = "look:typed:";
const LONGEST = 500000;

const fields = (form) => [...form.elements].filter((one) => one.name && one.matches("textarea, select, input:not([type=hidden],[type=password],[type=file])"));

function note(form) {
  const typed = fields(form).map((one) => [one.name, one.matches("[type=checkbox], [type=radio]") ? [one.value, one.checked] : one.multiple ? [...one.selectedOptions].map((chosen) => chosen.value) : one.value]);
  const text = JSON.stringify(typed);
  try { if (text.length < LONGEST) { sessionStorage.setItem(PREFIX + location.pathname, text); } } catch (refused) { /* a private window keeps nothing */ }
}

function put(form, typed) {
  const left = fields(form);
  for (const [name, value] of typed) {
    const at = left.findIndex((one) => one.name === name && (!Array.isArray(value) || one.multiple || one.value === value[0]));
    if (at < 0) { continue; }
    const [field] = left.splice(at, 1);
    if (field.multiple) { [...field.options].forEach((one) => { one.selected = value.includes(one.value); }); }
    else if (Array.isArray(value)) { field.checked = value[1]; }
    else { field.value = value; }
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function offer(form) {
  form.addEventListener("submit", () => note(form));
  let kept = null;
  try { kept = sessionStorage.getItem(PREFIX + location.pathname); } catch (refused) { kept = null; }
  const words = document.getElementById("toasts")?.dataset;
  if (!kept || !words || form.querySelector("[aria-invalid=true]") || document.querySelector("[role=alert]")) { return; }
  const bar = make("p", { className: "notice notice--waiting", role: "status" }, make("span", {}, words.held));
  const take = make("button", { type: "button", className: "button--quiet button--small" }, words.heldTake);
  const leave = make("button", { type: "button", className: "button--link" }, words.heldLeave);
  take.onclick = () => { put(form, JSON.parse(kept)); bar.remove(); };
  leave.onclick = () => { sessionStorage.removeItem(PREFIX + location.pathname); bar.remove(); };
  bar.append(take, leave);
  form.prepend(bar);
}

export function start(root) { each(root, "form[data-unsaved]", offer); }

// Another page than the form's own, of somebody who is signed in, without a refusal: what was sent was taken.
export function once() {
  if (!document.getElementById("toasts") || document.querySelector("main [role=alert]")) { return; }
  try {
    const from = document.referrer && new URL(document.referrer).pathname;
    if (from && from !== location.pathname) { sessionStorage.removeItem(PREFIX + from); }
  } catch (refused) { /* nothing was kept */ }
}
