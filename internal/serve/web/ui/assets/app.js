// Small helps for people with script; every page works without them.
"use strict";
(() => {
  const live = () => document.getElementById("live");

  // Buttons that only a script can answer are hidden until it is here.
  function reveal(root) {
    for (const e of root.querySelectorAll("[data-print], [data-pause]")) e.hidden = false;
    if (window.PublicKeyCredential && PublicKeyCredential.parseRequestOptionsFromJSON && navigator.credentials)
      for (const e of root.querySelectorAll("[data-ceremony]")) e.hidden = false;
  }

  // A passkey is asked for in two steps: the server says for what, the device
  // answers, and the form carries the answer.
  async function ask(button) {
    const form = button.form, say = form.querySelector("[data-ceremony-say]"), keys = PublicKeyCredential;
    const body = new URLSearchParams(new FormData(form));
    if (button.name) body.set(button.name, button.value);
    say.hidden = button.disabled = true;
    try {
      const answer = await fetch(button.dataset.passkey, { method: "POST", body });
      const begun = await answer.json();
      if (!answer.ok) throw begun;
      const given = begun.kind === "create"
        ? await navigator.credentials.create({ publicKey: keys.parseCreationOptionsFromJSON(begun.options) })
        : await navigator.credentials.get({ publicKey: keys.parseRequestOptionsFromJSON(begun.options) });
      form.elements.passkey.value = JSON.stringify({ ceremony: begun.ceremony, begun_at: begun.begun_at, credential: given.toJSON() });
      if (button.name) form.append(Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value }));
      form.submit();
    } catch (error) {
      say.textContent = error.say || button.dataset.failed;
      say.hidden = button.disabled = false;
    }
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
    const passkey = event.target.closest("[data-passkey]");
    if (passkey) { ask(passkey); return; }
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
