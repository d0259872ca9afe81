// What the page of a review does by itself: it saves, marks evidence, and listens to keys.
(function () {
  "use strict";
  const WAIT_MS = 700;
  const AGAIN_MS = 5000;
  const KEYS_OFF = "mock-interviewer.review-keys-off";

  const form = document.getElementById("review");
  const version = form.elements.version;
  const saved = document.getElementById("saved");
  const done = document.getElementById("done");
  const criteria = [...document.querySelectorAll(".criterion")];
  const sentences = [...document.querySelectorAll(".sentence")];
  document.documentElement.classList.add("scripted");

  // Saving. One request at a time, each on top of the version that the last one made.
  let changed = false;
  let failed = false;
  let stopped = document.getElementById("conflict") !== null;
  let timer = 0;
  let running = null;

  function touched() {
    changed = true;
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(save, WAIT_MS);
  }

  function request(keepalive) {
    changed = false;
    const body = new URLSearchParams(new FormData(form));
    // What is on its way will have made the next version by the time that this arrives.
    if (running) body.set("version", String(Number(version.value) + 1));
    return fetch(form.action, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      keepalive,
    });
  }

  async function save() {
    clearTimeout(timer);
    if (running) await running;
    if (!changed || stopped) return;
    const sending = send();
    running = sending.finally(() => (running = null));
    await running;
    if (changed && !stopped && !failed) timer = setTimeout(save, WAIT_MS);
  }

  async function send() {
    try {
      const answer = await request(false);
      if (answer.ok) return kept(await answer.json());
      if (answer.status === 409) return conflicting(await answer.json());
      if (answer.status < 500) {
        const said = await answer.text();
        return trouble(answer.status === 401 ? "Not saved: log in again in another tab." : said);
      }
      throw new Error(String(answer.status));
    } catch {
      trouble("Not saved: the program cannot be reached. It is tried again.");
    }
  }

  function kept(told) {
    failed = false;
    version.value = told.version;
    const now = new Date().toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
    saved.textContent = `Saved ${now}`;
    saved.classList.remove("trouble");
    const begun = document.getElementById("not-begun");
    if (begun) {
      begun.textContent = "Begun";
      document.querySelector(".steps [aria-current] .sign").textContent = "◐";
    }
    for (const each of criteria) {
      each.querySelector(".lacks").hidden = !told.lacking.includes(each.dataset.criterion);
    }
  }

  function trouble(text) {
    let said = text;
    try {
      said = `Not saved: ${JSON.parse(text).error}`;
    } catch {
      // It was a sentence already.
    }
    changed = failed = true;
    saved.textContent = said;
    saved.classList.add("trouble");
    timer = setTimeout(save, AGAIN_MS);
  }

  function conflicting(told) {
    stopped = changed = true;
    document.getElementById("told").insertAdjacentHTML("beforebegin", told.conflict);
    const shown = document.getElementById("conflict");
    version.value = shown.dataset.version;
    saved.textContent = "Not saved: choose above which to keep.";
    saved.classList.add("trouble");
    hold();
    shown.focus();
  }

  function hold() {
    for (const button of form.querySelectorAll("button[name=do]")) button.disabled = true;
  }
  if (stopped) hold();

  form.addEventListener("input", touched);
  form.addEventListener("change", touched);
  document.querySelector(".transcript").addEventListener("input", touched);
  let leaving = false;
  form.addEventListener("submit", async (event) => {
    clearTimeout(timer);
    if (running) {
      // The version that it makes has to be sent along.
      event.preventDefault();
      await running;
      if (!stopped) form.requestSubmit(event.submitter);
      return;
    }
    leaving = true;
  });
  document.getElementById("reload").addEventListener("submit", () => (leaving = true));
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    if (stopped || failed || !(changed || running)) return;
    event.preventDefault();
    await save();
    if (!stopped && !failed) location.assign(link.href);
  });
  addEventListener("pagehide", () => {
    if (changed && !stopped && !leaving) request(true);
  });
  addEventListener("beforeunload", (event) => {
    if (!leaving && changed && (stopped || failed)) event.preventDefault();
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  // The chosen criterion: its levels are explained, and its evidence is marked.
  let chosen = Math.max(0, criteria.findIndex((each) => each.classList.contains("current")));
  if (!document.querySelector(".criterion.current")) {
    const lacking = criteria.findIndex((each) => !each.querySelector(".lacks").hidden);
    const open = criteria.findIndex((each) => !levelOf(each));
    chosen = Math.max(0, lacking >= 0 ? lacking : open);
  }

  function levelOf(each) {
    const checked = each.querySelector("input[type=radio]:checked");
    return checked ? checked.value : "";
  }

  function choose(number, focus) {
    if (!criteria.length) return;
    chosen = Math.min(criteria.length - 1, Math.max(0, number));
    const here = criteria[chosen];
    for (const each of criteria) each.classList.toggle("current", each === here);
    for (const each of sentences) {
      const cited = each.dataset.evidence.split(" ").includes(here.dataset.criterion);
      each.classList.toggle("cited", cited);
      each.querySelector(".cite").hidden = !cited;
    }
    if (!focus) return;
    (here.querySelector("input:checked") || here.querySelector("input")).focus({ preventScroll: true });
    here.scrollIntoView({ block: "nearest" });
  }

  // A click chooses when it is over, or what is clicked would move away from under it.
  let pressing = false;
  document.addEventListener("pointerdown", () => (pressing = true), true);
  document.addEventListener("pointerup", () => setTimeout(() => (pressing = false)), true);
  document.addEventListener("pointercancel", () => (pressing = false), true);

  function chooseInPlace(number, focus) {
    const top = criteria[number].getBoundingClientRect().top;
    choose(number, focus);
    scrollBy(0, criteria[number].getBoundingClientRect().top - top);
  }

  criteria.forEach((each, number) => {
    each.addEventListener("focusin", () => pressing || number === chosen || choose(number, false));
    each.addEventListener("click", (event) => {
      const control = event.target.closest("label, input, textarea");
      if (number !== chosen) chooseInPlace(number, !control);
    });
    const reason = each.querySelector("textarea");
    reason.addEventListener("input", () => {
      const why = each.querySelector(".why");
      why.textContent = reason.value;
      why.hidden = !reason.value;
    });
  });
  choose(chosen, false);

  function setLevel(value) {
    const here = criteria[chosen];
    const radio = here && [...here.querySelectorAll("input[type=radio]")].find((r) => r.value === value);
    if (!radio) return false;
    radio.checked = true;
    radio.focus({ preventScroll: true });
    touched();
    return true;
  }

  // The sentences: one stop for Tab, arrows between them.
  const numbers = sentences.map((each) => each.querySelector(".number"));
  function stop(number, focus) {
    numbers.forEach((each, at) => (each.tabIndex = at === number ? 0 : -1));
    if (focus) numbers[number].focus();
  }
  if (numbers.length) stop(0, false);

  function comment(number) {
    const box = document.getElementById(`comment-${number}`);
    box.hidden = false;
    box.querySelector("textarea").focus();
  }

  sentences.forEach((each, at) => {
    each.addEventListener("click", () => {
      if (String(getSelection())) return; // somebody copies a quote
      stop(at, false);
      comment(each.dataset.number);
    });
    numbers[at].addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      stop(Math.min(numbers.length - 1, Math.max(0, at + step)), true);
    });
  });
  for (const box of document.querySelectorAll(".comment[data-number]")) {
    const text = box.querySelector("textarea");
    text.addEventListener("input", () => {
      document.getElementById(`s${box.dataset.number}`).classList.toggle("commented", text.value !== "");
    });
    text.addEventListener("blur", () => (box.hidden = text.value === ""));
  }

  // Keys. None of them while somebody types, and all of them can be switched off.
  const keys = document.getElementById("keys");
  const on = document.getElementById("keys-on");
  const showKeys = document.getElementById("show-keys");
  on.checked = localStorage.getItem(KEYS_OFF) !== "yes";
  on.addEventListener("change", () => localStorage.setItem(KEYS_OFF, on.checked ? "no" : "yes"));
  showKeys.hidden = false;
  showKeys.addEventListener("click", () => keys.showModal());

  function follow(relation) {
    const link = document.querySelector(`a[rel=${relation}]`);
    if (link) link.click();
  }

  function leaveField(field) {
    const box = field.closest(".comment[data-number]");
    const criterion = field.closest(".criterion");
    if (box) stop(Number(box.dataset.number) - 1, true);
    else if (criterion) choose(criteria.indexOf(criterion), true);
    else field.blur();
  }

  const doing = {
    j: () => choose(chosen + 1, true),
    k: () => choose(chosen - 1, true),
    n: () => follow("next"),
    p: () => follow("prev"),
    q: () => document.getElementById("to-queue").click(),
    "-": () => setLevel("none"),
    x: () => setLevel(""),
    c: () => document.getElementById("comment").focus(),
    d: () => done.disabled || form.requestSubmit(done),
    "?": () => keys.showModal(),
    r: () => {
      const here = criteria[chosen];
      if (here && levelOf(here)) here.querySelector("textarea").focus();
    },
    s: () => {
      const cited = sentences.findIndex((each) => each.classList.contains("cited"));
      const last = numbers.findIndex((each) => each.tabIndex === 0);
      if (numbers.length) stop(last > 0 ? last : Math.max(0, cited), true);
    },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || keys.open) return;
    const field = event.target;
    const typing = field.matches("textarea, select, input:not([type=radio]):not([type=checkbox])");
    if (event.key === "Escape" && typing) return leaveField(field);
    if (event.key === "Enter" && field.matches("input[type=radio]")) {
      event.preventDefault(); // it would send the form
      return choose(chosen + 1, true);
    }
    if (typing || !on.checked) return;
    const act = /^[0-9]$/.test(event.key) ? () => setLevel(event.key) : doing[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
