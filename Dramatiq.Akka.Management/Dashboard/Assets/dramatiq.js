// Follows what happens: each event of the server makes the page fetch itself anew, and what has changed in the live part is put in place, so that focus and scroll stay.
(() => {
  "use strict";

  const live = document.getElementById("live");
  const pulse = document.getElementById("pulse");
  const events = document.body.dataset.events;

  const say = (text, state) => {
    if (!pulse) return;
    pulse.textContent = text;
    pulse.dataset.state = state;
  };

  const morph = (from, to) => {
    if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName) { from.replaceWith(to.cloneNode(true)); return; }
    if (from.nodeType === Node.TEXT_NODE) { if (from.data !== to.data) from.data = to.data; return; }
    if (from.nodeType !== Node.ELEMENT_NODE) return;
    for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
    for (const name of from.getAttributeNames()) if (!to.hasAttribute(name) && name !== "open") from.removeAttribute(name);
    const before = [...from.childNodes], after = [...to.childNodes];
    after.forEach((node, at) => at < before.length ? morph(before[at], node) : from.append(node.cloneNode(true)));
    before.slice(after.length).forEach(node => node.remove());
  };

  let busy = false;
  const refresh = async () => {
    if (busy || document.hidden) return;
    busy = true;
    try {
      const answer = await fetch(location.href, { headers: { "Dramatiq-Part": "live" }, cache: "no-store" });
      const part = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("live");
      if (part) { morph(live, part); say("Live", "on"); }
      else if (answer.status === 401 || answer.status === 403 || answer.redirected) location.reload();   // the session is gone, and the page itself says what is needed
      else say(answer.status === 503 ? "Broker away" : "Not up to date", "off");
    } catch {
      say("No connection", "off");
    } finally {
      busy = false;
    }
  };

  if (live && events && window.EventSource) {
    // A browser has few connections for one site, so a tab that nobody sees holds none.
    const leastWait = 1000, mostWait = 30000;
    let source = null, retry = 0, wait = leastWait;

    const hush = () => {
      clearTimeout(retry);
      source?.close();
      source = null;
    };

    const listen = () => {
      hush();
      if (document.hidden) return;
      source = new EventSource(events + "?topics=overview");
      source.addEventListener("overview", refresh);
      source.onopen = () => { wait = leastWait; say("Live", "on"); };
      source.onerror = () => {
        say("No connection", "off");
        if (source.readyState !== EventSource.CLOSED) return;   // the browser tries again by itself
        hush();
        retry = setTimeout(listen, wait);
        wait = Math.min(wait * 2, mostWait);
        refresh();
      };
    };

    document.addEventListener("visibilitychange", () => {
      if (document.hidden) { hush(); return; }
      listen();
      refresh();
    });
    listen();
  }

  // A box that ticks all boxes of its table; buttons for what is ticked are of use once something is.
  for (const all of document.querySelectorAll("input[data-all]")) {
    const form = all.closest("form");
    const boxes = () => [...form.querySelectorAll("input[name=id]")];
    const show = () => {
      const ticked = boxes().filter(box => box.checked).length;
      all.checked = ticked > 0 && ticked === boxes().length;
      all.indeterminate = ticked > 0 && !all.checked;
      for (const button of form.querySelectorAll("button[data-ticked]")) button.disabled = ticked === 0;
      for (const count of form.querySelectorAll("[data-count]")) count.textContent = ticked ? `${ticked} selected` : "Nothing selected";
    };
    all.hidden = false;
    all.addEventListener("change", () => { boxes().forEach(box => { box.checked = all.checked; }); show(); });
    form.addEventListener("change", show);
    show();
  }
})();
