// Leaving at once: the button, and Shift three times. Nothing here waits for the server.
(() => {
  "use strict";
  const link = document.getElementById("leave");
  if (!link) return;
  const said = document.getElementById("leave-said");
  const within = 5000; // milliseconds for three presses
  let gone = false;
  let presses = 0;
  let alone = false; // Shift went down and no other key has since
  let timer = 0;

  const leave = () => {
    if (gone) return;
    gone = true;
    const away = link.href;
    const forget = link.dataset.forget;
    window.dispatchEvent(new Event("leaving"));
    document.title = "Loading";
    document.body.replaceChildren();
    document.documentElement.className = "";
    try {
      // If the beacon never arrives, this cookie makes the server forget the chat at the next visit.
      document.cookie = "left=1; path=/; samesite=strict";
      navigator.sendBeacon(forget); // sent by the browser after we are gone; its answer clears both cookies
      sessionStorage.clear();
      localStorage.clear();
    } catch { /* storage may be barred: we never use it */ }
    window.location.replace(away);
  };

  link.addEventListener("click", (event) => {
    event.preventDefault();
    leave();
  });
  document.addEventListener("keydown", (event) => {
    alone = event.key === "Shift" && (alone || !event.repeat);
    if (event.key !== "Shift") presses = 0;
  });
  document.addEventListener("keyup", (event) => {
    if (event.key !== "Shift" || !alone) return;
    alone = false;
    presses += 1;
    clearTimeout(timer);
    timer = setTimeout(() => { presses = 0; said.textContent = ""; }, within);
    if (presses >= 3) leave();
    else said.textContent = presses === 1 ? link.dataset.two : link.dataset.one;
  });
  // A page kept by the browser for Back may show an old chat: ask the server again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted || gone) window.location.reload();
  });
})();
