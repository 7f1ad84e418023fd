// The pages of a document: placeholders of the right shape for all of them, pictures and words only for those near the
// eye, however many there are; page number, zoom, turning, small pictures. Only pages with a document load this.
import { each, keep, kept, make } from "./folding.js";
import { seeking } from "./seeking.js";

const NEAR = 2, AWAY = 12, STILL = 90, TALLEST = 3e7;

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? values[name] : whole));

// The first of the items for which a test holds that, once true, stays true; their number when there is none.
function lowest(items, test) {
  let low = 0, high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (test(items[middle])) { high = middle; } else { low = middle + 1; }
  }
  return low;
}

// Places of the first and last item that can be seen in a box that scrolls.
function sight(box, items) {
  const top = box.scrollTop, end = top + box.clientHeight;
  const first = lowest(items, (item) => item.offsetTop + item.offsetHeight > top);
  return [Math.min(first, items.length - 1), Math.max(lowest(items, (item) => item.offsetTop >= end) - 1, first)];
}

// Call once when a box has stopped scrolling for a moment: what is scrolled past is not worth asking for.
function whenStill(box, act) {
  let waiting = 0;
  box.addEventListener("scroll", () => { clearTimeout(waiting); waiting = setTimeout(act, STILL); }, { passive: true });
}

// One figure for each page, those that came with the page kept; each knows its shape.
function complete(doc, body) {
  const known = new Map([...body.querySelectorAll("[data-leaf]")].map((one) => [Number(one.dataset.leaf), one]));
  const sizes = doc.dataset.sizes
    ? doc.dataset.sizes.split(" ").flatMap((run) => { const [count, width, height] = run.split(/[:x]/).map(Number); return Array(count).fill([width, height]); })
    : [...known.values()].map((one) => { const img = one.querySelector("img"); return [Number(img.getAttribute("width")), Number(img.getAttribute("height"))]; });
  const all = document.createDocumentFragment();
  const figures = sizes.map(([width, height], at) => {
    const figure = known.get(at + 1) || make("figure", { className: "leaf", id: doc.id + "-" + (at + 1), "data-leaf": String(at + 1) });
    figure.style.setProperty("--ratio", String(width / height));
    all.append(figure);
    return figure;
  });
  body.replaceChildren(all);
  return { figures, sizes };
}

// The pictures and words of pages: drawn when they come near, taken away when they are far.
function drawing(doc, body, figures, sizes, question) {
  const data = doc.dataset, layers = new Map(), drawn = new Set(figures.flatMap((one, at) => (one.firstChild ? [at] : [])));
  const sheet = (at) => figures[at].querySelector(".leaf__sheet") || figures[at].appendChild(make("div", { className: "leaf__sheet" }));
  const draw = (at) => {
    const [width, height] = sizes[at], place = sheet(at);
    const img = place.querySelector("img") || place.insertBefore(make("img", { decoding: "async", width, height, alt: filled(data.alt, { page: at + 1 }), src: filled(data.picture, { page: at + 1 }) }), place.firstChild);
    drawn.add(at);
    if (data.sharp && !img.dataset.sharp && figures[at].offsetWidth * devicePixelRatio > width * 1.3) {
      // The coarse picture stays until the fine one is there.
      const fine = new Image();
      img.dataset.sharp = "1";
      fine.addEventListener("load", () => { img.src = fine.src; });
      fine.src = filled(data.sharp, { page: at + 1 });
    }
  };
  const load = async (at) => {
    const asked = question();
    const answer = await fetch(filled(data.words, { page: at + 1 }) + (asked ? "?q=" + encodeURIComponent(asked) : ""));
    if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("image/svg+xml")) { return null; }
    const read = new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement;
    if (read.localName !== "svg" || asked !== question() || !layers.has(at)) { return null; }
    const words = document.importNode(read, true);
    sheet(at).querySelector("svg")?.remove();
    sheet(at).append(words);
    // The same words twice would be read aloud twice.
    if (words.querySelector("text")) { figures[at].querySelector("figcaption")?.remove(); }
    return words;
  };
  const layer = (at) => {
    if (!data.words) { return Promise.resolve(null); }
    if (!layers.has(at)) { layers.set(at, load(at).catch(() => { layers.delete(at); return null; })); }
    return layers.get(at);
  };
  const forget = () => { layers.clear(); body.querySelectorAll(".words__hit").forEach((one) => one.remove()); };
  const show = () => {
    const [first, last] = sight(body, figures), chosen = getSelection();
    if (!data.picture) { return; }
    for (let at = Math.max(first - NEAR, 0); at <= Math.min(last + NEAR, figures.length - 1); at += 1) { draw(at); layer(at); }
    drawn.forEach((at) => {
      const far = at < first - AWAY || at > last + AWAY;
      if (far && !(chosen.rangeCount && chosen.containsNode(figures[at], true))) { figures[at].replaceChildren(); layers.delete(at); drawn.delete(at); }
    });
  };
  return { show, layer: (page) => { draw(page - 1); return layer(page - 1); }, forget };
}

