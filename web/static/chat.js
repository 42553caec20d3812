// The chat, better than a form: sends without a reload, shows answers as they come, mends a lost line.
// The server renders every message; this file only puts the result in its place.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const log = byId("log");
  const form = byId("write");
  if (!log) return;
  document.documentElement.classList.add("js");

  const box = byId("text");
  const notice = byId("notice");
  const line = byId("line");
  const waiting = byId("waiting");
  const waitingSaid = byId("waiting-said");
  const urls = log.dataset;
  const SLOW = 10000; // milliseconds before the page says that this takes too long
  const WAITS = [1000, 2000, 4000, 8000, 15000]; // between attempts to send

  const title = document.title;
  let last = Number(log.dataset.last);
  let stream = null;
  let streamFailures = 0;
  let streamTimer = 0;
  let slowTimer = 0;
  let sending = null; // { fields, id, tries, timer }
  let left = false;

  // ---- showing -------------------------------------------------------------------------------

  const say = (element, text) => { if (element.textContent !== text) element.textContent = text; };

  // Says, above the box, what went wrong: the words of a template of this page, or the server's.
  const showNotice = (said) => {
    const template = byId(said);
    if (template) notice.replaceChildren(template.content.cloneNode(true));
    else notice.innerHTML = said;
    notice.scrollIntoView({ block: "nearest" });
  };

  // Choices offered before the family's newest message are closed. One that has the focus stays, so
  // that whoever uses a keyboard or a screen reader is not thrown back to the top of the page.
  const retire = (n) => {
    for (const form of log.querySelectorAll(".choices")) {
      if (Number(form.closest(".message").dataset.n) >= n) continue;
      const held = form.contains(document.activeElement) ? document.activeElement : null;
      if (!held) { form.remove(); continue; }
      form.querySelectorAll(".offer").forEach((words) => { words.hidden = true; });
      for (const item of form.querySelectorAll("li")) item.hidden = !item.contains(held);
      held.setAttribute("aria-disabled", "true");
    }
  };

  // Adds messages that are not yet on the page, in order, and brings the right one into view.
  const add = (html) => {
    const parsed = document.createElement("template");
    parsed.innerHTML = html;
    // Someone reading further up is left there; what they wrote and what to do in danger always show.
    const below = document.documentElement.scrollHeight - window.scrollY - window.innerHeight;
    const nearEnd = below < window.innerHeight;
    let mine = null;
    let theirs = null;
    for (const article of [...parsed.content.querySelectorAll("article")]) {
      const n = Number(article.dataset.n);
      if (byId(article.id)) continue;
      const after = [...log.children].find((other) => Number(other.dataset.n) > n);
      log.insertBefore(article, after || null);
      last = Math.max(last, n);
      if (article.classList.contains("from-family")) { mine = article; retire(n); }
      else theirs = theirs || article;
    }
    if (theirs && document.hidden) document.title = urls.title;
    const danger = theirs && theirs.classList.contains("danger");
    const show = danger ? theirs : mine || theirs;
    if (show && (mine || danger || nearEnd)) {
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      show.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
    }
  };

  const setWaiting = (on) => {
    clearTimeout(slowTimer);
    waiting.hidden = !on;
    say(waitingSaid, on ? waitingSaid.dataset.words : "");
    if (on) slowTimer = setTimeout(() => showNotice("say-slow"), SLOW);
    else if (notice.querySelector(".quiet")) notice.replaceChildren();
  };

  // ---- live news -----------------------------------------------------------------------------

  const connect = () => {
    if (left || stream || !log.dataset.chat) return;
    stream = new EventSource(`${urls.live}?after=${last}`);
    stream.addEventListener("open", () => { streamFailures = 0; say(line, ""); });
    stream.addEventListener("message", (event) => add(event.data));
    stream.addEventListener("state", (event) => {
      const state = JSON.parse(event.data);
      setWaiting(state.waiting);
      if (state.closed) window.location.reload();
    });
    stream.addEventListener("gone", () => window.location.replace("/"));
    stream.addEventListener("error", () => {
      streamFailures += 1;
      if (streamFailures === 3) say(line, form ? form.dataset.lost : "");
      if (stream && stream.readyState === EventSource.CLOSED) {
        // The browser has given up: ask once, and come back ourselves, slower each time.
        disconnect();
        ask();
        streamTimer = setTimeout(connect, Math.min(1000 * 2 ** streamFailures, 20000));
      }
    });
  };
  // The same news without a stream, for when there is none to be had.
  const ask = async () => {
    try {
      const answer = await fetch(`${urls.news}?after=${last}`, { credentials: "same-origin" });
      if (answer.status === 404 || answer.status === 204) window.location.replace("/");
      if (!answer.ok || left) return;
      add(await answer.text());
      setWaiting(answer.headers.get("X-Waiting") === "yes");
    } catch { /* the line is down; the next attempt will tell */ }
  };
  const disconnect = () => {
    clearTimeout(streamTimer);
    if (stream) stream.close();
    stream = null;
  };

  // ---- sending -------------------------------------------------------------------------------

  const newId = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16)); // no randomUUID on plain http
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  const grow = () => {
    if (CSS.supports("field-sizing", "content")) return;
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight + 4}px`;
  };

  const busy = (on) => {
    form.querySelectorAll("button").forEach((button) => button.setAttribute("aria-disabled", String(on)));
    box.readOnly = on;
  };

  const finish = (fields, html) => {
    clearTimeout(sending.timer);
    sending = null;
    busy(false);
    box.removeAttribute("aria-invalid");
    if (html === null) return;
    notice.replaceChildren();
    say(line, "");
    if (box.value === fields.text || fields.ask) { box.value = ""; grow(); }
    add(html);
  };

  const giveBack = (fields) => { if (!box.value && !fields.ask) { box.value = fields.text; grow(); } };

  const attempt = async () => {
    const { fields, id } = sending;
    const mine = sending;
    const body = new URLSearchParams({ ...fields, client_id: id, after: String(last) });
    let answer = null;
    let html = "";
    try {
      const stop = new AbortController();
      const timer = setTimeout(() => stop.abort(), 20000);
      answer = await fetch(urls.send, {
        method: "POST", body, headers: { "X-Fragment": "1" }, signal: stop.signal, credentials: "same-origin",
      });
      html = await answer.text();
      clearTimeout(timer);
    } catch { answer = null; }
    if (sending !== mine) return;

    if (answer && answer.ok) {
      const chat = answer.headers.get("X-Chat");
      if (log.dataset.chat && chat !== log.dataset.chat) { window.location.reload(); return; }
      finish(fields, html);
      started(chat);
      setWaiting(answer.headers.get("X-Waiting") === "yes");
      return;
    }
    if (answer && answer.status < 500) { // the server said why: its words, and the text stays
      showNotice(html);
      giveBack(fields);
      finish(fields, null);
      box.setAttribute("aria-invalid", "true");
      return;
    }
    if (sending.tries >= WAITS.length) {
      showNotice("say-failed");
      giveBack(fields);
      finish(fields, null);
      return;
    }
    if (sending.tries === 0) {
      showNotice("say-offline");
      giveBack(fields);
      box.readOnly = false; // the text may be changed: that cancels the waiting attempt
    }
    sending.timer = setTimeout(attempt, WAITS[sending.tries]);
    sending.tries += 1;
  };

  const send = (fields) => {
    if (sending) {
      if (sending.fields.text === fields.text && sending.fields.ask === fields.ask) {
        if (sending.tries > 0) { clearTimeout(sending.timer); attempt(); } // pressed again: try now
        return;
      }
      clearTimeout(sending.timer);
    }
    sending = { fields, id: newId(), tries: 0, timer: 0 };
    busy(true);
    attempt();
  };

  // The first message has opened a chat: the page becomes a chat page without a reload.
  const started = (chat) => {
    if (!log.dataset.chat) {
      log.dataset.chat = chat;
      document.querySelector(".layout").classList.add("started");
      byId("clear")?.removeAttribute("hidden");
    }
    connect();
  };

  if (form) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const ask = event.submitter && event.submitter.name === "ask" ? event.submitter.value : "";
      send(ask ? { text: box.value, ask } : { text: box.value });
      if (!ask) box.focus({ preventScroll: true });
    });
    box.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    box.addEventListener("input", () => {
      grow();
      if (sending && sending.tries > 0 && box.value !== sending.fields.text && !sending.fields.ask) {
        clearTimeout(sending.timer);
        sending = null;
        busy(false);
      }
    });
  }
  log.addEventListener("submit", (event) => {
    event.preventDefault();
    const button = event.submitter;
    if (!form || !button || button.getAttribute("aria-disabled") === "true") return;
    send({ text: button.value });
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && !left) document.title = title;
  });
  window.addEventListener("online", () => {
    if (sending && sending.tries > 0) { clearTimeout(sending.timer); attempt(); }
    if (!stream) connect();
  });
  window.addEventListener("leaving", () => {
    left = true;
    disconnect();
    if (sending) { clearTimeout(sending.timer); sending = null; }
  });
  window.addEventListener("pagehide", disconnect);

  if (waiting && !waiting.hidden) setWaiting(true);
  connect();
  const newest = [...log.querySelectorAll(".from-family")].pop();
  if (newest && !window.location.hash && !byId("problem")) newest.scrollIntoView({ block: "start" });
})();
