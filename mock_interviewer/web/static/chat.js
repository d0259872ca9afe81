// What the chat page does beside Gradio: it counts and keeps what is typed, keeps the newest words
// in view, gives the focus back, and tells a screen reader, once, what the interviewer has said.
(function () {
  "use strict";
  var QUIET = 400; // milliseconds without a key before the draft is sent to be kept
  var PATIENCE = 3000; // milliseconds after which one looks whether the server is there at all
  var DRAFT_PATIENCE = 20000; // milliseconds that a draft may be on its way
  var TYPING = 2000; // milliseconds after a key for which the focus goes to no button
  var find = function (selector) { return document.querySelector(selector); };
  var box = function () { return find("#answer textarea"); };
  var timer = 0; // the draft's
  // What a key left in the box last, what the server keeps, and what it could not keep.
  var typed = null, kept = null, unkept = null;
  var saving = false, saveAgain = false;
  var rows = -1, waiting = false, told = "", shown = "", graded = false, rating = false; // the conversation
  var looked = 0, lost = false; // for the server
  var returning = window.location.hash === "#feedback"; // from the form for own levels
  var keyAt = 0, giving = 0; // the last key of a text, and the focus that waits for it
  var fine = window.matchMedia("(pointer: fine)");

  // What the server does not keep yet stays with this tab, also if the page is loaded anew.
  var interview = new URLSearchParams(window.location.search).get("interview");
  var holding = "unsent " + interview;
  var restored = false, back = null; // what came back, and until when a late draft may not cover it
  var SETTLING = 3000; // milliseconds in which Gradio may still be filling the page
  var settled = 0; // when that is over
  function number() {
    var place = find("#turn-number input");
    return place ? place.value : "";
  }
  function hold() {
    try {
      if (!box().value) window.sessionStorage.removeItem(holding);
      else window.sessionStorage.setItem(
        holding, JSON.stringify({ number: number(), text: box().value })
      );
    } catch (error) { console.warn("What is typed cannot be held in this tab:", error); }
  }
  function letGo() {
    try { window.sessionStorage.removeItem(holding); } catch (error) { /* then it holds nothing */ }
  }
  function restore() {
    var held = null;
    try { held = JSON.parse(window.sessionStorage.getItem(holding)); } catch (error) { return; }
    if (!held) return;
    if (held.number !== number()) {
      letGo();
      return;
    }
    var now = Date.now();
    back = { text: held.text, number: held.number, at: now, until: now + SETTLING };
    if (held.text !== box().value) put(held.text);
  }
  function put(text, quietly) {
    var value = Object.getOwnPropertyDescriptor(window.HTMLTextAreaElement.prototype, "value");
    value.set.call(box(), text);
    box().dispatchEvent(new Event("input", { bubbles: true }));
    if (!quietly) notice("What you had typed is back in the box. It has not been sent.");
  }
  function isCovered() {
    return back && back.number === number() && keyAt < back.at && Date.now() < back.until;
  }

  function notice(text) {
    var place = find("#counter [role=alert]");
    if (!place || place.textContent === text) return;
    place.hidden = !text;
    place.textContent = text;
  }

  // Gradio takes a press that reaches no server for done, so somebody has to ask.
  function lookForServer(after) {
    if (looked) return;
    looked = setTimeout(function () {
      looked = 0;
      window.fetch("../session", { cache: "no-store" }).then(function (response) {
        if (response.status === 401) return loggedOut();
        if (!response.ok) throw new Error("no answer of the program's own");
        if (!lost) return;
        lost = false;
        notice("");
        save();
      }).catch(unreachable);
    }, after);
  }
  function loggedOut() {
    lost = true;
    notice("Not saved: you are no longer logged in. Log in in another tab, and go on here. " +
      "What you write stays on this page.");
    lookForServer(PATIENCE);
  }
  function unreachable() {
    lost = true;
    notice("Not saved: the server cannot be reached. What you write stays on this page.");
    lookForServer(PATIENCE);
  }

  function count() {
    var place = find("#counter [data-limit]");
    if (!place || !box()) return;
    var limit = Number(place.dataset.limit), length = Array.from(box().value).length;
    var words = length.toLocaleString("en") + " of " + limit.toLocaleString("en") + " characters";
    if (length > limit) words += " · too long to send";
    else if (length && kept === box().value) words += " · draft kept";
    else if (length && unkept === box().value) words += " · draft not kept";
    if (place.textContent !== words) place.textContent = words;
    place.classList.toggle("over", length > limit);
  }

  // One draft after the other, so that none overtakes a later one.
  function save() {
    clearTimeout(timer);
    timer = 0;
    if (!box() || box().value === kept) return;
    if (saving) {
      saveAgain = true;
      return;
    }
    var text = box().value;
    saving = true;
    lookForServer(PATIENCE);
    window.fetch("../interviews/" + encodeURIComponent(interview) + "/draft", {
      method: "POST",
      body: new URLSearchParams({ number: number(), text: text }),
      keepalive: true, // also when the page is being left
      signal: window.AbortSignal.timeout(DRAFT_PATIENCE),
    }).then(function (response) {
      if (response.status === 401) return loggedOut();
      if (response.status === 404) find("#refresh").click();
      if (!response.ok) return notKept(text);
      return response.text().then(function (told) {
        if (told === "kept") nowKept(text);
        else notKept(text);
      });
    }).catch(unreachable).then(function () {
      var again = saveAgain;
      saving = saveAgain = false;
      if (again && !lost) save();
    });
  }
  function nowKept(text) {
    kept = text;
    if (box() && box().value === text) letGo();
    if (!lost) looked = clearTimeout(looked) || 0;
    count();
  }
  function notKept(text) {
    unkept = text;
    count();
  }

  // Called by Gradio whenever the box has changed. What no key put there came from the server.
  function changed() {
    if (box() && box().value !== typed) {
      if (isCovered()) return put(back.text, back.typedHere);
      if (restored) letGo();
      typed = kept = box().value;
    }
    count();
  }

  document.addEventListener("input", function (event) {
    if (event.target !== box()) return;
    typed = box().value;
    if (Date.now() < settled && !(back && back.text === typed)) {
      back = { text: typed, number: number(), at: Date.now() + 1, until: settled, typedHere: true };
    }
    if (!lost) notice("");
    hold();
    clearTimeout(timer);
    timer = setTimeout(save, QUIET);
    count();
  });
  document.addEventListener("focusout", function (event) {
    var next = event.relatedTarget;
    if (event.target === box() && !(next && next.closest && next.closest(".buttons"))) save();
  });
  document.addEventListener("visibilitychange", function () { if (document.hidden) save(); });

  // What is typed goes along with every button; to keep it as a draft as well would be a race.
  function acts() {
    settled = 0;
    back = null;
    clearTimeout(timer);
    timer = 0;
    lookForServer(PATIENCE);
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest && event.target.closest(".buttons button");
    if (!button) return;
    if (event.detail > 1) {
      // The second half of a double click is no answer to what the first half asked.
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    if (button.id === "hint") waiting = true;
    acts();
  }, true);
  document.addEventListener("keydown", function (event) {
    if (event.target !== box() && event.target !== document.body) return;
    var sends = event.target === box() && event.key === "Enter" &&
      (event.shiftKey || event.ctrlKey || event.metaKey);
    if (!sends) {
      if (event.key !== "Tab") keyAt = Date.now();
      return;
    }
    var off = !find("#send") || find("#send").disabled;
    if (off || !event.shiftKey) {
      // Gradio knows only Shift+Enter, and would send with it also what would be refused.
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    if (off) return;
    if (event.shiftKey) acts();
    else find("#send").click();
  }, true);

  function announce(text) {
    var place = find("#announcer");
    if (!place) {
      place = document.createElement("div");
      place.id = "announcer";
      place.className = "visually-hidden";
      place.setAttribute("aria-live", "polite");
      document.body.appendChild(place);
    }
    if (text && text !== told) place.textContent = told = text;
  }

  function isShown(element) { return !!element && element.getClientRects().length > 0; }

  function bring() {
    var all = document.querySelectorAll("#chat .message-row");
    var last = all[all.length - 1];
    if (!last) return;
    var below = [find("#answering"), find("#between"), find("#status")].filter(isShown)[0] || last;
    var hidden = below.getBoundingClientRect().bottom + 12 - window.innerHeight;
    var top = last.getBoundingClientRect().top - 12;
    var by = top < 0 ? top : Math.min(Math.max(hidden, 0), top);
    if (Math.abs(by) > 1) window.scrollBy({ top: by, behavior: "instant" });
  }

  function giveFocus() {
    clearTimeout(giving);
    var next = target(), now = document.activeElement;
    var free = !now || now === document.body || now.disabled || !isShown(now) || now.id === "send";
    // On a phone the keyboard that comes with the focus would hide what there is to read.
    if (!free || !next || !fine.matches) return;
    var left = next === box() ? 0 : keyAt + TYPING - Date.now();
    // Whoever is still typing would press the button with the next space.
    if (left > 0) giving = setTimeout(giveFocus, left);
    else next.focus({ preventScroll: next.type !== "radio" });
  }

  function target() {
    return [box(), find("#feedback form :checked"), find("#next"), find("#status a.primary")]
      .filter(isShown)[0];
  }

  var alerted = null;
  function bringAlert() {
    var alert = find("#status [role=alert]");
    if (alert && alert !== alerted) alert.scrollIntoView({ block: "nearest" });
    alerted = alert;
  }

  // Whoever has just said how they see it comes back to what they asked for.
  function land() {
    if (!returning || !isShown(find("#feedback section"))) return;
    returning = false;
    find("#feedback").scrollIntoView({ block: "start" });
    announce(graded ? "Your feedback is there." : "Your answer is being read.");
  }

  function look() {
    document.querySelectorAll("#chat [role=log]").forEach(function (log) {
      if (log.getAttribute("aria-live") !== "off") log.setAttribute("aria-live", "off");
    });
    document.querySelectorAll("#chat [data-testid=bot], #chat [data-testid=user]").forEach(
      function (message) {
        if (message.getAttribute("role")) return;
        message.setAttribute("role", "group");
      }
    );
    document.querySelectorAll("#chat [role=group]").forEach(function (message) {
      var name = message.dataset.testid === "bot" ? "Interviewer" : "You";
      if (message.getAttribute("aria-label") !== name) message.setAttribute("aria-label", name);
    });
    var all = document.querySelectorAll("#chat .message-row");
    if (!all.length || !target()) return;
    changed();
    bringAlert();
    if (isShown(box()) && fine.matches) {
      var words = "Write as you would say it. Shift+Enter or Ctrl+Enter sends.";
      if (box().placeholder !== words) box().placeholder = words;
    }
    var stage = find("#status .stage:not([role])");
    var busy = !!stage || (isShown(find("#send")) && find("#send").disabled);
    if (all.length !== rows) {
      rows = all.length;
      bring();
    }
    if (busy) {
      waiting = true;
      if (stage) announce(stage.textContent);
      return;
    }
    if (isShown(box()) && !restored && number() !== "") {
      restored = true;
      settled = Date.now() + SETTLING;
      restore();
    }
    var bots = document.querySelectorAll("#chat [data-testid=bot]");
    var text = bots.length ? bots[bots.length - 1].textContent.trim() : "";
    var state = rows + " " + find("#head h1").textContent;
    var news = "";
    if (!!find("#feedback .bars") !== graded) {
      graded = !graded;
      if (graded && shown !== "") news = "Your feedback is there.";
    }
    if (!!find("#feedback form") !== rating) {
      rating = !rating;
      if (rating && shown !== "") news = "Before the feedback: how do you see it yourself?";
    }
    if (state === shown) {
      land();
      if (news) announce(news);
      // The button goes a moment after the hint has come.
      if (waiting && document.activeElement === document.body) {
        giveFocus();
        waiting = false;
      }
      return;
    }
    var first = shown === "";
    shown = state;
    count();
    bring();
    if (waiting || first) giveFocus();
    waiting = !!document.activeElement && document.activeElement.id === "hint";
    land();
    if (!first) announce((find("#head h1").textContent + ". " + text + " " + news).trim());
  }

  var asked = 0;
  new MutationObserver(function () {
    if (asked) return;
    asked = requestAnimationFrame(function () { asked = 0; look(); });
  }).observe(document.documentElement, {
    subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ["disabled", "class"],
  });

  window.interviewPage = { changed: changed };
})();
