// <nz-week>: the hours of a week, painted with mouse or finger, walked with arrow keys. The boxes stay ordinary boxes.
const PRESETS = { // as in core/matching/hours.py
  any: () => true,
  none: () => false,
  mornings: (day, hour) => hour >= 7 && hour < 11,
  evenings: (day, hour) => hour >= 18 && hour < 22,
  weekends: (day, hour) => day > 4 && hour >= 8 && hour < 22,
};
const STEPS = { ArrowLeft: -24, ArrowRight: 24, ArrowUp: -1, ArrowDown: 1 };
const HOLD = 250; // milliseconds a finger rests before it paints; a finger that moves at once scrolls the page

class Week extends HTMLElement {
  #paint = null;

  connectedCallback() {
    this.querySelector(".week-presets")?.removeAttribute("hidden");
    this.addEventListener("click", (event) => this.#preset(event.target.closest("[data-hours]")?.dataset.hours));
    this.addEventListener("keydown", (event) => this.#walk(event));
    this.addEventListener("pointerdown", (event) => this.#begin(event));
    this.addEventListener("pointermove", (event) => this.#stroke(event));
    this.addEventListener("touchmove", (event) => { if (this.#paint?.ready) event.preventDefault(); }, { passive: false });
    this.addEventListener("contextmenu", (event) => { if (this.#paint) event.preventDefault(); });
    addEventListener("pointerup", this.#end); addEventListener("pointercancel", this.#end);
  }

  disconnectedCallback() {
    removeEventListener("pointerup", this.#end); removeEventListener("pointercancel", this.#end);
  }

  #preset(name) {
    if (!(name in PRESETS)) return;
    for (const box of this.querySelectorAll("[type=checkbox]")) box.checked = PRESETS[name](Math.floor(box.value / 24), box.value % 24);
    this.#said();
  }

  #begin(event) {
    const box = boxAt(event);
    if (!box || event.button) return;
    const mouse = event.pointerType === "mouse";
    this.#paint = { on: !box.checked, first: box, ready: mouse, moved: false };
    if (mouse) return;
    const stroke = this.#paint;
    setTimeout(() => { stroke.ready = true; }, HOLD);
    if (event.target.hasPointerCapture?.(event.pointerId)) event.target.releasePointerCapture(event.pointerId);
  }

  // The first box is left to its own click, unless the stroke goes on: then it is painted too, and the click undone.
  #stroke(event) {
    const box = this.#paint?.ready && boxAt(event);
    if (!box || !this.contains(box) || (box === this.#paint.first && !this.#paint.moved)) return;
    if (!this.#paint.moved) this.#paint.first.checked = this.#paint.on;
    this.#paint.moved = true;
    box.checked = this.#paint.on;
  }

  #end = () => {
    const painted = this.#paint?.moved;
    this.#paint = null;
    if (!painted) return;
    const undo = (click) => { if (this.contains(click.target)) click.preventDefault(); };
    addEventListener("click", undo, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", undo, { capture: true }));
    this.#said();
  };

  #walk(event) {
    const step = STEPS[event.key];
    const to = this.querySelector(`[type=checkbox][value="${Number(event.target.value) + step}"]`);
    if (!step || event.target.type !== "checkbox" || !to) return;
    event.preventDefault();
    if (to.closest("details")) to.closest("details").open = true;
    to.focus();
  }

  #said() { this.dispatchEvent(new Event("change", { bubbles: true })); }
}

const boxAt = ({ clientX, clientY }) => document.elementFromPoint(clientX, clientY)?.closest("td label")?.querySelector("input");

customElements.define("nz-week", Week);
