// Menus, drawer, dialogs, remembered folds and tabs. All of them are plain HTML before this runs.
import { composing, each, keep, kept } from "./folding.js";

let opener = null;

function closeMenus(but) {
  document.querySelectorAll("details.menu[open]").forEach((each) => { if (!but || !each.contains(but)) { each.open = false; } });
}

function drawer(open) {
  const nav = document.getElementById("nav");
  if (!nav) { return; }
  nav.classList.toggle("is-open", open);
  if (open) { nav.querySelector("a[aria-current], a:not(.nav__close)")?.focus(); } else { opener?.focus(); }
}

export function show(dialog, from) {
  opener = from || document.activeElement;
  dialog.dispatchEvent(new CustomEvent("look:opening"));
  dialog.showModal();
  dialog.querySelector("[autofocus], .dialog__in input:not([type=hidden]), .dialog__in textarea, .dialog__in button")?.focus();
}

// Sections of this page behind tabs (WAI-ARIA tabs with automatic choice).
function tabs(list) {
  list.setAttribute("role", "tablist");
  const all = [...list.querySelectorAll("a")];
  const choose = (tab, focus) => {
    all.forEach((each) => {
      const on = each === tab, panel = document.getElementById(each.hash.slice(1));
      each.setAttribute("aria-selected", String(on));
      each.tabIndex = on ? 0 : -1;
      if (panel) { panel.hidden = !on; panel.setAttribute("role", "tabpanel"); panel.tabIndex = 0; }
    });
    if (focus) { tab.focus(); }
  };
  all.forEach((each, at) => {
    each.setAttribute("role", "tab");
    each.setAttribute("aria-controls", each.hash.slice(1));
    each.addEventListener("click", (event) => { event.preventDefault(); choose(each); });
    each.addEventListener("keydown", (event) => {
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (to !== undefined) { event.preventDefault(); choose(all[(to + all.length) % all.length], true); }
    });
  });
  const asked = all.find((each) => each.hash === location.hash && location.hash);
  choose(asked || all.find((each) => each.hasAttribute("aria-current")) || all[0]);
  all.forEach((each) => each.removeAttribute("aria-current"));
}

export function start(root) {
  each(root, "[data-tabs]", tabs);
  each(root, "[data-remember]", (fold) => {
    const said = kept("open:" + fold.dataset.remember);
    if (said) { fold.open = said === "1"; } else if ("foldNarrow" in fold.dataset && matchMedia("(max-width: 700px)").matches) { fold.open = false; }
    fold.addEventListener("toggle", () => keep("open:" + fold.dataset.remember, fold.open ? "1" : "0"));
  });
  each(root, "[data-fold-nav]", (button) => {
    const tell = () => button.setAttribute("aria-pressed", String(document.documentElement.dataset.nav === "slim"));
    button.hidden = false;
    tell();
    button.addEventListener("click", () => {
      const next = document.documentElement.dataset.nav === "slim" ? "wide" : "slim";
      document.documentElement.dataset.nav = next;
      keep("nav", next);
      tell();
    });
  });
  each(root, "[data-typed]", (field) => {
    const button = field.form.querySelector("button:not([type=button])");
    const tell = () => { button.disabled = field.value.normalize("NFC").trim() !== field.dataset.typed.normalize("NFC"); };
    field.addEventListener("input", tell);
    tell();
  });
}

export function once() {
  document.addEventListener("click", (event) => {
    const at = event.target;
    closeMenus(at);
    const open = at.closest("[data-opens]"), slide = at.closest("[data-drawer]");
    if (open) { show(document.getElementById(open.dataset.opens), open); }
    if (slide) { event.preventDefault(); opener = slide; drawer(true); }
    if (at.closest(".nav__close")) { event.preventDefault(); drawer(false); }
    if (!slide && !at.closest("#nav")) { document.getElementById("nav")?.classList.remove("is-open"); }
    if (at.closest("[data-close]")) { at.closest("dialog")?.close(); }
    if (at.matches("dialog")) { at.close(); }
  });
  document.addEventListener("close", () => opener?.focus(), true);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || composing(event)) { return; }
    const menu = document.querySelector("details.menu[open]");
    if (menu) { event.preventDefault(); menu.open = false; menu.querySelector("summary").focus(); }
    else if (document.querySelector("#nav.is-open")) { event.preventDefault(); drawer(false); }
  });
  // A link to a reason that is folded opens it.
  const unfold = () => {
    const asked = location.hash && document.getElementById(location.hash.slice(1));
    if (asked instanceof HTMLDetailsElement) { asked.open = true; asked.scrollIntoView({ block: "nearest" }); }
  };
  window.addEventListener("hashchange", unfold);
  unfold();
}
