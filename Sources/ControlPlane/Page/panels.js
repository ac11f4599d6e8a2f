// What stands around the tree: the head, the tiles, the filter, pools, loads and events.

const totals = { connections: new Series(), rates: new Series(), most: 0 };
const totalLines = { connections: new Sparkline(), rates: new Sparkline() };
const drainMeter = new Meter();
const eventLimit = 100;
const eventTones = {
  crashed: "bad", "gave-up": "bad", "group-gave-up": "bad", forced: "bad", unresponsive: "bad", restarts: "warn",
  "group-restarts": "warn", condition: "warn", lost: "warn", rotated: "busy", shutdown: "drain",
};
const causes = {
  start: "at the start", signal: "by SIGHUP", change: "by a changed file", request: "by a request", order: "by an order", reversal: "reverted by itself",
};
const phases = {
  reading: "reading the file", staging: "acquiring what is new", probing: "asking upstreams", settling: "waiting until it is ready",
};
/** The tones of states, the worst last. */
const gravity = ["ok", "idle", "busy", "drain", "warn", "bad"];
const word = (map, key) => (Object.hasOwn(map, key) ? map[key] : key);

const needsAttention = (row) => ["failed", "backing-off"].includes(row.service.state) || row.word !== row.service.state
  || Boolean(row.service.bridge && row.service.bridge.trouble);
const inState = (...states) => (row) => states.includes(row.service.state);
/** The filter by state: which services each chip shows. */
const chips = {
  all: { title: "All", holds: () => true },
  attention: { title: "Need attention", holds: needsAttention },
  ready: { title: "Ready", holds: inState("ready") },
  starting: { title: "Starting", holds: inState("created", "preparing", "running") },
  backingOff: { title: "Backing off", holds: inState("backing-off") },
  draining: { title: "Draining", holds: inState("draining") },
  stopped: { title: "Stopped", holds: inState("stopped") },
  failed: { title: "Failed", holds: inState("failed") },
};
let chosen = "all";

function showHead(daemon, services, present) {
  const up = daemon.uptime_seconds + present - takenAt;
  const parts = [`up ${duration(up)}`, `version ${daemon.version}`, `pid ${daemon.pid}`, daemon.configuration];
  say(find("identity"), parts.join(" · "));
  const state = daemon.state === "serving" ? "" : `${daemon.state}, `;
  const reason = daemon.unready_reason ? `: ${daemon.unready_reason}` : "";
  const look = daemon.ready ? (daemon.state === "serving" ? "ok" : daemon.state) : daemon.state === "starting" ? "busy" : "bad";
  mark(find("readiness"), look, state + (daemon.ready ? "ready" : `not ready${reason}`));
  const failed = services.filter((service) => service.current && service.state === "failed").length;
  document.title = `${failed ? `${failed} failed` : daemon.ready ? "ready" : "not ready"} – supervisor`;
}

function showTiles(snapshot, present) {
  const { daemon, services } = snapshot;
  const current = services.filter((service) => service.current);
  const ready = current.filter((service) => service.state === "ready").length;
  showFigure("ready-figure", count(ready), ` of ${count(current.length)}`);
  const others = ["failed", "backing-off", "created", "preparing", "running", "draining", "stopped"].map((state) => {
    const number = current.filter((service) => service.state === state).length;
    return number ? `${count(number)} ${called(state)}` : "";
  });
  const worst = services.reduce((most, service) => Math.max(most, gravity.indexOf(service.current ? tone(service.state) : "")), 0);
  const rest = others.filter(Boolean).join(", ") || (current.length ? "every service is ready" : "no service yet");
  mark(find("ready-aside"), gravity[worst], rest, "aside");

  const old = services.filter((service) => !service.current || service.state === "draining");
  const left = old.reduce((sum, service) => sum + service.connections, 0);
  const last = snapshot.loads[snapshot.loads.length - 1];
  const told = last && last.verdict.draining ? last.verdict.draining.connections : 0;
  totals.most = old.length ? Math.max(totals.most, left, told) : 0;
  showFigure("draining-figure", count(left), old.length ? ` of ${count(totals.most)} left` : " connections");
  const kind = old.every((service) => service.current) ? "ending service" : "earlier service";
  say(find("draining-aside"), old.length ? `connections of ${plural(old.length, kind)}` : "nothing drains");
  drainMeter.show(left, totals.most);

  showFigure("connections-figure", count(services.reduce((sum, service) => sum + service.connections, 0)), " open");
  const sum = (key) => services.reduce((total, service) => total + (service.traffic ? service.traffic[key] : 0), 0);
  showFigure("traffic-figure", `${bytes(sum("received_per_second") + sum("sent_per_second"))}/s`, "");
  showLoad(daemon, last, present);
}

