// A select with search (WAI-ARIA combobox with a list): accents are folded, the input method is waited for, several
// values stand as chips. The plain select below keeps the values and is what the form sends.
import { composing, each, fold, make } from "./folding.js";

let made = 0;

function build(combo) {
  combo.dataset.ready = "1";
  const said = combo.dataset, select = combo.querySelector("select"), many = select.multiple, id = "combo-" + (made += 1);
  const label = document.querySelector(`label[for="${CSS.escape(select.id)}"]`);
  const input = make("input", { type: "text", id, role: "combobox", autocomplete: "off", placeholder: said.placeholder, "aria-expanded": "false", "aria-controls": id + "-list", "aria-autocomplete": "list" });
  for (const name of ["aria-describedby", "aria-invalid"]) { if (select.hasAttribute(name)) { input.setAttribute(name, select.getAttribute(name)); } }
  if (select.required) { input.setAttribute("aria-required", "true"); }
  if (label) { label.htmlFor = id; label.id = label.id || id + "-label"; }
  const opener = make("button", { type: "button", className: "button--bare", tabIndex: -1, "aria-label": said.all }, "▾");
  const box = make("div", { className: "combo__box" }, input, opener);
  const list = make("ul", { className: "combo__list", id: id + "-list", role: "listbox", hidden: true });
  if (label) { list.setAttribute("aria-labelledby", label.id); }
  if (many) { list.setAttribute("aria-multiselectable", "true"); }
  const tell = make("span", { className: "hidden", role: "status" });
  combo.append(box, list, tell);
  let at = -1, shown = [], waiting = 0, asked = 0;
  const options = () => [...select.options].filter((each) => each.value);
  const changed = () => select.dispatchEvent(new Event("change", { bubbles: true }));

  function chips() {
    box.querySelectorAll(".combo__one").forEach((each) => each.remove());
    input.placeholder = many && select.selectedOptions.length ? "" : said.placeholder;
    if (!many) { input.value = select.selectedOptions[0]?.value ? select.selectedOptions[0].textContent : ""; return; }
    options().filter((each) => each.selected).forEach((each) => {
      const remove = make("button", { type: "button", "aria-label": said.remove + " " + each.textContent, onclick: () => { each.selected = false; chips(); changed(); input.focus(); } }, "×");
      input.before(make("span", { className: "combo__one" }, make("span", {}, each.textContent), remove));
    });
  }

  function open(rows) {
    shown = rows;
    at = -1;
    list.replaceChildren(...rows.map((each, number) => {
      const item = make("li", { role: "option", id: `${id}-${number}`, "aria-selected": String(each.selected) }, each.textContent);
      if (each.dataset.more) { item.append(make("small", {}, each.dataset.more)); }
      return item;
    }));
    if (!rows.length) { list.append(make("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, said.none)); }
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    tell.textContent = rows.length ? `${rows.length} ${said.count}` : said.none;
    if (rows.length && input.value) { stand(0); }
  }

  function close() {
    list.hidden = true;
    at = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function stand(to) {
    list.querySelector(".is-at")?.classList.remove("is-at");
    at = (to + shown.length) % shown.length;
    const item = list.children[at];
    item?.classList.add("is-at");
    item?.scrollIntoView({ block: "nearest" });
    if (item) { input.setAttribute("aria-activedescendant", item.id); }
  }

  function choose(option) {
    if (many) { option.selected = !option.selected; input.value = ""; } else { select.value = option.value; }
    chips();
    changed();
    close();
  }

  async function look(all) {
    const text = all ? "" : fold(input.value.trim());
    if (!said.href) {
      const found = options().map((each) => [fold(each.textContent + " " + (each.dataset.more || "")).indexOf(text), each]).filter(([place]) => place >= 0);
      open(found.sort((one, other) => (one[0] > 0) - (other[0] > 0)).map(([, each]) => each).slice(0, 200));
      return;
    }
    const mine = (asked += 1);
    try {
      const answer = await fetch(said.href + (said.href.includes("?") ? "&" : "?") + "q=" + encodeURIComponent(all ? "" : input.value.trim()), { headers: { Accept: "application/json" } });
      const rows = answer.ok ? await answer.json() : [];
      if (mine === asked) {
        options().filter((each) => !each.selected).forEach((each) => each.remove());
        rows.filter((row) => !options().some((each) => each.value === row.value)).forEach((row) => { const option = new Option(row.label, row.value); if (row.more) { option.dataset.more = row.more; } select.add(option); });
        open(options().filter((each) => rows.some((row) => row.value === each.value)));
      }
    } catch (lost) { open([]); }
  }

  // Enter right after the last letter: the search that is due is done first, and the form is not sent by accident.
  async function pick() {
    if (waiting) { clearTimeout(waiting); waiting = 0; await look(); }
    if (!list.hidden && shown[at]) { choose(shown[at]); }
  }

  const soon = () => { clearTimeout(waiting); waiting = setTimeout(() => { waiting = 0; look(); }, said.href ? 300 : 60); };
  input.addEventListener("input", (event) => { clearTimeout(waiting); if (!composing(event)) { soon(); } });
  input.addEventListener("compositionend", soon);
  input.addEventListener("keydown", (event) => {
    if (composing(event)) { return; }
    const key = event.key;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) { look(true); } else if (shown.length) { stand(key === "ArrowDown" ? at + 1 : (at < 0 ? 0 : at) - 1); }
    } else if (key === "Enter" && !event.ctrlKey) {
      event.preventDefault();
      pick();
    } else if (key === "Escape" && !list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      close();
      chips();
    } else if (key === "Backspace" && many && !input.value) {
      const last = options().filter((each) => each.selected).pop();
      if (last) { last.selected = false; chips(); changed(); }
    }
  });
  input.addEventListener("blur", () => setTimeout(() => { if (!combo.contains(document.activeElement)) {
    if (!many && !input.value.trim() && select.value) { select.value = ""; changed(); }
    close();
    if (!many) { chips(); }
    input.value = many ? "" : input.value;
  } }, 120));
  opener.addEventListener("click", () => { input.focus(); if (list.hidden) { look(true); } else { close(); } });
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => { const number = [...list.children].indexOf(event.target.closest("li")); if (shown[number]) { choose(shown[number]); } });
  chips();
}

export function start(root) { each(root, "[data-combo]", build); }
