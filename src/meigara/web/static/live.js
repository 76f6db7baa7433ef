"use strict";
// Keeps the live part of a page true: one request waits at the server until something changes.
// None is made while the page is hidden. Without this script a reload shows the same.
(() => {
  const live = document.getElementById("live");
  const banner = document.getElementById("disconnected");
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  let request = null;
  let lostAt = null;

  const seen = () => live.querySelector("[data-seen]")?.dataset.seen ?? "";

  function connected() {
    lostAt = null;
    banner.hidden = true;
  }

  function disconnected() {
    if (lostAt) return;
    lostAt = new Date();
    const time = lostAt.toTimeString().slice(0, 5);
    banner.textContent = banner.dataset.text.replace("{time}", time);
    banner.hidden = false;
  }

  // Changes only what differs, so that focus, scroll and open details stay.
  function show(html) {
    Idiomorph.morph(live, html, {
      morphStyle: "innerHTML",
      callbacks: {
        beforeAttributeUpdated: (name, node) => !(name === "open" && node.tagName === "DETAILS"),
        afterNodeAdded: (node) => { if (node instanceof Element) htmx.process(node); },
      },
    });
    tellElapsed();
  }

  async function visible() {
    while (document.hidden) {
      await new Promise((done) =>
        document.addEventListener("visibilitychange", done, { once: true }));
    }
  }

  async function follow() {
    for (;;) {
      await visible();
      request = new AbortController();
      try {
        const address = `${live.dataset.live}?seen=${encodeURIComponent(seen())}`;
        const answer = await fetch(address, { signal: request.signal });
        if (!answer.ok) throw new Error(answer.status);
        connected();
        if (answer.status === 200) show(await answer.text());
      } catch (error) {
        if (error.name === "AbortError") continue;
        disconnected();
        await pause(2000);
      }
    }
  }

  function tellElapsed() {
    document.querySelectorAll("[data-since]").forEach((each) => {
      const seconds = Math.max(0, (Date.now() - new Date(each.dataset.since)) / 1000);
      each.textContent = `${Math.floor(seconds)} s`;
    });
  }

  function showDialog() {
    const dialog = document.querySelector("#dialog-place dialog");
    if (!dialog || dialog.open) return;
    const opener = document.activeElement?.id;
    dialog.showModal();
    dialog.addEventListener("close", () => {
      dialog.remove();
      document.getElementById(opener)?.focus();
    });
    dialog.querySelector("[data-close]")?.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.close();
    });
    const form = dialog.querySelector("form[data-save-when-changed]");
    const save = form?.querySelector("button.primary");
    const before = form && new URLSearchParams(new FormData(form)).toString();
    const compare = () => {
      save.disabled = new URLSearchParams(new FormData(form)).toString() === before;
    };
    form?.addEventListener("input", compare);
    if (form) compare();
  }

  document.addEventListener("htmx:afterSwap", showDialog);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) navigator.clipboard?.writeText(button.dataset.copy);
  });
  document.addEventListener("keydown", (event) => {
    const slot = event.target.closest?.("a.slot");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!slot || !step) return;
    const all = [...document.querySelectorAll("a.slot")];
    all[all.indexOf(slot) + step]?.focus();
    event.preventDefault();
  });
  if (!live) return;
  document.addEventListener("visibilitychange", () => { if (document.hidden) request?.abort(); });
  document.addEventListener("htmx:sendError", disconnected);
  setInterval(() => { if (!document.hidden) tellElapsed(); }, 1000);
  tellElapsed();
  follow();
})();
