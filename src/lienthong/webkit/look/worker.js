// The worker of the installed application. It knows one page: the one that says the network is gone. Documents, lists and
// answers are never kept here; what a reader may see is decided by the server each time. It also shows pushed notices.
"use strict";
const STORE = "offline-1";
const OFFLINE = ["/offline", "{stylesheet}"];

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll(OFFLINE)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  if (event.request.mode === "navigate" && event.request.method === "GET") {
    event.respondWith(fetch(event.request).catch(() => caches.match("/offline")));
  } else if (OFFLINE.includes(new URL(event.request.url).pathname)) {
    event.respondWith(fetch(event.request).catch(() => caches.match(event.request)));
  }
});

// A pushed notice says what kind of thing waits and where; the page itself is asked for when somebody opens it.
self.addEventListener("push", (event) => {
  let told = null;
  try { told = event.data && event.data.json(); } catch { told = null; }
  const { title, body, where, tag, language } = told || {};
  event.waitUntil(self.registration.showNotification(String(title || "Thông báo · Notice"), {
    body: String(body || ""), tag: String(tag || "notice"), lang: language === "en" ? "en" : "vi",
    icon: "/mark-192.svg", data: { where: inside(where) },
  }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(inside(event.notification.data && event.notification.data.where)));
});

self.addEventListener("pushsubscriptionchange", (event) => { event.waitUntil(renew(event)); });

// Only pages of this site are opened, whatever a message says.
function inside(where) {
  const path = typeof where === "string" && where.startsWith("/") ? where : "/";
  let address = null;
  try { address = new URL(path, self.location.origin); } catch { return "/"; }
  return address.origin === self.location.origin ? address.pathname + address.search + address.hash : "/";
}

// A window that shows the page already comes to the front; no other one is led away from what somebody writes there.
async function open(where) {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = windows.find((each) => each.url === self.location.origin + where);
  return there ? there.focus() : self.clients.openWindow(where);
}

// The push service has ended the subscription: make a new one and tell the office, which knows this browser by its cookie.
async function renew(event) {
  const old = event.oldSubscription;
  const made = event.newSubscription || (old && await self.registration.pushManager.subscribe(old.options));
  if (!made) { return; }
  const { endpoint, keys } = made.toJSON();
  const body = new URLSearchParams({ endpoint, point: keys.p256dh, auth: keys.auth });
  await fetch("/push/moved", { method: "POST", body, credentials: "same-origin", redirect: "error" });
}