// Small pictures of all pages, made when they are first asked for.
function strip(doc, figures, to) {
  const box = doc.querySelector(".doc__thumbs"), toggle = doc.querySelector("[data-doc-thumbs]"), list = box.querySelector("ol");
  const source = (at) => (doc.dataset.thumb ? filled(doc.dataset.thumb, { page: at + 1 }) : figures[at].dataset.thumb);
  let items = [], here = 0;
  const fill = () => {
    const [first, last] = sight(box, items);
    for (let at = Math.max(first - 3, 0); at <= Math.min(last + 3, items.length - 1); at += 1) {
      const link = items[at].firstChild;
      if (!link.firstChild) { link.append(make("img", { alt: "", src: source(at) }), make("span", {}, String(at + 1))); }
    }
  };
  const tell = (page) => {
    items[here - 1]?.firstChild.removeAttribute("aria-current");
    here = page;
    const item = items[page - 1];
    if (!item) { return; }
    item.firstChild.setAttribute("aria-current", "true");
    if (item.offsetTop < box.scrollTop || item.offsetTop + item.offsetHeight > box.scrollTop + box.clientHeight) { box.scrollTop = item.offsetTop - box.clientHeight / 3; fill(); }
  };
  const build = () => {
    items = figures.map((figure, at) => {
      const item = make("li", {}, make("a", { href: "#" + figure.id, "aria-label": String(at + 1) + " " + doc.dataset.to }));
      item.style.setProperty("--ratio", figure.style.getPropertyValue("--ratio"));
      return item;
    });
    list.replaceChildren(...items);
    list.addEventListener("click", (event) => {
      const link = event.target.closest("a");
      if (link) { event.preventDefault(); to(items.indexOf(link.parentElement) + 1); }
    });
    whenStill(box, fill);
  };
  if (figures.length > 1 && source(0)) {
    toggle.hidden = false;
    toggle.addEventListener("click", () => {
      box.hidden = !box.hidden;
      toggle.setAttribute("aria-pressed", String(!box.hidden));
      keep("thumbs", box.hidden ? "0" : "1");
      if (!box.hidden) { if (!items.length) { build(); } fill(); tell(here); }
    });
    // On a narrow window they would take the place of the page.
    if (kept("thumbs") === "1" && innerWidth > 700) { toggle.click(); }
  }
  return tell;
}

// Zoom and turning; the place that was looked at stays in sight.
function scaling(doc, body, changed) {
  const zoom = doc.querySelector("[data-doc-zoom]"), said = zoom.querySelector("output");
  let scale = 1, turn = 0;
  zoom.hidden = false;
  zoom.addEventListener("click", (event) => {
    const asked = event.target.closest("button")?.value;
    if (!asked) { return; }
    const at = body.scrollTop / body.scrollHeight, most = Math.max(1, Math.min(4, TALLEST * scale / body.scrollHeight));
    if (asked === "turn") { turn = (turn + 90) % 360; doc.dataset.turn = String(turn); }
    else { scale = asked === "fit" ? 1 : Math.min(most, Math.max(.5, scale * (asked === "in" ? 1.25 : .8))); }
    if (Math.abs(scale - 1) < .02) { scale = 1; }
    doc.style.setProperty("--zoom", String(scale));
    said.textContent = scale === 1 ? doc.dataset.fits : Math.round(scale * 100) + " %";
    body.scrollTo({ top: at * body.scrollHeight, behavior: "instant" });
    changed();
  });
}

// The address says which page is open and what is sought, so that Back and a new load lead here again.
function remember(doc, values) {
  if (!doc.dataset.file) { return; }
  const url = new URL(location.href);
  url.searchParams.delete("hit");
  Object.entries({ file: doc.dataset.file, ...values }).forEach(([name, value]) => { if (value) { url.searchParams.set(name, value); } else { url.searchParams.delete(name); } });
  history.replaceState(history.state, "", url);
}

function viewer(doc) {
  const body = doc.querySelector(".doc__leaves"), number = doc.querySelector("[data-doc-page]");
  const { figures, sizes } = complete(doc, body);
  let page = Number(doc.dataset.open) || 1, seek = null;
  const pages = drawing(doc, body, figures, sizes, () => (seek ? seek.question() : ""));
  const to = (asked) => {
    const figure = figures[Math.min(Math.max(asked, 1), figures.length) - 1];
    if (figure) { body.scrollTo({ top: figure.offsetTop - 8, behavior: "instant" }); pages.show(); }
  };
  const mark = strip(doc, figures, to);
  // Where the eye is, as a share of a page: it stays there when the pages get another width.
  let place = [0, 0], width = body.clientWidth;
  const keepPlace = () => {
    const figure = figures[place[0]];
    if (body.clientWidth !== width) { width = body.clientWidth; body.scrollTo({ top: figure.offsetTop + place[1] * figure.offsetHeight, behavior: "instant" }); }
    pages.show();
  };
  const tell = () => {
    if (body.clientWidth === width) {
      const at = sight(body, figures)[0];
      place = [at, (body.scrollTop - figures[at].offsetTop) / (figures[at].offsetHeight || 1)];
    }
    const middle = body.scrollTop + body.clientHeight * .4;
    page = Math.min(lowest(figures, (figure) => figure.offsetTop + figure.offsetHeight > middle), figures.length - 1) + 1;
    if (document.activeElement !== number) { number.value = String(page); }
    mark(page);
  };
  let told = 0;
  body.addEventListener("scroll", () => { told = told || requestAnimationFrame(() => { told = 0; tell(); }); }, { passive: true });
  whenStill(body, () => { pages.show(); remember(doc, { page: page > 1 ? String(page) : "" }); });
  const typed = () => to(Number(number.value) || 1);
  number.addEventListener("focus", () => number.select());
  number.addEventListener("change", typed);
  number.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); typed(); } });
  scaling(doc, body, () => { pages.show(); tell(); });
  new ResizeObserver(keepPlace).observe(body);
  seek = seeking(doc, { ...pages, page: () => page, to, body, remember: (values) => remember(doc, values) });
  if (page > 1) { to(page); }
  pages.show();
  tell();
  seek?.begin();
}

each(document, "[data-doc]", viewer);
