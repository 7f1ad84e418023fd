// Search in one document: the server says on which pages the words stand, some pages at a time; the hits are marked on
// the words of each page, counted, and gone through one by one; nobody goes through thousands, so counting ends there.
import { composing } from "./folding.js";

const WAIT = 300, ENOUGH = 2000;

export function seeking(doc, view) {
  const form = doc.querySelector("[data-doc-find]"), opener = doc.querySelector("[data-doc-seek]");
  if (!form || !opener || !doc.dataset.find) { return null; }
  const field = form.querySelector("input"), count = form.querySelector("output"), [before, after] = form.querySelectorAll("button");
  let question = "", pages = [], total = 0, at = -1, state = "", to = 0, of = 0, running = null, waiting = 0;

  const say = () => {
    const found = total ? (at + 1) + "/" + total + (state === "done" ? "" : "+") : "";
    const none = { busy: form.dataset.busy.replace("{page}", to).replace("{of}", of || "…"), fault: form.dataset.fault, done: form.dataset.none }[state];
    count.textContent = found || none || "";
    before.disabled = after.disabled = !total;
  };
  // The page of the hit with this number, and which of its hits it is.
  const place = (hit) => {
    let left = hit;
    for (const [page, hits] of pages) { if (left < hits) { return [page, left]; } left -= hits; }
    return null;
  };
  const go = async (hit) => {
    const found = place(hit);
    if (!found) { return; }
    at = hit;
    say();
    const asked = question, words = await view.layer(found[0]);
    if (at !== hit || asked !== question) { return; }
    doc.querySelectorAll(".words__hit.is-here").forEach((one) => one.classList.remove("is-here"));
    const marks = words ? [...words.querySelectorAll('[data-hit="' + found[1] + '"]')] : [];
    marks.forEach((one) => one.classList.add("is-here"));
    if (!marks.length) { view.to(found[0]); return; }
    const box = view.body.getBoundingClientRect(), mark = marks[0].getBoundingClientRect();
    if (mark.top < box.top + 40 || mark.bottom > box.bottom - 40 || mark.left < box.left || mark.right > box.right) {
      view.body.scrollBy({ top: mark.top - box.top - box.height / 3, left: mark.left < box.left || mark.right > box.right ? mark.left - box.left - box.width / 3 : 0, behavior: "instant" });
      view.show();
    }
  };
  // To the hit with most of the words side by side, on the page that the address names or on one from the open page on;
  // from the first page when everything was looked at and nothing follows.
  const arrive = (from, named, all) => {
    const after = pages.filter(([page]) => page >= from), among = after.length || !all ? after : pages;
    const most = named ? 0 : Math.max(0, ...among.map((one) => one[3]));
    const chosen = among.find((one) => one[3] >= most);
    if (chosen) { go(pages.slice(0, pages.indexOf(chosen)).reduce((sum, one) => sum + one[1], chosen[2])); }
  };
  const look = async (from, named, mine) => {
    let next = 1;
    do {
      const answer = await fetch(doc.dataset.find + "?from=" + next + "&q=" + encodeURIComponent(question), { signal: mine.signal });
      if (!answer.ok) { throw new Error(String(answer.status)); }
      const found = await answer.json();
      pages.push(...found.pages);
      total += found.pages.reduce((sum, [, hits]) => sum + hits, 0);
      to = found.to;
      of = found.of;
      next = to + 1;
      if (at < 0) { arrive(from, named, next > of); }
      say();
    } while (next <= of && total < ENOUGH);
    state = next <= of ? "more" : "done";
  };
  const ask = async (text, named) => {
    clearTimeout(waiting);
    running?.abort();
    const mine = running = new AbortController();
    question = text.trim();
    [pages, total, at, to, of, state] = [[], 0, -1, 0, 0, question ? "busy" : ""];
    view.forget();
    view.show();
    say();
    view.remember({ q: question });
    if (!question) { return; }
    try {
      await look(view.page(), named, mine);
    } catch (failure) {
      if (mine.signal.aborted) { return; }
      state = "fault";
    }
    say();
  };
  const step = (by) => { if (field.value.trim() !== question) { ask(field.value); } else if (total) { go((at + by + total) % total); } };
  const open = (yes) => {
    form.hidden = !yes;
    opener.setAttribute("aria-expanded", String(yes));
    if (yes) { field.focus(); field.select(); } else { if (question) { ask(""); } view.body.focus({ preventScroll: true }); }
  };
  opener.hidden = false;
  opener.addEventListener("click", () => open(form.hidden));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", (event) => {
    const act = event.target.closest("button")?.value;
    if (act === "close") { open(false); } else if (act) { step(act === "next" ? 1 : -1); }
  });
  field.addEventListener("keydown", (event) => {
    if (composing(event)) { return; }
    if (event.key === "Enter") { event.preventDefault(); step(event.shiftKey ? -1 : 1); }
    if (event.key === "Escape") { event.preventDefault(); open(false); }
  });
  field.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (!event.isComposing) { waiting = setTimeout(() => { if (field.value.trim() !== question) { ask(field.value); } }, WAIT); }
  });
  field.addEventListener("compositionend", () => field.dispatchEvent(new InputEvent("input")));
  say();
  return {
    question: () => question,
    // What the address asks for is sought at once, without taking the focus from the page.
    begin: () => { if (field.value) { form.hidden = false; opener.setAttribute("aria-expanded", "true"); ask(field.value, true); } },
  };
}
