// Three panes: widths by pointer or arrow keys, remembered; on a narrow screen one step after the other.
import { each, keep, kept } from "./folding.js";

function widths(panes) {
  panes.querySelectorAll("[role=separator]").forEach((bar) => {
    const name = bar.dataset.size, low = Number(bar.getAttribute("aria-valuemin")), high = Number(bar.getAttribute("aria-valuemax"));
    const set = (asked, remember) => {
      const value = Math.round(Math.min(high, Math.max(low, asked)));
      panes.style.setProperty("--" + name, value + "%");
      bar.setAttribute("aria-valuenow", String(value));
      if (remember) { keep("pane:" + panes.id + ":" + name, String(value)); }
    };
    const before = Number(kept("pane:" + panes.id + ":" + name));
    if (before) { set(before); }
    const now = () => Number(bar.getAttribute("aria-valuenow")), way = name === "side" ? -1 : 1;
    bar.addEventListener("keydown", (event) => {
      const to = { ArrowRight: now() + 2 * way, ArrowLeft: now() - 2 * way, Home: low, End: high }[event.key];
      if (to !== undefined) { event.preventDefault(); set(to, true); }
    });
    bar.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      bar.setPointerCapture(event.pointerId);
      const box = panes.getBoundingClientRect();
      const drag = (at) => set(100 * (name === "side" ? box.right - at.clientX : at.clientX - box.left) / box.width, true);
      bar.addEventListener("pointermove", drag);
      bar.addEventListener("pointerup", () => bar.removeEventListener("pointermove", drag), { once: true });
    });
  });
}

function steps(panes) {
  const links = [...panes.querySelectorAll("[data-step-to]")];
  const go = (step) => {
    panes.dataset.step = step;
    links.forEach((each) => { if (each.dataset.stepTo === step) { each.setAttribute("aria-current", "step"); } else { each.removeAttribute("aria-current"); } });
  };
  links.forEach((each) => each.addEventListener("click", (event) => {
    event.preventDefault();
    go(each.dataset.stepTo);
    document.getElementById(each.hash.slice(1))?.focus({ preventScroll: true });
  }));
  go(panes.dataset.step);
}

export function start(root) {
  each(root, "[data-panes]", (panes) => {
    panes.dataset.ready = "1";
    widths(panes);
    steps(panes);
  });
}
