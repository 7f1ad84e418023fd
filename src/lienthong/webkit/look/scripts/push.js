// Pushed notices: asks for the permission, subscribes this browser, and sends the subscription with the form. Where the
// browser knows no push, or its push service is out of reach, the page says so and nothing else changes.
import { each } from "./folding.js";

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

async function subscribe(key) {
  const registration = await navigator.serviceWorker.ready;
  // What a browser had before may be known to somebody who worked here; a new subscription is known to nobody.
  const old = await registration.pushManager.getSubscription();
  if (old) { await old.unsubscribe(); }
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
}

function build(form) {
  const said = form.querySelector("[data-said]"), button = form.querySelector("button"), words = form.dataset;
  const tell = (word) => { said.textContent = word; };
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) { tell(words.unknown); return; }
  if (Notification.permission === "denied") { tell(words.denied); }
  button.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.endpoint.value) { return; }
    event.preventDefault();
    button.disabled = true;
    tell(words.working);
    try {
      const allowed = await Notification.requestPermission();
      if (allowed !== "granted") { tell(allowed === "denied" ? words.denied : words.unanswered); return; }
      const made = await subscribe(words.push);
      form.elements.endpoint.value = made.endpoint;
      form.elements.point.value = text(made.getKey("p256dh"));
      form.elements.auth.value = text(made.getKey("auth"));
      form.submit();
    } catch {
      tell(words.failed);
    } finally { button.disabled = false; }
  });
}

// The server believes that this browser is on; the browser knows whether it still is.
async function compare(form) {
  const registration = await navigator.serviceWorker?.ready;
  const subscription = await registration?.pushManager?.getSubscription();
  form.hidden = Boolean(subscription);
}

each(document, "form[data-push]", (form) => {
  build(form);
  if (form.hidden) { compare(form).catch(() => { form.hidden = false; }); }
});
