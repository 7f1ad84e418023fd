// Passkeys: asks the server for a challenge, lets the browser make or use a key, and sends its answer with the form.
// Where the browser knows no passkeys the form stays hidden, and password and code are the way.
import { each } from "./folding.js";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

async function ask(form) {
  const sent = await fetch(form.dataset.passkey, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
  const given = await sent.json();
  if (!sent.ok) { throw new Error([given.title, given.detail].join(" ")); }
  given.challenge = bytes(given.challenge);
  if (!given.user) { return navigator.credentials.get({ publicKey: { ...given, allowCredentials: known(given.allowCredentials) } }); }
  given.user.id = bytes(given.user.id);
  return navigator.credentials.create({ publicKey: { ...given, excludeCredentials: known(given.excludeCredentials) } });
}

function packed(made) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) { response[name] = text(made.response[name]); }
  }
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
}

function build(form) {
  if (!window.PublicKeyCredential) { return; }
  const said = form.querySelector("[data-said]"), answer = form.elements.answer, button = form.querySelector("button");
  form.closest("[data-passkeys]").hidden = false;
  form.addEventListener("submit", async (event) => {
    if (answer.value) { return; }
    event.preventDefault();
    button.disabled = true;
    said.textContent = "";
    try {
      answer.value = packed(await ask(form));
      form.submit();
    } catch (failed) {
      // A browser names its own failures by a DOMException; only the server's words are for people.
      said.textContent = failed instanceof DOMException || failed instanceof TypeError ? form.dataset.stopped : failed.message;
      button.disabled = false;
    }
  });
}

each(document, "form[data-passkey]", build);
