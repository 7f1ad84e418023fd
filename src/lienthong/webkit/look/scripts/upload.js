// Files dropped anywhere or chosen: each goes on its own way with progress, can be stopped, and can be tried again when
// the connection is lost. The answer's id goes with the form; the form waits until all have arrived.
import { each, make } from "./folding.js";

const size = (bytes) => bytes < 1e6 ? Math.ceil(bytes / 1000) + " KB" : (bytes / 1e6).toFixed(1).replace(".", ",") + " MB";

function send(box, file) {
  const said = box.dataset, state = make("span", { className: "upload__said" }), bar = make("progress", { max: 100, value: 0, "aria-label": file.name });
  const button = make("button", { type: "button", className: "button--link" });
  const drop = make("button", { type: "button", className: "button--link", hidden: true, "aria-label": `${said.remove} ${file.name}` }, said.remove);
  const item = make("li", { className: "upload__one" }, make("span", {}, file.name + " ", make("span", { className: "upload__said" }, size(file.size))), state, make("span", { className: "actions" }, button, drop), bar);
  box.querySelector(".upload__list").append(item);
  const leave = () => { item.remove(); box.querySelector("input[type=file]").focus(); };
  // What the server holds already is left out there first, so that it does not come along all the same.
  const takeBack = (where) => fetch(where, { method: "POST", headers: { "X-CSRFToken": said.word || "", Accept: "application/json" } })
    .then((answer) => { if (!answer.ok) { throw new Error(String(answer.status)); } leave(); })
    .catch(() => { state.textContent = said.kept; item.classList.add("is-wrong"); });
  drop.onclick = leave;

  function end(words, wrong) {
    item.dataset.state = wrong ? "wrong" : "done";
    item.classList.toggle("is-wrong", wrong);
    state.textContent = words;
    bar.hidden = true;
  }

  function go() {
    const ask = new XMLHttpRequest(), form = new FormData();
    form.append("file", file, file.name);
    item.dataset.state = "going";
    item.classList.remove("is-wrong");
    bar.hidden = false;
    bar.value = 0;
    drop.hidden = true;
    button.hidden = false;
    state.textContent = said.sending;
    button.textContent = said.cancel;
    button.setAttribute("aria-label", `${said.cancel} ${file.name}`);
    button.onclick = () => ask.abort();
    // What the server will never take can only be left out; what was lost on the way can be sent again.
    const again = (words, useful = true) => {
      end(words, true);
      drop.hidden = false;
      button.hidden = !useful;
      button.textContent = said.retry;
      button.setAttribute("aria-label", `${said.retry} ${file.name}`);
      button.onclick = go;
    };
    ask.upload.onprogress = (event) => { if (event.lengthComputable) { bar.value = 100 * event.loaded / event.total; state.textContent = `${Math.floor(bar.value)} %`; } };
    ask.onerror = () => again(said.lost);
    ask.ontimeout = () => again(said.lost);
    ask.onabort = () => again(said.stopped);
    ask.onload = () => {
      let answer = {};
      try { answer = JSON.parse(ask.responseText); } catch (unreadable) { answer = {}; }
      if (ask.status < 200 || ask.status > 299 || !answer.id) {
        const words = [answer.title, answer.detail, answer.code && `(${answer.code})`].filter(Boolean).join(" ");
        again(words || said.refused, ask.status >= 500 || [401, 403, 408, 429].includes(ask.status));
        return;
      }
      end(said.done, false);
      item.append(make("input", { type: "hidden", name: said.name, value: answer.id }));
      button.textContent = said.remove;
      button.setAttribute("aria-label", `${said.remove} ${file.name}`);
      button.onclick = answer.remove ? () => takeBack(answer.remove) : leave;
      box.dispatchEvent(new CustomEvent("look:uploaded", { bubbles: true, detail: answer }));
    };
    ask.open("POST", said.upload);
    if (said.word) { ask.setRequestHeader("X-CSRFToken", said.word); }
    ask.setRequestHeader("Accept", "application/json");
    ask.send(form);
  }

  if (said.limit && file.size > Number(said.limit)) {
    end(said.large, true);
    button.hidden = true;
    drop.hidden = false;
    return;
  }
  go();
}

function build(box) {
  const input = box.querySelector("input[type=file]");
  input.addEventListener("change", () => { [...input.files].forEach((each) => send(box, each)); input.value = ""; input.required = false; });
  box.closest("form")?.addEventListener("submit", (event) => {
    const waiting = box.querySelector(".upload__one:not([data-state=done])");
    if (waiting) { event.preventDefault(); event.stopImmediatePropagation(); waiting.querySelector("button:not([hidden])").focus(); waiting.scrollIntoView({ block: "center" }); }
  }, true);
}

export function start(root) { each(root, "[data-upload]", build); }

export function once() {
  const zone = document.querySelector("[data-drop]");
  if (!zone) { return; }
  let inside = 0;
  const holds = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  addEventListener("dragenter", (event) => { if (holds(event)) { inside += 1; zone.hidden = false; } });
  addEventListener("dragleave", (event) => { if (holds(event) && (inside -= 1) <= 0) { inside = 0; zone.hidden = true; } });
  addEventListener("dragover", (event) => { if (holds(event)) { event.preventDefault(); } });
  addEventListener("drop", (event) => {
    if (!holds(event)) { return; }
    event.preventDefault();
    inside = 0;
    zone.hidden = true;
    const box = document.querySelector("[data-upload]");
    if (box) { [...event.dataTransfer.files].forEach((each) => send(box, each)); box.scrollIntoView({ block: "nearest" }); }
  });
}
