/* Keeps the phones fresh and lets the browser speak. Without it the page works by its forms. */
"use strict";
const screen_ = document.getElementById("screen");
const speak = document.getElementById("speak");
const said = new Set();
let last = "", aloud = false, busy = false;

function remember() {
  for (const line of screen_.querySelectorAll("[data-say]")) {
    if (said.has(line.dataset.say)) continue;
    said.add(line.dataset.say);
    if (!aloud) continue;
    const words = new SpeechSynthesisUtterance(line.textContent);
    words.lang = "en-GB";
    speechSynthesis.speak(words);
  }
}

function show(html) {
  if (html === last) return;
  last = html;
  const kept = new Map();
  for (const box of screen_.querySelectorAll("[data-keep]")) kept.set(box.dataset.keep, box.value);
  const focus = document.activeElement && document.activeElement.dataset.keep;
  screen_.innerHTML = html;
  for (const box of screen_.querySelectorAll("[data-keep]")) {
    if (kept.has(box.dataset.keep)) box.value = kept.get(box.dataset.keep);
    if (box.dataset.keep === focus) box.focus();
  }
  for (const list of screen_.querySelectorAll(".heard")) list.scrollTop = list.scrollHeight;
  remember();
}

async function refresh() {
  if (busy || document.hidden) return;
  const answer = await fetch(screen_.dataset.screen).catch(() => null);
  if (answer && answer.ok && !busy) show(await answer.text());
}

screen_.addEventListener("submit", async (event) => {
  event.preventDefault();
  busy = true;
  if (aloud) speechSynthesis.cancel();
  const form = event.target, data = new FormData(form, event.submitter);
  data.set("fragment", "1");
  for (const box of form.querySelectorAll("[data-keep]")) box.value = "";
  const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(data) }).catch(() => null);
  busy = false;
  if (answer && answer.ok) show(await answer.text());
});

if ("speechSynthesis" in window) {
  speak.hidden = false;
  speak.addEventListener("click", () => {
    aloud = !aloud;
    speak.setAttribute("aria-pressed", String(aloud));
    speak.textContent = aloud ? "Stop speaking aloud" : "Speak aloud";
    if (!aloud) speechSynthesis.cancel();
  });
}
remember();
setInterval(refresh, 1000);
