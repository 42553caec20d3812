// The desk, live: lists and messages as they change, drafts kept while they are written.
// The server renders everything; without this file each page works as plain forms.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const line = byId("line");
  const LOST = "The line is lost. Trying again.";
  const OUT = "You are signed out. Sign in again to go on; what you wrote is kept.";
  const title = document.title;

  const say = (text) => { if (line && line.textContent !== text) line.textContent = text; };

  // One stream of events that mends itself; `ask` is called when no stream is to be had.
  const listen = (address, handlers, ask) => {
    let stream = null;
    let failures = 0;
    let ended = false;
    let timer = 0;
    const connect = () => {
      if (stream || ended) return;
      stream = new EventSource(address());
      stream.addEventListener("open", () => { failures = 0; say(""); });
      for (const [name, handle] of Object.entries(handlers)) stream.addEventListener(name, handle);
      stream.addEventListener("ended", () => { ended = true; disconnect(); say(OUT); });
      stream.addEventListener("error", () => {
        failures += 1;
        if (failures === 3) say(LOST);
        if (stream && stream.readyState === EventSource.CLOSED) {
          disconnect();
          ask();
          timer = setTimeout(connect, Math.min(1000 * 2 ** failures, 20000));
        }
      });
    };
    const disconnect = () => { clearTimeout(timer); if (stream) stream.close(); stream = null; };
    window.addEventListener("pagehide", disconnect);
    window.addEventListener("pageshow", connect);
    window.addEventListener("online", connect);
    connect();
  };

  // ---- the inbox ------------------------------------------------------------------------------

  const list = byId("list");
  if (list) {
    const show = (html) => {
      const held = list.contains(document.activeElement) ? document.activeElement : null;
      // Someone in the middle of pressing a button keeps it; the next change brings the rest.
      if (held && held.tagName === "BUTTON") return;
      const heldId = held ? held.id : "";
      list.innerHTML = html;
      if (heldId) byId(heldId)?.focus({ preventScroll: true });
      const now = byId("tab-now")?.querySelector(".count")?.textContent || "0";
      document.title = now === "0" ? title : `(${now}) ${title}`;
    };
    const ask = async () => {
      try {
        const answer = await fetch(list.dataset.ask, { credentials: "same-origin", redirect: "manual" });
        if (answer.ok) show(await answer.text());
        else if (answer.type === "opaqueredirect") say(OUT);
      } catch { /* the line is down; the next attempt will tell */ }
    };
    listen(() => list.dataset.live, { list: (event) => show(event.data) }, ask);
  }

  // ---- one conversation -----------------------------------------------------------------------

  const log = byId("log");
  const form = byId("reply");
  const box = byId("text");
  const changed = byId("changed");
  if (log) {
    let last = Number(log.dataset.last);
    let sending = false;
    const first = JSON.stringify(JSON.parse(log.dataset.state));
    const add = (html) => {
      const parsed = document.createElement("template");
      parsed.innerHTML = html;
      const below = document.documentElement.scrollHeight - window.scrollY - window.innerHeight;
      for (const article of [...parsed.content.querySelectorAll("article")]) {
        if (byId(article.id)) continue;
        const n = Number(article.dataset.n);
        const after = [...log.children].find((other) => Number(other.dataset.n) > n);
        log.insertBefore(article, after || null);
        last = Math.max(last, n);
        const family = article.classList.contains("from-family");
        if (family && document.hidden) document.title = `New: ${title}`;
        const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
        if (below < window.innerHeight || article.classList.contains("danger")) {
          article.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
        }
      }
    };
    const state = (event) => {
      if (sending || JSON.stringify(JSON.parse(event.data)) === first) return;
      // Nothing being written or read aloud is lost: the page is loaded again only when it is quiet.
      const written = [...document.querySelectorAll("main textarea, main input")].some((field) => field.value !== field.defaultValue);
      const busy = written || (box && box.value.trim()) || document.querySelector(".beside :focus");
      if (busy) changed.hidden = false;
      else window.location.reload();
    };
    listen(() => `${log.dataset.live}?after=${last}`, { message: (event) => add(event.data), state }, () => {});
    document.addEventListener("submit", () => { sending = true; });
    document.addEventListener("visibilitychange", () => { if (!document.hidden) document.title = title; });
    const newest = [...log.children].pop();
    if (newest && !window.location.hash && !byId("problem")) newest.scrollIntoView({ block: "nearest" });
  }

  if (form && box) {
    let timer = 0;
    let kept = box.value;
    const keep = async () => {
      if (box.value === kept) return;
      const words = box.value;
      const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value, text: words });
      try {
        const answer = await fetch(form.dataset.draft, { method: "POST", body, credentials: "same-origin", redirect: "manual", keepalive: words.length < 20000 });
        if (answer.ok) kept = words;
      } catch { /* the next pause tries again */ }
    };
    box.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(keep, 1500); });
    window.addEventListener("pagehide", () => { if (!form.dataset.sent) keep(); });
    form.addEventListener("submit", () => { form.dataset.sent = "yes"; clearTimeout(timer); });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    });
    for (const link of document.querySelectorAll(".ready")) {
      link.addEventListener("click", async (event) => {
        event.preventDefault();
        try {
          const answer = await fetch(link.dataset.ready, { credentials: "same-origin", redirect: "manual" });
          if (!answer.ok) throw new Error("no words");
          const words = await answer.text();
          box.value = box.value.trim() ? `${box.value.trimEnd()}\n\n${words}` : words;
          box.dispatchEvent(new Event("input"));
          box.focus();
        } catch { window.location.assign(link.href); }
      });
    }
  }
})();
