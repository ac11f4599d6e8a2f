// The tree: groups, the services in them, and what became of each since the page was opened.

const openedAt = now();
const rows = new Map();
const groupRows = new Map();
const visible = new Set();
const watch = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) {
      visible.add(entry.target.row);
      entry.target.row.tick(now());
    } else {
      visible.delete(entry.target.row);
    }
  }
}, { rootMargin: "100px" });

const keyOf = (service) => `${service.name}#${service.generation}`;

/** One service, or one generation of it. */
class ServiceRow {
  constructor() {
    this.connections = new Series();
    this.rates = new Series();
    this.runs = [];
    const parts = {};
    for (const name of ["since number", "restarts number", "note"]) parts[name.split(" ")[0]] = make("span", name);
    this.parts = Object.assign(parts, {
      state: make("span"), title: make("b"), tag: make("span", "tag"), where: make("span", "aside mono"),
      open: make("span"), limit: make("span", "limit"), rate: make("span"), noteText: make("span"),
    });
    this.lines = [new Sparkline(), new Sparkline()];
    this.strip = new Strip();
    this.meter = new Meter();
    parts.note.append(parts.noteText, this.meter.element);
    this.connectionsCell = make("span", "pair connections", make("span", "", parts.open, parts.limit), this.lines[0].element);
    this.rateCell = make("span", "pair rate", parts.rate, this.lines[1].element);
    const summary = make("summary", "row",
      parts.state, make("span", "name", parts.title, parts.tag, parts.where), parts.since, parts.restarts,
      this.connectionsCell, this.rateCell, this.strip.element, parts.note);
    this.facts = make("dl", "facts");
    this.details = make("details", "", summary, this.facts);
    this.details.addEventListener("toggle", () => this.showFacts());
    this.element = make("li", "service", this.details);
    this.element.row = this;
    this.most = 0;
    watch.observe(this.element);
  }

  /** Takes what a snapshot says; returns the word of its state when that has changed. */
  take(service, at) {
    const word = service.condition !== "fine" && service.condition ? service.condition : service.state;
    const before = this.word;
    this.service = service;
    this.word = word;
    this.sinceAt = at - service.state_seconds;
    this.restartAt = service.next_restart_seconds === undefined ? undefined : at + service.next_restart_seconds;
    this.most = service.state === "draining" ? Math.max(this.most, service.connections) : 0;
    this.note(word, at);
    return before !== undefined && before !== word ? word : undefined;
  }

  note(word, at) {
    const last = this.runs[this.runs.length - 1];
    if (last && last.state === word) return;
    this.runs.push({ at, state: word });
    if (this.runs.length > runLimit) this.runs.shift();
  }

  get speed() {
    const traffic = this.service.traffic;
    return traffic ? traffic.received_per_second + traffic.sent_per_second : 0;
  }

  /** Adds the present to the sparklines, or gaps when nothing is known of it. */
  sample(times, isKnown) {
    this.connections.push(isKnown ? this.service.connections : NaN, times);
    this.rates.push(isKnown ? this.speed : NaN, times);
  }

  show(depth) {
    const { service, parts } = this;
    setAttribute(this.element, "class", service.current ? "service" : "service old");
    const text = service.stopped_by_hand ? "stopped by hand" : called(service.state);
    mark(parts.state, this.word, this.word === service.state ? text : `${text}, ${this.word}`, "state");
    say(parts.title, service.name);
    const tags = [service.type];
    if (!service.current) tags.push(`generation ${service.generation}`);
    if (!service.essential) tags.push("not essential");
    say(parts.tag, tags.join(" · "));
    say(parts.where, placeOf(service));
    say(parts.restarts, String(service.restarts));
    parts.restarts.classList.toggle("lacks", service.restarts === 0);
    setAttribute(parts.restarts, "data-unit", service.restarts === 1 ? " restart" : " restarts");
    const hasConnections = service.connection_limit !== undefined;
    say(parts.open, hasConnections ? count(service.connections) : "–");
    say(parts.limit, hasConnections ? ` of ${count(service.connection_limit)}` : "");
    setAttribute(this.connectionsCell, "data-unit", " connections");
    this.connectionsCell.classList.toggle("lacks", !hasConnections);
    this.rateCell.classList.toggle("lacks", !service.traffic);
    say(parts.rate, service.traffic ? `${bytes(this.speed)}/s` : "–");
    for (const line of this.lines) line.element.hidden = !service.traffic;
    this.showNotes(now());
    if (visible.has(this) || this.depth === undefined) this.tick(now());
    if (this.depth !== depth) this.element.style.setProperty("--depth", this.depth = depth);
    this.showFacts();
  }

