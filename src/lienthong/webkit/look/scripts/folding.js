// Vietnamese letters without their marks, so that "quyet dinh" finds "Quyết định"; đ is d.
export function fold(text) {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").replace(/[đĐ]/g, "d").toLowerCase();
}

// Is this event part of typing with an input method (Telex, VNI)? Then the text is not final yet.
export function composing(event) {
  return event.isComposing || event.keyCode === 229;
}

// Does the reader type into this element?
export function isField(element) {
  return Boolean(element && element.closest && element.closest("input:not([type=checkbox],[type=radio],[type=button],[type=submit]),textarea,select,[contenteditable=true],[role=combobox],[role=listbox]"));
}

export function keep(name, value) {
  try { localStorage.setItem("look:" + name, value); } catch (refused) { /* a private window keeps nothing */ }
}

export function kept(name) {
  try { return localStorage.getItem("look:" + name); } catch (refused) { return null; }
}

// An element made from its name, its properties and what is in it; never from text that could be markup.
export function make(name, properties, ...inside) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (key.includes("-") || key === "role" || key === "for") { made.setAttribute(key, value); } else { made[key] = value; }
  }
  made.append(...inside);
  return made;
}

const built = new WeakMap();

// Build every matching element once, the root itself included, however often a part of the page is renewed.
export function each(root, selector, build) {
  const found = [...root.querySelectorAll(selector)];
  if (root.matches?.(selector)) { found.push(root); }
  // Two parts may build on the same elements; each of them does so once.
  const part = selector + " " + build.name;
  found.forEach((element) => {
    const known = built.get(element) || new Set();
    if (known.has(part)) { return; }
    built.set(element, known.add(part));
    build(element);
  });
}