function showFigure(id, figure, unit) {
  const element = find(id);
  if (said.get(element) === figure + unit) return;
  said.set(element, figure + unit);
  element.replaceChildren(figure, make("small", "", unit));
}

/** The load that is under way, the trial, or the last load. */
function showLoad(daemon, last, present) {
  const [figure, aside] = [find("load-figure"), find("load-aside")];
  const age = present - takenAt;
  if (daemon.load) {
    const waits = daemon.load.waiting_for;
    const names = waits.slice(0, 3).join(", ") + (waits.length > 3 ? ` and ${waits.length - 3} more` : "");
    mark(figure, "reloading", `${daemon.generation ? "reload" : "first load"}: ${word(phases, daemon.load.phase)}`, "figure");
    mark(aside, "busy", `for ${duration(daemon.load.seconds + age)}${waits.length ? `; waits for ${names}` : ""}`, "aside");
  } else if (daemon.probation && daemon.probation.failure) {
    const { remaining_seconds: left, failure, generation } = daemon.probation;
    mark(figure, "rejected", `generation ${generation} failed its trial`, "figure");
    mark(aside, "idle", `${failure}; going back is tried again in ${duration(Math.max(0, left - age))}`, "aside");
  } else if (daemon.probation) {
    const { remaining_seconds: left, needs_confirmation: needs, generation } = daemon.probation;
    mark(figure, "warn", `generation ${generation} is on trial: ${duration(Math.max(0, left - age))} left`, "figure");
    const end = needs ? "unless somebody runs `supervisor confirm`" : "when a changed service gives up";
    mark(aside, "idle", `it is reverted ${end}`, "aside");
  } else {
    figure.className = "figure";
    say(figure, `generation ${daemon.generation}`);
    const outcome = last && last.verdict.outcome;
    const text = last ? `last load ${called(outcome)} ${word(causes, last.cause)}, ${timeOfDay(last.at)}` : "nothing was loaded yet";
    mark(aside, outcome || "created", text, "aside");
  }
}

function makeChips() {
  for (const name in chips) {
    chips[name].button = make("button", "");
    chips[name].button.type = "button";
    chips[name].button.addEventListener("click", () => { chosen = name; showFilter(); });
    find("chips").append(chips[name].button);
  }
  find("filter").addEventListener("input", showFilter);
}

/** Hides what the filter does not want, and groups of which nothing is left. */
function showFilter() {
  const words = find("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const name in chips) {
    let number = 0;
    for (const row of rows.values()) if (chips[name].holds(row)) number += 1;
    say(chips[name].button, `${chips[name].title} ${count(number)}`);
    setAttribute(chips[name].button, "aria-pressed", String(name === chosen));
  }
  for (const row of rows.values()) {
    const isShown = row.matches(words, chosen);
    if (isShown) shown += 1;
    if (row.element.hidden === isShown) row.element.hidden = !isShown;
  }
  for (const row of groupRows.values()) {
    const isShown = row.element.querySelector("li.service:not([hidden])") !== null || (!words.length && chosen === "all");
    if (row.element.hidden === isShown) row.element.hidden = !isShown;
  }
  say(find("shown"), shown === rows.size ? plural(shown, "service") : `${count(shown)} of ${plural(rows.size, "service")} shown`);
}

const drawn = {};

/** Draws a part anew only when what it shows is not what it showed. */
function whenChanged(name, value, show) {
  const text = JSON.stringify(value);
  if (drawn[name] === text) return;
  drawn[name] = text;
  show();
}

