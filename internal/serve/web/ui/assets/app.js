// Small helps for people with script; every page works without them.
"use strict";
(() => {
  const live = () => document.getElementById("live");

  // Buttons that only a script can answer are hidden until it is here.
  function reveal(root) {
    for (const e of root.querySelectorAll("[data-print], [data-pause]")) e.hidden = false;
  }

  function closeSide() {
    const side = document.getElementById("side");
    if (!side || !side.firstElementChild) return false;
    const back = side.dataset.opener && document.getElementById(side.dataset.opener);
    side.replaceChildren();
    if (back) back.focus(); else document.getElementById("main").focus();
    return true;
  }

  document.addEventListener("click", (event) => {
    const close = event.target.closest("[data-close=side]");
    if (close) { event.preventDefault(); closeSide(); return; }
    if (event.target.closest("[data-print]")) { window.print(); return; }
    const pause = event.target.closest("[data-pause]");
    if (pause) {
      const rows = document.getElementById(pause.dataset.pause);
      const off = rows.toggleAttribute("data-paused");
      const word = pause.textContent;
      pause.textContent = pause.dataset.go;
      pause.dataset.go = word;
      if (live()) live().textContent = off ? word : "";
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && closeSide()) { event.preventDefault(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const hit = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
    if (hit) { event.preventDefault(); hit.focus(); }
  });

  // A paused stream drops what arrives; the journal keeps it.
  document.addEventListener("htmx:sse:before:message", (event) => {
    if (event.target.hasAttribute("data-paused")) event.preventDefault();
  });
  document.addEventListener("htmx:sse:after:message", (event) => {
    const keep = Number(event.target.dataset.keep);
    if (keep > 0) while (event.target.children.length > keep) event.target.lastElementChild.remove();
  });

  document.addEventListener("htmx:before:request", (event) => {
    const ctx = event.detail && event.detail.ctx;
    if (ctx && ctx.target && ctx.target.id === "side" && ctx.sourceElement.id) ctx.target.dataset.opener = ctx.sourceElement.id;
  });
  document.addEventListener("htmx:after:swap", () => reveal(document));
  document.addEventListener("DOMContentLoaded", () => reveal(document));
  if (document.readyState !== "loading") reveal(document);
})();