  /** Shows what changes with time alone. */
  tick(present) {
    say(this.parts.since, duration(present - this.sinceAt));
    this.showNotes(present);
    this.lines[0].show(this.connections);
    this.lines[1].show(this.rates);
    this.strip.show(this.runs, openedAt, present);
    if (this.charts) this.charts.forEach((chart, index) => chart.show(index ? this.rates : this.connections));
  }

  showNotes(present) {
    const { service, parts } = this;
    const notes = notesOf(service);
    if (this.restartAt !== undefined) {
      const left = Math.max(0, this.restartAt - present);
      notes.unshift(left < 0.5 ? "starts again now" : `starts again in ${duration(Math.ceil(left))}`);
    }
    const drains = service.state === "draining" && service.connection_limit !== undefined;
    if (drains) notes.unshift(`${count(service.connections)} of ${plural(this.most, "connection")} left`);
    say(parts.noteText, notes.join("\n"));
    const colour = ["warn", "bad"].includes(tone(this.word)) ? tone(this.word) : "";
    setAttribute(parts.note, "class", `note ${colour}`);
    parts.note.hidden = notes.length === 0;
    this.meter.element.hidden = !drains;
    this.meter.show(service.connections, this.most);
  }

  showFacts() {
    if (!this.details.open) return;
    if (!this.charts) this.charts = [new Sparkline(), new Sparkline()];
    const { service } = this;
    const facts = factsOf(service);
    if (service.traffic) {
      facts.push([`Connections, at most ${count(this.connections.greatest)} in 4 minutes`, this.charts[0].element]);
      facts.push([`Bytes per second, at most ${bytes(this.rates.greatest)} in 4 minutes`, this.charts[1].element]);
    }
    const key = JSON.stringify(facts.map(([name, value]) => [name, typeof value === "string" ? value : ""]));
    if (key === this.factKey) return;
    this.factKey = key;
    this.facts.replaceChildren(...facts.map(([name, value]) => make("div", "", make("dt", "", name), make("dd", "", value))));
  }

  matches(words, state) {
    const { service } = this;
    const text = `${service.name} ${service.type} ${service.group || ""} ${placeOf(service)} ${this.word}`.toLowerCase();
    return words.every((word) => text.includes(word)) && chips[state].holds(this);
  }
}

function placeOf(service) {
  const parts = [];
  if (service.listen.length) parts.push(service.listen.join(" "));
  const to = service.target || (service.bridge && service.bridge.upstream);
  if (to) parts.push(`→ ${to}`);
  if (service.pid !== undefined) parts.push(`pid ${service.pid}`);
  return parts.join(" ");
}

/** What a person should see without opening anything. */
function notesOf(service) {
  const notes = [];
  if (service.condition !== "fine" && service.condition_reason) notes.push(service.condition_reason);
  if (service.last_error && service.state !== "ready") notes.push(`last error: ${service.last_error}`);
  if (service.bridge && service.bridge.trouble) notes.push(`upstream: ${service.bridge.trouble}`);
  if (service.waits_for.length) notes.push(`waits for ${service.waits_for.join(", ")}`);
  return notes;
}

