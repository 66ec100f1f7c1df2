/**
 * The page's script: signs in with the link's key, shows the status, and follows the audit log.
 * Everything from the server is put in as text, never as HTML.
 */

const $ = (id) => document.getElementById(id);
const WORDS = { good: "All is well", warning: "Worth a look", bad: "Needs mending" };
const MARKS = { good: "✓", warning: "!", bad: "✕" };
const GROUPS = {
  token: "Token",
  storage: "Storage",
  use: "Use",
  record: "Record",
  repository: "Repository",
  notebook: "Notebook",
};
/** How often the page asks, in ms: for new records, and for the whole status. */
const POLL_MS = 2000;
const STATUS_MS = 15_000;
/** The share of the time that looking at everything may take: with a long log it takes seconds. */
const STATUS_SHARE = 10;

let csrf = "";
let newest = -1;
let statusAt = 0;
let statusCost = 0;
let statusIsOld = false;
let oldest = null;
let shown = [];

async function ask(path, options = {}) {
  const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
  const response = await fetch(path, { ...options, headers, cache: "no-store" });
  if (response.status === 401) throw new Error("signed out");
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return await response.json();
}

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className !== undefined) made.className = className;
  return made;
}

function tell(text) {
  $("message").textContent = text;
  $("message").hidden = text === "";
}

async function signIn() {
  const key = /^#k=([\w-]+)$/.exec(location.hash)?.[1];
  if (key !== undefined) {
    // Out of the address bar, the history and any screenshot, before anything else happens.
    history.replaceState(null, "", "/");
    ({ csrf } = await ask("/api/session", { method: "POST", body: JSON.stringify({ key }) }));
  } else {
    ({ csrf } = await ask("/api/session"));
  }
}

function mark(level) {
  const made = element("span", MARKS[level], `mark ${level}`);
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", WORDS[level]);
  return made;
}

function showStatus(status) {
  const overall = $("overall");
  if (overall.textContent !== WORDS[status.level]) overall.textContent = WORDS[status.level];
  overall.className = `${status.level}-text`;
  const cards = Object.entries(GROUPS).flatMap(([group, name]) => {
    const lines = status.lines.filter((line) => line.group === group);
    if (lines.length === 0) return [];
    const card = element("article", undefined, "card");
    card.append(element("h3", name));
    const list = element("dl");
    for (const line of lines) list.append(...lineElements(line));
    if (group === "use") addClearButton(card, list, status.lockouts);
    else card.append(list);
    return [card];
  });
  const focused = document.activeElement?.id;
  $("cards").replaceChildren(...cards);
  if (focused === "clear") $("clear")?.focus();
}

function lineElements({ level, title, text, mend }) {
  const term = element("dt");
  term.append(mark(level), element("span", title));
  const description = element("dd", text);
  if (mend !== undefined) description.append(element("br"), element("code", mend));
  return [term, description];
}

function addClearButton(card, list, lockouts) {
  card.append(list);
  const locked = lockouts.filter(({ remainingMs }) => remainingMs > 0);
  if (locked.length === 0) return;
  const button = element("button", "Clear the lockout …");
  button.id = "clear";
  button.type = "button";
  button.style.marginTop = "0.75rem";
  button.addEventListener("click", () => confirmClear(locked));
  card.append(button);
}

function confirmClear(locked) {
  const dialog = $("confirm");
  $("confirm-subject").textContent = locked.map(({ subject }) =>
    subject === "store" ? "the stored token" : subject === "*" ? "everything" : `token ${subject}`
  ).join(", ");
  dialog.returnValue = "no";
  dialog.onclose = async () => {
    if (dialog.returnValue !== "yes") return;
    try {
      await ask("/api/security/clear-lockout", { method: "POST", body: "{}" });
      await refreshStatus();
      await poll();
    } catch (error) {
      fail(error);
    }
  };
  dialog.showModal();
}

function query(more = {}) {
  const form = new FormData($("filters"));
  const search = new URLSearchParams({ limit: "50", ...more });
  for (const name of ["event", "outcome"]) {
    if (form.get(name)) search.set(name, form.get(name));
  }
  for (const name of ["since", "until"]) {
    if (form.get(name)) search.set(name, new Date(form.get(name)).toISOString());
  }
  return `/api/security/audit-log?${search}`;
}

function what(record) {
  const parts = [
    record["gen_ai.request.model"],
    record.source,
    record.method,
    record.reason,
    record["error.type"],
    record.subject,
    record.fingerprint,
    record["http.response.status_code"],
    record.findings === undefined ? undefined : `${record.findings} findings`,
    record.wait_ms > 0 ? `waited ${(record.wait_ms / 1000).toFixed(1)} s` : undefined,
  ];
  return parts.filter((part) => part !== undefined).join(" · ");
}

