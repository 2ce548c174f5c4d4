// Moves and enlarges the drawing of a graph by its view box, with pointers, wheel, keys and buttons; shows what is next to
// a node. Without this the drawing is shown at its size, and scrolls.
//
// A canvas is .graph-canvas with data-width and data-height of its drawing, and data-zoom: "enabled", "disabled", or
// "enable-on-click", which leaves the wheel and touches to the page until somebody clicks into the drawing.

const LEAST = 0.1;
const MOST = 3;
// Smaller than this nothing can be read: rather show less.
const READABLE = 0.65;
// On a phone the screen is close, and the room scarce.
const READABLE_NARROW = 0.55;
const NARROW = 480;
const STEP = 1.25;
const MOVE = 60;

const between = (value, least, most) => Math.min(most, Math.max(least, value));

class Canvas {
  constructor(element) {
    this.element = element;
    this.svg = element.querySelector("svg.graph");
    this.width = Number(element.dataset.width);
    this.height = Number(element.dataset.height);
    this.active = element.dataset.zoom === "enabled";
    this.pointers = new Map();
    this.moved = 0;
    this.near();
    if (element.dataset.zoom === "disabled") return;
    this.begin();
    element.addEventListener("keydown", (event) => this.key(event));
    element.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    element.addEventListener("pointerdown", (event) => this.down(event));
    element.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) element.addEventListener(name, (event) => this.up(event));
    element.addEventListener("click", (event) => this.click(event), { capture: true });
    element.addEventListener("focusin", (event) => this.reveal(event.target));
    new ResizeObserver(() => this.show()).observe(element);
    const buttons = element.closest(".card")?.querySelectorAll("[data-graph]") ?? [];
    for (const button of buttons) button.addEventListener("click", () => this.press(button.dataset.graph));
  }

  /** Let wheel and touches act on the drawing. */
  activate() {
    this.active = true;
    this.element.classList.add("is-live");
  }

  /** Show all if it can be read then, else what is around the root. */
  begin() {
    const { clientWidth, clientHeight } = this.element;
    const fitting = Math.min(1, clientWidth / this.width, clientHeight / this.height);
    const readable = clientWidth < NARROW ? READABLE_NARROW : READABLE;
    this.scale = Math.max(fitting, readable);
    const root = this.svg.querySelector('[data-state="root"]');
    const at = root?.transform.baseVal[0]?.matrix;
    const box = root?.querySelector("rect");
    const isAll = fitting >= readable;
    this.x = isAll || !at ? this.width / 2 : at.e + box.width.baseVal.value / 2;
    this.y = isAll || !at ? this.height / 2 : at.f + box.height.baseVal.value / 2;
    this.show();
  }

  /** Show all of it. */
  fit() {
    const { clientWidth, clientHeight } = this.element;
    this.scale = between(Math.min(clientWidth / this.width, clientHeight / this.height), LEAST, 1);
    this.x = this.width / 2;
    this.y = this.height / 2;
    this.show();
  }

  /** Write the view box; x and y are what is in the middle. */
  show() {
    const { clientWidth, clientHeight } = this.element;
    if (!clientWidth || !clientHeight) return;
    this.x = between(this.x, 0, this.width);
    this.y = between(this.y, 0, this.height);
    const width = clientWidth / this.scale;
    const height = clientHeight / this.scale;
    const box = [this.x - width / 2, this.y - height / 2, width, height].map((number) => number.toFixed(1)).join(" ");
    if (box !== this.svg.getAttribute("viewBox")) this.svg.setAttribute("viewBox", box);
  }

  /** Move by pixels of the screen. */
  pan(right, down) {
    this.x += right / this.scale;
    this.y += down / this.scale;
    this.show();
  }

  /** Enlarge; the point of the screen stays where it is, the middle if none is given. */
  zoom(factor, clientX, clientY) {
    const frame = this.element.getBoundingClientRect();
    const right = clientX === undefined ? 0 : clientX - frame.left - frame.width / 2;
    const down = clientY === undefined ? 0 : clientY - frame.top - frame.height / 2;
    const before = this.scale;
    this.scale = between(before * factor, LEAST, MOST);
    this.x += right / before - right / this.scale;
    this.y += down / before - down / this.scale;
    this.show();
  }

  press(what) {
    if (what === "in") this.zoom(STEP);
    if (what === "out") this.zoom(1 / STEP);
    if (what === "fit") this.fit();
    if (what === "full") {
      if (document.fullscreenElement) document.exitFullscreen();
      else this.element.requestFullscreen?.();
    }
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts = {
      ArrowLeft: () => this.pan(-MOVE, 0),
      ArrowRight: () => this.pan(MOVE, 0),
      ArrowUp: () => this.pan(0, -MOVE),
      ArrowDown: () => this.pan(0, MOVE),
      "+": () => this.zoom(STEP),
      "=": () => this.zoom(STEP),
      "-": () => this.zoom(1 / STEP),
      0: () => this.fit(),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  wheel(event) {
    // A pinch on a touchpad is a wheel with Ctrl.
    if (!this.active && !event.ctrlKey) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 500)), event.clientX, event.clientY);
  }

  down(event) {
    this.moved = 0;
    if (event.button !== 0) return;
    // A mouse may drag at once; a finger that means to scroll the page may not be caught.
    if (!this.active && event.pointerType !== "mouse") return;
    this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    const now = { x: event.clientX, y: event.clientY };
    this.moved += Math.hypot(now.x - before.x, now.y - before.y);
    if (this.moved < 4) return;
    if (!this.element.hasPointerCapture(event.pointerId)) this.element.setPointerCapture(event.pointerId);
    this.element.classList.add("is-moving");
    this.pointers.set(event.pointerId, now);
    if (others.length === 0) {
      this.pan(before.x - now.x, before.y - now.y);
    } else {
      const [other] = others;
      const was = Math.hypot(before.x - other.x, before.y - other.y);
      const is = Math.hypot(now.x - other.x, now.y - other.y);
      if (was > 0) this.zoom(is / was, (now.x + other.x) / 2, (now.y + other.y) / 2);
    }
  }

  up(event) {
    this.pointers.delete(event.pointerId);
    if (this.pointers.size === 0) this.element.classList.remove("is-moving");
  }

  click(event) {
    if (this.moved >= 4) {
      // The end of a drag isn't a click on what happens to be there.
      event.preventDefault();
      event.stopPropagation();
      this.moved = 0;
      return;
    }
    const opening = event.target.closest(".graph-link")?.nextElementSibling;
    if (opening && event.shiftKey) {
      event.preventDefault();
      location.assign(opening.getAttribute("href"));
    } else if (!this.active && !event.target.closest("a")) {
      this.activate();
    }
  }

  /** Bring a node that the keyboard has reached into view. */
  reveal(target) {
    const node = target.closest(".graph-node");
    if (!node || !target.matches(":focus-visible")) return;
    const at = node.transform.baseVal[0].matrix;
    const { clientWidth, clientHeight } = this.element;
    const right = Math.abs(at.e - this.x) * this.scale > clientWidth / 2 - MOVE * 2;
    const down = Math.abs(at.f - this.y) * this.scale > clientHeight / 2 - MOVE;
    if (right) this.x = at.e;
    if (down) this.y = at.f;
    this.element.scrollTo(0, 0);
    if (right || down) this.show();
  }

  /** Make what is next to a node stand out while it is pointed at or focused. */
  near() {
    const edges = [...this.svg.querySelectorAll(".graph-edge")];
    const mark = (node) => {
      const number = node?.dataset.number;
      this.svg.classList.toggle("has-focus", number !== undefined);
      for (const edge of edges) {
        edge.classList.toggle("is-near", number !== undefined && edge.dataset.ends.split(" ").includes(number));
      }
    };
    // Not on the <svg>: Chromium lets the keyboard reach one that listens for focus.
    for (const name of ["pointerover", "focusin"]) {
      this.element.addEventListener(name, (event) => mark(event.target.closest(".graph-node")));
    }
    for (const name of ["pointerleave", "focusout"]) this.element.addEventListener(name, () => mark(null));
  }
}

const known = new WeakSet();

function look(within) {
  for (const element of within.querySelectorAll(".graph-canvas")) {
    if (known.has(element)) continue;
    known.add(element);
    new Canvas(element);
  }
}

// On a phone the list of relations says more than a drawing of which half is out of sight: it stays.
document.addEventListener("htmx:beforeRequest", (event) => {
  const card = event.target.closest?.(".graph-card");
  if (card && card.clientWidth < NARROW) event.preventDefault();
});

look(document);
document.addEventListener("htmx:afterSettle", () => look(document));
