// Starts every part on the page and again on what htmx brings in. Every part is plain HTML that works before.
import * as combo from "./combo.js";
import * as forms from "./forms.js";
import * as keys from "./keys.js";
import * as lists from "./lists.js";
import * as menus from "./menus.js";
import * as panes from "./panes.js";
import * as toast from "./toast.js";
import * as typed from "./typed.js";
import * as upload from "./upload.js";

const parts = [upload, combo, forms, lists, menus, panes, toast, keys, typed];

parts.forEach((each) => { each.once?.(); });
parts.forEach((each) => { each.start(document); });
document.body.addEventListener("htmx:load", (event) => {
  if (event.detail.elt !== document.body) { parts.forEach((each) => { each.start(event.detail.elt); }); }
});
if (document.body.dataset.worker && "serviceWorker" in navigator) { navigator.serviceWorker.register(document.body.dataset.worker).catch(() => {}); }
document.documentElement.dataset.ready = "";
