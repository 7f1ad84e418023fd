// Files dropped anywhere or chosen: each goes on its own way with progress, can be stopped, and can be tried again when
// the connection is lost. The answer's id goes with the form; the form waits until all have arrived.
import { each, make } from "./folding.js";

const size = (bytes) => bytes < 1e6 ? Math.ceil(bytes / 1000) + " KB" : (bytes / 1e6).toFixed(1).replace(".", ",") + " MB";

function send(box, file) {
  const said = box.dataset, state = make("span", { className: "upload__said" }), bar = make("progress", { max: 100, value: 0, "aria-label": file.name });
  const button = make("button", { type: "button", className: "button--link" });
  const item = make("li", { className: "upload__one" }, make("span", {}, file.name + " ", make("span", { className: "upload__said" }, size(file.size))), state, button, bar);
  box.querySelector(".upload__list").append(item);

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
    state.textContent = said.sending;
    button.textContent = said.cancel;
    button.setAttribute("aria-label", `${said.cancel} ${file.name}`);
    button.onclick = () => ask.abort();
    const again = (words) => {
      end(words, true);
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
      if (ask.status < 200 || ask.status > 299 || !answer.id) { again(answer.detail || answer.title || said.refused); return; }
      end(said.done, false);
      item.append(make("input", { type: "hidden", name: said.name, value: answer.id }));
      button.textContent = said.remove;
      button.setAttribute("aria-label", `${said.remove} ${file.name}`);
      button.onclick = () => { item.remove(); box.querySelector("input[type=file]").focus(); };
      box.dispatchEvent(new CustomEvent("look:uploaded", { bubbles: true, detail: answer }));
    };
    ask.open("POST", said.upload);
    if (said.word) { ask.setRequestHeader("X-CSRFToken", said.word); }
    ask.setRequestHeader("Accept", "application/json");
    ask.send(form);
  }
  go();
}

function build(box) {
  const input = box.querySelector("input[type=file]");
  input.addEventListener("change", () => { [...input.files].forEach((each) => send(box, each)); input.value = ""; input.required = false; });
  box.closest("form")?.addEventListener("submit", (event) => {
    const waiting = box.querySelector(".upload__one:not([data-state=done])");
    if (waiting) { event.preventDefault(); event.stopImmediatePropagation(); waiting.querySelector("button").focus(); waiting.scrollIntoView({ block: "center" }); }
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
