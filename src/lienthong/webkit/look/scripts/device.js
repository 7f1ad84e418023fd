// Signing with the person's own device: carries prepared documents from the office to the agent on this computer, waits
// while it shows them and asks for the PIN, and brings each signature back as soon as it is there. What is under way is
// remembered for this tab, so that a page opened again goes on. Without an agent the other ways to sign remain.
import { each, make } from "./folding.js";

const TOKEN = "device:token";
// A browser slows the clock of a page in the back; whoever comes back to it waits no longer.
const pause = (milliseconds) => new Promise((go) => {
  setTimeout(go, milliseconds);
  document.addEventListener("visibilitychange", go, { once: true });
});
const said = (problem) => [problem.title_vi && document.documentElement.lang !== "en" ? problem.title_vi : problem.title, problem.detail,
  document.documentElement.lang === "en" ? problem.advice_en : problem.advice_vi].filter(Boolean).join(" ");

function build(box) {
  const words = box.dataset, form = box.closest("form"), state = box.querySelector("[data-said]"), list = box.querySelector("[data-list]");
  const button = box.querySelector("[data-sign]"), again = box.querySelector("[data-again]"), page = box.querySelector("[data-page]");
  const code = box.querySelector("[data-code]"), chooser = box.querySelector("[data-signer]"), items = new Map();
  const RUN = "device:run:" + words.person;
  const say = (text) => { state.textContent = text; };
  const show = (one, text) => {
    if (!items.has(one.document)) { items.set(one.document, list.appendChild(make("li", {}, one.label + ": ", make("span")))); }
    items.get(one.document).querySelector("span").textContent = text;
  };

  async function agent(method, path, body) {
    const headers = { Authorization: "Bearer " + (sessionStorage.getItem(TOKEN) || "none") };
    if (body && !(body instanceof Blob)) { headers["Content-Type"] = "application/json"; body = JSON.stringify(body); }
    const answer = await fetch(words.device + path, { method, headers, body, credentials: "omit" }).catch(() => { throw new Error(words.none); });
    const given = answer.status === 204 ? {} : await answer.json();
    if (answer.status === 401) { sessionStorage.removeItem(TOKEN); code.hidden = false; }
    if (!answer.ok) { throw Object.assign(new Error(said(given)), { status: answer.status }); }
    return given;
  }

  async function office(address, members) {
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    members.forEach(([name, value]) => { body.append(name, value); });
    const answer = await fetch(address, { method: "POST", body, headers: { Accept: "application/json" } }).catch(() => { throw new Error(words.lost); });
    if (!answer.ok) { throw new Error(said(await answer.json())); }
    return answer;
  }

  async function find() {
    again.hidden = true;
    try {
      await fetch(words.device + "/v1/health", { credentials: "omit" });
    } catch (unreachable) {
      // A refusal of this page's origin cannot be read either, but it can be told from silence.
      const there = await fetch(words.device + "/v1/health", { mode: "no-cors", credentials: "omit" }).then(() => true, () => false);
      say(there ? words.foreign : words.none);
      again.hidden = false;
      return;
    }
    say("");
    button.hidden = false;
    code.hidden = Boolean(sessionStorage.getItem(TOKEN));
    if (sessionStorage.getItem(RUN)) { run(follow); }
  }

  async function pair() {
    if (sessionStorage.getItem(TOKEN)) { return; }
    sessionStorage.setItem(TOKEN, (await agent("POST", "/v1/pair", { code: code.querySelector("input").value })).token);
    code.hidden = true;
  }

  async function signer() {
    await pair();
    const found = (await agent("GET", "/v1/signers")).signers.filter((one) => one.role === "person");
    const usable = found.filter((one) => one.certificates.length);
    if (!usable.length) { throw new Error(found[0]?.problem ? said(found[0].problem) : words.nobody); }
    const select = chooser.querySelector("select"), chosen = usable.find((one) => one.signer === select.value);
    if (usable.length === 1 || chosen) { return chosen || usable[0]; }
    select.replaceChildren(...usable.map((one) => make("option", { value: one.signer }, one.name || one.signer)));
    chooser.hidden = false;
    throw new Error(words.choose);
  }

  async function begin() {
    const rows = [...form.querySelectorAll("input[name=row]:checked")].map((one) => one.value);
    if (!rows.length) { throw new Error(words.nothing); }
    const who = await signer();
    say(words.preparing);
    const asked = rows.flatMap((row) => [["row", row], ["seen_" + row, form.elements["seen_" + row].value]]);
    const answer = await office(words.prepare, [...asked, ...who.certificates.map((one) => ["certificate", one])]);
    const all = (await answer.json()).documents, ready = all.filter((one) => one.ticket);
    all.filter((one) => !one.ticket).forEach((one) => { show(one, one.said); });
    if (!ready.length) { throw new Error(words.refused); }
    const batch = await agent("POST", "/v1/batches", {
      signer: who.signer, title: document.title, documents: ready.map((one) => ({ name: one.name, abstract: one.label, to_sign: one.to_sign })),
    });
    for (const [at, one] of ready.entries()) {
      const bytes = await (await office(words.content, [["ticket", one.ticket]])).blob();
      await agent("PUT", `/v1/batches/${batch.batch}/documents/${at + 1}`, bytes);
      show(one, words.waiting);
    }
    const kept = ready.map((one) => ({ document: one.document, label: one.label, ticket: one.ticket, done: false }));
    sessionStorage.setItem(RUN, JSON.stringify({ batch: batch.batch, documents: kept }));
    await follow();
  }

  async function follow() {
    await pair();
    const going = JSON.parse(sessionStorage.getItem(RUN));
    going.documents.filter((one) => !one.done).forEach((one) => { show(one, words.waiting); });
    page.href = `${words.device}/batches/${encodeURIComponent(going.batch)}`;
    page.hidden = false;
    for (;;) {
      const now = await agent("GET", `/v1/batches/${going.batch}`);
      say(now.stopped ? `${words.stopped} ${said(now.stopped)}` : words.go);
      const { signatures } = await agent("GET", `/v1/batches/${going.batch}/signatures`);
      for (const one of signatures) {
        const mine = going.documents[one.number - 1];
        if (mine.done) { continue; }
        if (one.signature) {
          const given = await (await office(words.complete, [["ticket", mine.ticket], ["signature", one.signature]])).json();
          show(mine, given.ok ? `${words.signed} (${given.said})` : given.said);
          if (given.ok) { form.querySelector(`input[name=row][value="${mine.document}"]`)?.closest("section").remove(); }
        } else { show(mine, `${words.declined} ${one.reason || ""}`); }
        mine.done = true;
        sessionStorage.setItem(RUN, JSON.stringify(going));
      }
      if (going.documents.every((one) => one.done)) { break; }
      await pause(1000);
    }
    sessionStorage.removeItem(RUN);
    page.hidden = true;
    // The agent's own page has time to say that all is signed before the batch is gone from it.
    setTimeout(() => { agent("DELETE", `/v1/batches/${going.batch}`).catch(() => {}); }, 8000);
    say(words.finished);
  }

  async function run(what) {
    button.disabled = true;
    try { await what(); } catch (failed) {
      say(failed.message);
      // An agent that was started again knows its batches but not this page: pair, and go on. A batch that is gone is not.
      if (what === follow && failed.status === 404) { sessionStorage.removeItem(RUN); }
    }
    button.disabled = false;
  }

  box.hidden = false;
  again.addEventListener("click", find);
  button.addEventListener("click", () => { run(sessionStorage.getItem(RUN) ? follow : begin); });
  find();
}

each(document, "[data-device]", build);
