// Three panes: widths by pointer or arrow keys, remembered; on a narrow screen one step after the other. The document:
// page number, zoom, small pictures.
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

function viewer(doc) {
  const body = doc.querySelector(".doc__leaves"), number = doc.querySelector("[data-doc-page]"), leaves = [...doc.querySelectorAll("[data-leaf]")];
  const thumbs = doc.querySelector(".doc__thumbs"), toggle = doc.querySelector("[data-doc-thumbs]"), zoom = doc.querySelector("[data-doc-zoom]");
  const links = thumbs ? [...thumbs.querySelectorAll("a")] : [];
  const fitting = zoom.querySelector("output").textContent;
  let scale = 1;
  const to = (page) => {
    const leaf = leaves[Math.min(Math.max(page, 1), leaves.length) - 1];
    if (leaf) { body.scrollTo({ top: leaf.offsetTop - body.offsetTop - 8 }); }
  };
  const tell = (page) => {
    if (document.activeElement !== number) { number.value = String(page); }
    links.forEach((each, at) => { if (at === page - 1) { each.setAttribute("aria-current", "true"); } else { each.removeAttribute("aria-current"); } });
  };
  const seen = new Map();
  const watch = new IntersectionObserver((changes) => {
    changes.forEach((each) => seen.set(Number(each.target.dataset.leaf), each.intersectionRect.height));
    const [page] = [...seen.entries()].sort((one, other) => other[1] - one[1] || one[0] - other[0])[0];
    tell(page);
  }, { root: body, threshold: [0, .25, .5, .75, 1] });
  leaves.forEach((each) => watch.observe(each));
  number.addEventListener("change", () => to(Number(number.value) || 1));
  number.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); to(Number(number.value) || 1); } });
  links.forEach((each, at) => each.addEventListener("click", (event) => { event.preventDefault(); to(at + 1); }));
  zoom.hidden = false;
  zoom.addEventListener("click", (event) => {
    const asked = event.target.closest("button")?.value;
    if (!asked) { return; }
    const at = body.scrollTop / body.scrollHeight;
    scale = asked === "fit" ? 1 : Math.min(4, Math.max(.5, scale * (asked === "in" ? 1.25 : .8)));
    if (Math.abs(scale - 1) < .02) { scale = 1; }
    doc.style.setProperty("--zoom", String(scale));
    zoom.querySelector("output").textContent = scale === 1 ? fitting : Math.round(scale * 100) + " %";
    body.scrollTop = at * body.scrollHeight;
  });
  if (toggle && links.length > 1) {
    toggle.hidden = false;
    toggle.addEventListener("click", () => { thumbs.hidden = !thumbs.hidden; toggle.setAttribute("aria-pressed", String(!thumbs.hidden)); keep("thumbs", thumbs.hidden ? "0" : "1"); });
    if (kept("thumbs") === "1") { toggle.click(); }
  }
}

export function start(root) {
  each(root, "[data-panes]", (panes) => {
    panes.dataset.ready = "1";
    widths(panes);
    steps(panes);
  });
  each(root, "[data-doc]", viewer);
}
