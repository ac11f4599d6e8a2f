"use strict";
// Elements, numbers and small drawings. Whatever comes from the daemon becomes text, never markup.

const svgSpace = "http://www.w3.org/2000/svg";
/** The points of a sparkline and the seconds between two of them. */
const points = 120;
const slotSeconds = 2;
/** A strip has so many changes of state at most; older ones are forgotten. */
const runLimit = 80;

/** What each word looks like: its tone and its shape; what it is called where that is not the word itself. */
const looks = {
  ready: ["ok", "ready"], running: ["busy", "running"], preparing: ["busy", "preparing"], created: ["idle", "created"],
  draining: ["drain", "draining"], "backing-off": ["warn", "backing-off", "backing off"], stopped: ["idle", "stopped"],
  failed: ["bad", "failed"], unhealthy: ["warn", "warning"], blocked: ["warn", "blocked"], unknown: ["none", "unknown"],
  fine: ["ok", "ready"], cooling: ["warn", "backing-off"],
  applied: ["ok", "ready"], unchanged: ["idle", "created"], rejected: ["bad", "failed"], reverted: ["warn", "warning"],
  "called-off": ["idle", "stopped", "called off"],
  starting: ["busy", "preparing"], serving: ["ok", "ready"], reloading: ["busy", "preparing"], ending: ["drain", "draining"],
};
/** A tone by itself, for what has no word of its own. */
const tones = { ok: "ready", busy: "running", warn: "warning", bad: "failed", drain: "draining", idle: "created" };

const lookOf = (word) => (Object.hasOwn(looks, word) ? looks[word] : ["idle", "created"]);
const tone = (word) => lookOf(word)[0];
const called = (word) => lookOf(word)[2] || word;
const find = (id) => document.getElementById(id);
const now = () => performance.now() / 1000;

function make(tag, className, ...content) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...content);
  return element;
}

function draw(tag, attributes, ...content) {
  const element = document.createElementNS(svgSpace, tag);
  for (const name in attributes) element.setAttribute(name, attributes[name]);
  element.append(...content);
  return element;
}

const said = new WeakMap();

/** Sets a text, and touches the document only when it is another one. */
function say(element, text) {
  if (said.get(element) === text) return false;
  said.set(element, text);
  element.textContent = text;
  return true;
}

function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** Shows a shape, a colour and a word. `className` is what the element is beside a mark. */
function mark(element, word, text = called(word), className = "") {
  const [colour, shape] = Object.hasOwn(tones, word) ? [word, tones[word]] : lookOf(word);
  const key = [colour, shape, text].join(" ");
  if (said.get(element) === key) return false;
  said.set(element, key);
  element.setAttribute("class", ["mark", colour, className].join(" ").trim());
  const use = draw("use", { href: "#shape-" + shape });
  element.replaceChildren(draw("svg", { "aria-hidden": "true" }, use), make("span", "", text));
  return true;
}

const grouped = new Intl.NumberFormat("en");
const count = (number) => grouped.format(number);
const plural = (number, noun) => `${count(number)} ${noun}${number === 1 ? "" : "s"}`;

function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [[86400, "d"], [3600, "h"], [60, "m"], [1, "s"]];
  const first = parts.findIndex(([size]) => whole >= size);
  if (first < 0) return "0 s";
  const [size, unit] = parts[first];
  const next = parts[first + 1];
  const text = `${Math.floor(whole / size)} ${unit}`;
  return next ? `${text} ${Math.floor((whole % size) / next[0])} ${next[1]}` : text;
}

function bytes(number) {
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let index = 0;
  while (number >= 999.5 && index < units.length - 1) { number /= 1000; index += 1; }
  return `${index && number < 99.95 ? number.toFixed(1) : Math.round(number)} ${units[index]}`;
}

/** The time of an RFC 3339 text where the reader is, with the date when that is another day. */
function timeOfDay(text) {
  const date = text ? new Date(text) : new Date();
  if (Number.isNaN(date.getTime())) return text;
  const two = (number) => String(number).padStart(2, "0");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":");
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? time : `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${time}`;
}

/** The last values of a number; what was not known is a gap. */
class Series {
  constructor() {
    this.values = new Float32Array(points).fill(NaN);
    this.version = 0;
  }

  push(value, times = 1) {
    const shift = Math.min(times, points);
    this.values.copyWithin(0, shift);
    this.values.fill(value, points - shift);
    this.version += 1;
  }

  get greatest() {
    return this.values.reduce((most, value) => (value > most ? value : most), 0);
  }
}

/** A line of the last values with the area below it. */
class Sparkline {
  constructor() {
    this.line = draw("path", { class: "line" });
    this.area = draw("path", { class: "area" });
    const frame = { viewBox: `0 0 ${points - 1} 20`, preserveAspectRatio: "none", "aria-hidden": "true" };
    this.element = make("div", "chart", draw("svg", frame, this.area, this.line));
  }

  show(series) {
    if (this.series === series && this.version === series.version) return;
    this.series = series;
    this.version = series.version;
    const scale = 18 / Math.max(series.greatest, 1);
    let line = "";
    let area = "";
    let start = -1;
    series.values.forEach((value, x) => {
      if (Number.isNaN(value)) {
        if (start >= 0) area += `L${x - 1} 20Z`;
        start = -1;
        return;
      }
      const place = `${x} ${(19 - value * scale).toFixed(1)}`;
      area += start < 0 ? `M${x} 20L${place}` : `L${place}`;
      line += (start < 0 ? "M" : "L") + place;
      if (start < 0) start = x;
    });
    if (start >= 0) area += `L${points - 1} 20Z`;
    this.line.setAttribute("d", line);
    this.area.setAttribute("d", area);
  }
}

/** The states of one service, each from a moment on, as a strip from when the page was opened until now. */
class Strip {
  constructor() {
    this.element = draw("svg", { class: "strip", viewBox: "0 0 1000 10", preserveAspectRatio: "none", "aria-hidden": "true" });
    this.rectangles = [];
  }

  show(runs, opened, present) {
    const scale = 1000 / Math.max(present - opened, 1);
    runs.forEach((run, index) => {
      let rectangle = this.rectangles[index];
      if (!rectangle) {
        rectangle = draw("rect", { y: 0, height: 10 });
        this.rectangles.push(rectangle);
        this.element.append(rectangle);
      }
      const start = Math.max(run.at - opened, 0) * scale;
      const end = ((runs[index + 1] || { at: present }).at - opened) * scale;
      // A state that was short is seen all the same.
      rectangle.setAttribute("x", start.toFixed(1));
      rectangle.setAttribute("width", Math.max(end - start, 4).toFixed(1));
      setAttribute(rectangle, "class", tone(run.state));
    });
    for (const extra of this.rectangles.splice(runs.length)) extra.remove();
  }
}

/** How much of something is left. */
class Meter {
  constructor() {
    this.bar = draw("rect", { height: 10, width: 0 });
    const frame = { viewBox: "0 0 100 10", preserveAspectRatio: "none", "aria-hidden": "true" };
    this.element = make("div", "meter", draw("svg", frame, this.bar));
  }

  show(left, whole) {
    setAttribute(this.bar, "width", String(whole > 0 ? Math.round((100 * left) / whole) : 0));
  }
}