function showRecords() {
  const rows = shown.map((record) => {
    const row = element("tr");
    const time = element("time", new Date(record.time).toLocaleString());
    time.dateTime = record.time;
    const when = element("td");
    when.append(time);
    const bad = record.outcome === "refused" || record.outcome === "failed";
    row.append(
      when,
      element("td", record.event),
      element("td", record.outcome, bad ? "bad-text" : undefined),
      element("td", what(record)),
      element("td", record.notebook ?? record.command ?? record["server.address"] ?? ""),
    );
    return row;
  });
  $("records").replaceChildren(...rows);
  $("none").hidden = rows.length > 0;
  $("older").hidden = oldest === null;
}

async function loadRecords() {
  const page = await ask(query());
  shown = page.records;
  oldest = page.next;
  showRecords();
}

async function loadOlder() {
  const page = await ask(query({ cursor: oldest }));
  shown = [...shown, ...page.records];
  oldest = page.next;
  showRecords();
}

const SVG = "http://www.w3.org/2000/svg";

function shape(name, attributes, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  if (text !== undefined) made.textContent = text;
  return made;
}

function showChart({ minutes, limitPerMinute }) {
  const [width, height, left, bottom] = [720, 180, 34, 22];
  const counts = minutes.map(({ ok, other }) => ok + other);
  const top = Math.max(5, limitPerMinute ?? 0, ...counts) * 1.1;
  const y = (count) => (height - bottom) * (1 - count / top);
  const step = (width - left) / minutes.length;
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
  svg.setAttribute("aria-labelledby", "chart-text");
  for (const count of [0, Math.round(top / 2)]) {
    svg.append(
      shape("line", { class: "axis", x1: left, x2: width, y1: y(count), y2: y(count) }),
      shape("text", { x: left - 6, y: y(count) + 4, "text-anchor": "end" }, count),
    );
  }
  minutes.forEach(({ ok, other }, i) => {
    const bar = { x: left + i * step + 1, width: Math.max(1, step - 2) };
    svg.append(shape("rect", { ...bar, class: "ok", y: y(ok), height: y(0) - y(ok) }));
    if (other > 0) {
      const from = y(ok + other);
      svg.append(shape("rect", { ...bar, class: "not", y: from, height: y(ok) - from }));
    }
  });
  if (limitPerMinute !== null) {
    const at = y(limitPerMinute);
    svg.append(
      shape("line", { class: "limit", x1: left, x2: width, y1: at, y2: at }),
      shape("text", { x: left + 4, y: at - 5 }, `limit ${limitPerMinute}/min`),
    );
  }
  for (const [i, label] of [[0, "60 min ago"], [30, "30"], [59, "now"]]) {
    const anchor = i === 0 ? "start" : i === 59 ? "end" : "middle";
    const x = i === 59 ? width : left + i * step;
    svg.append(shape("text", { x, y: height - 6, "text-anchor": anchor }, label));
  }
  $("chart").replaceChildren(svg);
  const calls = counts.reduce((sum, count) => sum + count, 0);
  const other = minutes.reduce((sum, minute) => sum + minute.other, 0);
  const most = Math.max(0, ...counts);
  const against = limitPerMinute === null ? "" : `, against a limit of ${limitPerMinute}`;
  $("chart-text").textContent =
    `${calls} calls, ${other} of them refused or failed; at most ${most} in one minute${against}.`;
}

async function refreshStatus() {
  statusIsOld = false;
  const begun = Date.now();
  showStatus(await ask("/api/security/status"));
  statusAt = Date.now();
  statusCost = statusAt - begun;
}

async function poll() {
  const { seq, ...calls } = await ask("/api/security/calls");
  const changed = seq !== newest;
  newest = seq;
  showChart(calls);
  // Older pages that somebody reads are not pulled away from under them.
  if (changed && shown.length <= 50) await loadRecords();
  statusIsOld ||= changed;
  const pause = Math.max(statusIsOld ? 0 : STATUS_MS, statusCost * STATUS_SHARE);
  if (Date.now() - statusAt > pause) await refreshStatus();
}

function fail(error) {
  if (error.message === "signed out") {
    tell("This page is signed out. Run “hushbook security --serve” again and open the new link.");
    $("overall").textContent = "Signed out";
    return false;
  }
  tell(`Cannot reach hushbook: ${error.message}. Trying again.`);
  return true;
}

async function follow() {
  for (;;) {
    try {
      if (!document.hidden) {
        await poll();
        tell("");
      }
    } catch (error) {
      if (!fail(error)) return;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

$("filters").addEventListener("change", () => loadRecords().catch(fail));
$("filters").addEventListener("submit", (event) => event.preventDefault());
$("older").addEventListener("click", () => loadOlder().catch(fail));

try {
  await signIn();
  await follow();
} catch (error) {
  fail(error);
}