function factsOf(service) {
  const facts = [];
  const add = (name, value) => { if (value !== undefined && value !== "") facts.push([name, String(value)]); };
  add("Listens on", service.listen.join("\n"));
  add("Sends to", service.target);
  add("Process", service.pid);
  add("Generation", service.generation);
  add("Essential", service.essential ? "yes" : "no");
  add("Requires", service.requires.join(", "));
  add("Group", service.group);
  add("Last error", service.last_error);
  if (service.traffic) {
    const { connections, received, sent } = service.traffic;
    add("Connections so far", count(connections));
    add("Bytes per second", `${bytes(service.traffic.received_per_second)} from clients, ${bytes(service.traffic.sent_per_second)} to clients`);
    add("Bytes so far", `${bytes(received)} from clients, ${bytes(sent)} to clients`);
  }
  if (service.bridge) {
    const { upstream, requests, tunnels, open_tunnels: open, failures } = service.bridge;
    add("Upstream", upstream);
    add("Requests", `${count(requests)}, with ${plural(tunnels, "tunnel")}, ${count(open)} of them open`);
    add("Failures", Object.keys(failures).sort().map((error) => `${error}: ${count(failures[error])}`).join("\n"));
  }
  return facts;
}

/** One group with a list of what is in it. */
class GroupRow {
  constructor() {
    this.state = make("span", "state");
    this.aside = make("span");
    this.list = make("ul", "tree");
    this.element = make("li", "group", make("details", "", make("summary", "", this.state, this.aside), this.list));
    this.element.firstChild.open = true;
  }

  show(group, depth, services) {
    this.element.style.setProperty("--depth", depth);
    say(this.state, group.name);
    const ready = services.filter((service) => service.state === "ready").length;
    const tone = ready === services.length ? "ok" : "warn";
    mark(this.aside, tone, `${count(ready)} of ${count(services.length)} ready, ${group.strategy}`);
  }
}

/** Puts elements into a list in this order, and moves only those that stand elsewhere. */
function arrange(list, elements) {
  elements.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] || null);
  });
  while (list.children.length > elements.length) list.lastChild.remove();
}

/** Shows the tree of a snapshot: groups where the first of their services stands, then in the order of the file. */
function showTree(snapshot) {
  const groups = new Map(snapshot.groups.map((group) => [group.name, group]));
  const names = new Map();
  for (const service of snapshot.services) {
    if (!names.has(service.name)) names.set(service.name, []);
    names.get(service.name).push(service);
  }
  const members = new Map(snapshot.groups.map((group) => [group.name, [...group.children]]));
  for (const service of snapshot.services) if (members.has(service.group)) members.get(service.group).push(service.name);
  const placed = new Set();
  const elementsOf = (name, depth, inside) => {
    if (placed.has(name)) return [];
    placed.add(name);
    const group = groups.get(name);
    if (!group) {
      return (names.get(name) || []).map((service) => {
        inside.push(service);
        const row = rows.get(keyOf(service));
        row.show(depth);
        return row.element;
      });
    }
    const row = groupRows.get(name) || new GroupRow();
    groupRows.set(name, row);
    const services = [];
    arrange(row.list, members.get(name).flatMap((child) => elementsOf(child, depth + 1, services)));
    row.show(group, depth, services);
    inside.push(...services);
    return [row.element];
  };
  const rootOf = (name) => {
    let root = groups.get(name);
    for (let level = 0; level < groups.size && groups.get(root.group); level += 1) root = groups.get(root.group);
    return root.name;
  };
  const top = snapshot.services.map((service) => (groups.has(service.group) ? rootOf(service.group) : service.name));
  const empty = snapshot.groups.map((group) => rootOf(group.name));
  arrange(find("tree"), [...top, ...empty].flatMap((name) => elementsOf(name, 0, [])));
  for (const name of groupRows.keys()) if (!groups.has(name)) groupRows.delete(name);
}