function showPools(pools) {
  whenChanged("pools", pools, () => {
    find("pools").hidden = pools.length === 0;
    find("pool-list").replaceChildren(...pools.map((pool) => {
      const held = pool.members.filter((member) => member.holders.length).length;
      const title = make("h3", "wrap", pool.name, make("span", "tag", `${pool.allocation} · ${held} of ${plural(pool.members.length, "member")} in use`));
      return make("div", "pool", title, make("ul", "members", ...pool.members.map(memberItem)));
    }));
  });
}

function memberItem(member) {
  const state = make("span");
  mark(state, member.state);
  const ago = member.trouble_seconds === undefined ? "" : `, ${duration(member.trouble_seconds)} ago`;
  return make("li", "member", state, make("span", "", member.name), make("span", "mono", member.address),
    make("span", "", member.holders.length ? `held by ${member.holders.join(", ")}` : "free"),
    make("span", "", member.trouble ? `${member.trouble}${ago}` : ""));
}

function showLoads(loads) {
  whenChanged("loads", loads, () => {
    const list = find("load-list");
    const open = new Set([...list.querySelectorAll("details[open]")].map((element) => element.dataset.key));
    const known = new Set([...list.querySelectorAll("details")].map((element) => element.dataset.key));
    const items = loads.map((load, index) => {
      const item = loadItem(load);
      const { key } = item.firstChild.dataset;
      // What went wrong last is what a person comes for.
      const isNews = index === loads.length - 1 && load.verdict.errors.length > 0 && !known.has(key);
      item.firstChild.open = open.has(key) || isNews;
      return item;
    });
    list.replaceChildren(...items.reverse());
    if (!items.length) list.append(make("li", "empty", "Nothing was loaded yet."));
  });
}

function loadItem({ at, cause, verdict }) {
  const outcome = make("span");
  mark(outcome, verdict.outcome);
  const summary = make("summary", "entry", outcome, make("span", "when", timeOfDay(at)),
    make("span", "aside", `${word(causes, cause)}, generation ${verdict.generation}`), make("span", "", verdict.summary.replace(`${verdict.outcome}: `, "")));
  const report = make("div", "report");
  if (verdict.errors.length) report.append(make("div", "", ...verdict.errors.map((error) => make("p", "problem", error.text))));
  const keeps = verdict.plan.filter((step) => step.step === "keep").length;
  for (const step of verdict.plan.filter((step) => step.step !== "keep")) report.append(make("p", "wrap", stepText(step)));
  if (keeps) report.append(make("p", "aside", `keep ${plural(keeps, "service")}`));
  if (verdict.settings.length) report.append(make("p", "", `settings: ${verdict.settings.join(", ")}`));
  for (const unready of verdict.unready) {
    report.append(make("p", "wrap", `${unready.service} is ${called(unready.state)}${unready.reason ? `: ${unready.reason}` : ""}`));
  }
  if (verdict.draining) {
    const { services, connections } = verdict.draining;
    report.append(make("p", "", `then ${plural(services, "service")} with ${plural(connections, "connection")} drained`));
  }
  if (!report.hasChildNodes()) report.append(make("p", "empty", "Nothing more is known of it."));
  const details = make("details", "", summary, report);
  details.dataset.key = `${at} ${verdict.outcome} ${verdict.generation}`;
  return make("li", "", details);
}

function stepText(step) {
  const ends = [];
  if (step.ends_connections) ends.push(plural(step.ends_connections, "connection"));
  if (step.ends_process !== undefined) ends.push(`process ${step.ends_process}`);
  const cause = step.causes.length ? `, because of ${step.causes.join(", ")}` : "";
  return `${step.step} ${step.service}${cause}${ends.length ? `; ends ${ends.join(" and ")}` : ""}`;
}

function showEvents(events) {
  const list = find("event-list");
  const last = events.slice(-eventLimit);
  const place = list.parentElement.scrollTop;
  list.replaceChildren(...last.reverse().map((event) => {
    const kind = make("span");
    const colour = event.kind === "state" ? tone(event.state) : eventTones[event.kind] || "idle";
    mark(kind, colour, event.kind.replaceAll("-", " "));
    return make("li", "entry", kind, make("span", "when", timeOfDay(event.at)),
      make("span", "", event.service || event.group || ""), make("span", "", event.text));
  }));
  list.parentElement.scrollTop = place;
  if (!last.length) list.append(make("li", "empty", "Nothing has happened since this page was opened."));
}
