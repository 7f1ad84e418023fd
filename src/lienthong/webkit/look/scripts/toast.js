// Short messages at the edge: read out politely, gone after a while unless they tell of a fault or hold an undo.
import { each, make } from "./folding.js";

const place = () => document.getElementById("toasts");

function watch(toast) {
  toast.append(make("button", { type: "button", className: "button--bare", "aria-label": place().dataset.close, onclick: () => toast.remove() }, "×"));
  if (!toast.classList.contains("toast--error")) { setTimeout(() => { if (!toast.matches(":hover, :focus-within")) { toast.remove(); } }, 10000); }
}

export function say(words, tone) {
  if (!place()) { return null; }
  const toast = make("div", { className: "toast" + (tone ? " toast--" + tone : "") }, make("p", {}, words));
  toast.dataset.toast = "";
  place().append(toast);
  start(toast);
  return toast;
}

// Nothing was sent because this computer is not connected; the message lies over what is to be pressed then, so it goes.
export function unsent() {
  const toast = say(place()?.dataset.unsent, "error");
  addEventListener("online", () => toast?.remove(), { once: true });
}

export function start(root) {
  each(root, ".toasts [data-toast]", watch);
}

export function once() {
  document.body.addEventListener("htmx:sendError", () => say(place().dataset.lost, "error"));
  document.body.addEventListener("htmx:responseError", () => say(place().dataset.failed, "error"));
}
