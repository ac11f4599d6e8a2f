// The stream of the daemon, and what is drawn of it when.

/** A daemon that says nothing for so long is gone: it speaks every 2 s. */
const silenceSeconds = 10;
const longestPause = 30;

let snapshot;
/** The moment of the last snapshot. */
let takenAt = 0;
let lastSlot = 0;
let events = [];
let eventsChanged = true;
let lastSequence = 0;
let source;
let lostAt;
let lostSince;
let retryAt;
let pause = 1;
let isScheduled = false;

function connect() {
  retryAt = undefined;
  heardAt = now();
  const stream = new EventSource("/v1/events");
  source = stream;
  const receive = (take) => (event) => {
    if (stream !== source) return;
    heardAt = now();
    try {
      take(JSON.parse(event.data));
    } catch (error) {
      lose("cannot read what the daemon says: reload this page");
      throw error;
    }
  };
  stream.addEventListener("snapshot", receive(takeSnapshot));
  stream.addEventListener("record", receive(takeRecord));
  stream.addEventListener("error", () => { if (stream === source) lose("connection lost"); });
}

let heardAt = 0;
let lostWords = "";

/** Ends a stream that is over, and tries again after a pause that doubles. */
function lose(words) {
  source.close();
  source = undefined;
  lostWords = words;
  if (lostAt === undefined) {
    lostAt = now();
    lostSince = timeOfDay();
    for (const row of rows.values()) row.note("unknown", lostAt);
    announce([words]);
  }
  // Many pages that have lost one daemon do not come back at the same moment.
  retryAt = now() + pause * (0.8 + 0.4 * Math.random());
  pause = Math.min(pause * 2, longestPause);
  schedule();
}

function takeSnapshot(next) {
  if (next.version !== 1) throw new Error(`cannot read version ${next.version} of the status`);
  const at = now();
  // Another process counts its events anew; in a container it may well have the same number.
  const { daemon } = snapshot || next;
  if (daemon.pid !== next.daemon.pid || daemon.uptime_seconds > next.daemon.uptime_seconds) {
    events = [];
    eventsChanged = true;
    lastSequence = 0;
  }
  const wasLost = lostAt !== undefined;
  lostAt = undefined;
  pause = 1;
  const news = [];
  const present = new Set();
  for (const service of next.services) {
    const key = keyOf(service);
    present.add(key);
    if (!rows.has(key)) rows.set(key, new ServiceRow());
    const word = rows.get(key).take(service, at);
    if (word) news.push(`${service.name}: ${called(word)}`);
  }
  for (const [key, row] of rows) {
    if (present.has(key)) continue;
    rows.delete(key);
    visible.delete(row);
    watch.unobserve(row.element);
  }
  snapshot = next;
  takenAt = at;
  if (wasLost) news.unshift("connected again");
  announce(news);
  sample();
  schedule();
}

function takeRecord(record) {
  // A stream that begins anew repeats what has happened before.
  if (record.sequence && record.sequence <= lastSequence) return;
  lastSequence = Math.max(lastSequence, record.sequence);
  events.push(record);
  if (events.length > 2 * eventLimit) events = events.slice(-eventLimit);
  eventsChanged = true;
  schedule();
}

/** Tells whoever cannot see the page what has changed, in few words. */
function announce(news) {
  if (!news.length) return;
  say(find("announcements"), news.length > 3 ? `${count(news.length)} services are in another state` : news.join(", "));
}

/** Adds a point to each sparkline for the time that has passed. */
function sample() {
  const slot = 1 + Math.floor((now() - openedAt) / slotSeconds);
  const times = slot - lastSlot;
  if (times <= 0 || !snapshot) return;
  lastSlot = slot;
  const isKnown = lostAt === undefined;
  let [connections, rate] = [0, 0];
  for (const row of rows.values()) {
    row.sample(times, isKnown);
    connections += row.service.connections;
    rate += row.speed;
  }
  totals.connections.push(isKnown ? connections : NaN, times);
  totals.rates.push(isKnown ? rate : NaN, times);
}

function schedule() {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    render();
  });
}

function render() {
  showConnection();
  if (eventsChanged) {
    eventsChanged = false;
    showEvents(events);
  }
  if (!snapshot) return;
  showTree(snapshot);
  showFilter();
  showPools(snapshot.pools);
  showLoads(snapshot.loads);
  tick();
}

/** Shows what changes with time alone; what is not known any more stands still. */
function tick() {
  showConnection();
  if (!snapshot || lostAt !== undefined) return;
  const present = now();
  showHead(snapshot.daemon, snapshot.services, present);
  showTiles(snapshot, present);
  totalLines.connections.show(totals.connections);
  totalLines.rates.show(totals.rates);
  for (const row of visible) row.tick(present);
}

function showConnection() {
  const element = find("connection");
  document.body.classList.toggle("stale", lostAt !== undefined);
  if (lostAt !== undefined) {
    const left = retryAt === undefined ? 0 : Math.ceil(retryAt - now());
    const next = left > 0 ? `next try in ${left} s` : "trying again";
    document.title = "connection lost – supervisor";
    mark(element, "bad", `${lostWords}, since ${lostSince}; ${next}`);
  } else if (snapshot) {
    mark(element, "ok", "live");
  } else {
    mark(element, "busy", "connecting");
  }
}

makeChips();
find("connections-chart").replaceWith(totalLines.connections.element);
find("traffic-chart").replaceWith(totalLines.rates.element);
find("draining-meter").replaceWith(drainMeter.element);
say(find("strip-head"), `States since ${timeOfDay()}`);
setInterval(() => {
  if (source && now() - heardAt > silenceSeconds) lose("connection lost");
  if (retryAt !== undefined && now() >= retryAt) connect();
  sample();
  tick();
}, 1000);
addEventListener("online", () => { if (retryAt !== undefined) connect(); });
connect();
schedule();
