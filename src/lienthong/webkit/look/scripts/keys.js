// The keyboard map. Keys belong to elements (data-key, data-goto), so that a page offers what it shows and nothing else.
import { composing, isField, make } from "./folding.js";

let leading = 0;

const off = () => document.documentElement.dataset.keys === "off";
const seen = (each) => each.offsetParent !== null || getComputedStyle(each).position === "fixed";

// The list that J and K move in: the one with the focus, else the first of the page.
function rows() {
  const near = document.activeElement?.closest("[data-list]") || [...document.querySelectorAll("[data-list]")].find(seen);
  return near ? [...near.querySelectorAll("[data-row]")].filter(seen) : [];
}

function move(by) {
  const all = rows();
  if (!all.length) { return false; }
  const marked = (each) => each.contains(document.activeElement) || each.querySelector("[aria-current]") || each.classList.contains("is-current");
  let at = all.findIndex((each) => each.contains(document.activeElement));
  if (at < 0) { at = all.findIndex(marked); }
  const to = all[Math.min(Math.max(at + by, 0), all.length - 1)];
  const link = to.querySelector("[data-open-row]");
  link.focus({ preventScroll: true });
  to.scrollIntoView({ block: "nearest" });
  return true;
}

function mark() {
  const tick = document.activeElement?.closest("[data-row]")?.querySelector("input[type=checkbox]");
  tick?.click();
  return Boolean(tick);
}

function press(element) {
  const closed = element.closest("details.menu:not([open])");
  if (closed) { closed.open = true; }
  if (element.matches("input, textarea, select")) { element.focus(); element.select?.(); } else { element.click(); }
  return true;
}

// An element for the very letter comes before one for the letter in the other case: n and Shift+N may be two acts.
function find(pressed) {
  const all = [...document.querySelectorAll("[data-key]")].filter((each) => each.dataset.key.toLowerCase() === pressed.toLowerCase() && !each.disabled && (seen(each) || each.closest("details")) && inScope(each));
  return all.find((each) => each.dataset.key === pressed) || all[0];
}

// Keys of a part with data-keys-scope count while the focus is in it, or while nothing else has the focus.
function inScope(element) {
  const scope = element.closest("[data-keys-scope]"), at = document.activeElement;
  return !scope || scope.contains(at) || at === document.body || at === document.getElementById("main");
}

function back() {
  const way = document.querySelector("[data-escape]");
  if (way) { way.click(); return true; }
  return false;
}

function handle(event) {
  if (composing(event) || event.defaultPrevented) { return; }
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    const form = document.activeElement?.closest("form[method=post]");
    if (form && !off()) { event.preventDefault(); form.requestSubmit(); }
    return;
  }
  if (off() || event.ctrlKey || event.metaKey || event.altKey) { return; }
  if (event.key === "Escape") {
    if (isField(document.activeElement)) { document.activeElement.blur(); }
    else if (!document.querySelector("dialog[open]") && back()) { event.preventDefault(); }
    return;
  }
  if (isField(document.activeElement) || document.querySelector("dialog[open]")) { return; }
  const key = event.key.toLowerCase();
  if (Date.now() - leading < 1500) {
    leading = 0;
    const place = [...document.querySelectorAll("[data-goto]")].find((each) => each.dataset.goto === key);
    if (place) { event.preventDefault(); place.click(); }
    return;
  }
  if (key === "g") { leading = Date.now(); return; }
  const own = { j: () => move(1), k: () => move(-1), x: mark }[key];
  const owner = find(event.key);
  if (owner ? press(owner) : own && own()) { event.preventDefault(); }
}

const named = (key) => (key.toLowerCase() !== key ? "Shift+" + key : key.toUpperCase());

// What the help lists: the keys of this page as it is now.
function list(body) {
  const lines = [], said = new Set();
  const add = (keys, words) => { if (!said.has(keys)) { said.add(keys); lines.push(make("tr", {}, make("td", {}, make("kbd", {}, keys)), make("td", {}, words))); } };
  if (document.querySelector("[data-list]")) {
    add("J", body.dataset.next); add("K", body.dataset.before); add("Enter", body.dataset.open);
    if (document.querySelector("[data-list] input[name=row]")) { add("X", body.dataset.mark); }
  }
  document.querySelectorAll("[data-key][data-key-says]").forEach((each) => add(named(each.dataset.key), each.dataset.keySays));
  document.querySelectorAll("[data-goto][data-key-says]").forEach((each) => add("G " + each.dataset.goto.toUpperCase(), each.dataset.keySays));
  if (document.querySelector("form[method=post]")) { add("Ctrl+Enter", body.dataset.submit); }
  add("Esc", body.dataset.escape);
  body.replaceChildren(...lines);
}

export function start() { /* keys are looked up when they are pressed */ }

export function once() {
  document.addEventListener("keydown", handle);
  const help = document.getElementById("keys");
  help?.addEventListener("look:opening", () => list(help.querySelector("[data-keys-list]")));
}
