"use strict";
// Keeps the live part of a page true: one request waits at the server until something changes.
// None is made while the page is hidden. Without this script a reload shows the same.
(() => {
  const live = document.getElementById("live");
  const banner = document.getElementById("disconnected");
  const told = document.getElementById("told");
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const language = document.documentElement.lang;
  const headers = { "Accept-Language": language };
  let request = null;
  let lostAt = null;

  const seen = () => live.querySelector("[data-seen]")?.dataset.seen ?? "";

  function connected() {
    lostAt = null;
    banner.hidden = true;
  }

  function disconnected(why) {
    lostAt ??= new Date();
    const time = lostAt.toTimeString().slice(0, 5);
    const text = `${banner.dataset.text.replace("{time}", time)} ${why}`.trim();
    if (banner.textContent !== text) banner.textContent = text;
    banner.hidden = false;
  }

  // Changes only what differs, so that focus, scroll and open details stay.
  function show(html) {
    const place = document.activeElement?.closest("#live > [id]")?.id;
    Idiomorph.morph(live, html, {
      morphStyle: "innerHTML",
      callbacks: {
        beforeAttributeUpdated: (name, node) => !(name === "open" && node.tagName === "DETAILS"),
      },
    });
    htmx.process(live);  // a form that became another one sends to another address
    tellTimes();
    if (place && document.activeElement === document.body) focusIn(place);
  }

  // Where the button that had the focus is gone, the one that came in its place gets it.
  function focusIn(place) {
    const next = document.querySelector(`#${place} :is(button:enabled, a[href])`);
    (next ?? document.getElementById("main")).focus();
  }

  // What went wrong, where it does not pass by itself.
  async function toldBy(answer) {
    const problem = await answer.json().catch(() => ({}));
    return problem.type === "StoreLost" ? problem.detail : "";
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
        const answer = await fetch(address, { signal: request.signal, headers });
        if (answer.status === 401) return location.reload();  // leads to the page that signs in
        if (!answer.ok) throw Object.assign(new Error(), { told: await toldBy(answer) });
        if (answer.status === 200) show(await answer.text());
        connected();
      } catch (error) {
        if (error.name === "AbortError") continue;
        disconnected(error.told ?? "");
        await pause(2000);
      }
    }
  }

  // How long a run has taken, and how long it is until the next one.
  function tellTimes() {
    const number = (value, unit) =>
      new Intl.NumberFormat(language, { style: "unit", unit }).format(value);
    document.querySelectorAll("[data-since]").forEach((each) => {
      const seconds = Math.max(0, (Date.now() - new Date(each.dataset.since)) / 1000);
      write(each, number(Math.floor(seconds), "second"));
    });
    const relative = new Intl.RelativeTimeFormat(language);
    document.querySelectorAll("[data-until]").forEach((each) => {
      const minutes = Math.max(0, Math.floor((new Date(each.dataset.until) - Date.now()) / 60000));
      write(each, minutes < 60
        ? relative.format(minutes, "minute") : relative.format(Math.floor(minutes / 60), "hour"));
    });
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
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
  }

  const closeDialog = () => document.querySelector("#dialog-place dialog")?.close();

  // There is nothing to save as long as the fields say what is in force.
  function compare() {
    document.querySelectorAll("form[data-in-force]").forEach((form) => {
      const fields = new FormData(form);
      const typed = `${fields.get("execution_time")} ${fields.get("timezone")}`;
      form.querySelector("button.primary").disabled = typed === form.dataset.inForce;
    });
  }

  function tell(text) {
    told.querySelector("span").textContent = text;
    told.hidden = false;
    told.asker = document.activeElement;
  }

  function dismiss() {
    told.hidden = true;
    told.asker?.focus();
  }

  document.addEventListener("htmx:afterSwap", () => { showDialog(); compare(); });
  document.addEventListener("input", compare);
  document.addEventListener("saved", closeDialog);
  document.addEventListener("htmx:beforeRequest", () => { told.hidden = true; });
  // The live part is morphed, whoever asked for it. A form that is answered with what is wrong in
  // it takes its own place, whatever the status.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (live && detail.target === live && detail.xhr.status === 200) {
      detail.shouldSwap = false;
      return show(detail.serverResponse);
    }
    const kind = detail.xhr.getResponseHeader("Content-Type") ?? "";
    if (detail.xhr.status >= 400 && kind.startsWith("text/html")) {
      detail.shouldSwap = true;
      detail.isError = false;
    }
  });
  document.addEventListener("htmx:responseError", ({ detail }) => {
    try {
      const problem = JSON.parse(detail.xhr.responseText);
      tell(`${problem.detail} ${problem.hint ?? ""}`);
    } catch {
      tell(`${detail.xhr.status} ${detail.xhr.statusText}`);
    }
  });
  document.addEventListener("htmx:sendError", disconnected);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[aria-disabled=true]")) event.preventDefault();
    if (event.target.closest("[data-dismiss]")) dismiss();
    if (event.target.closest("dialog [data-close]")) {
      event.preventDefault();
      closeDialog();
    }
    const button = event.target.closest("[data-copy]");
    if (button) {
      navigator.clipboard?.writeText(button.dataset.copy);
      write(button, button.dataset.copied);
    }
  });
  document.addEventListener("keydown", (event) => {
    const slot = event.target.closest?.("a.slot");
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!slot || !step) return;
    const all = [...document.querySelectorAll("a.slot")];
    all[all.indexOf(slot) + step]?.focus();
    event.preventDefault();
  });
  compare();
  if (!live) return;
  document.addEventListener("visibilitychange", () => { if (document.hidden) request?.abort(); });
  setInterval(() => { if (!document.hidden) tellTimes(); }, 1000);
  tellTimes();
  follow();
})();
