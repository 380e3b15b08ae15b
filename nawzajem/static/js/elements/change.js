// <nz-change data-fresh="900">: a message of one's own gets other words, or is taken back, where it stands. What was decided
// goes into the box behind the messages that wait there, so it needs no network now; until the house has it, it is marked.
class Change extends HTMLElement {
  #was = new Map(); // by key, lines as the house told them
  #form;

  connectedCallback() {
    this.talk = this.closest("nz-talk");
    this.box = this.talk.querySelector("nz-outbox");
    this.talk.addEventListener("click", this.#click);
  }

  disconnectedCallback() { this.talk.removeEventListener("click", this.#click); }

  #click = (event) => {
    const pen = event.target.closest("a[data-change]");
    if (!pen) return;
    event.preventDefault();
    this.#open(pen.closest("[data-key]"));
  };

  #open(line) {
    this.#form?.remove();
    const form = this.#form = this.querySelector("template").content.firstElementChild.cloneNode(true);
    const [field, said] = [form.elements.text, line.querySelector("time")?.dateTime];
    const before = field.value = line.querySelector(".words")?.textContent ?? "";
    const isOld = Boolean(said) && Date.now() - Date.parse(said) > this.dataset.fresh * 1000;
    form.querySelectorAll("[data-young]").forEach((part) => { part.hidden = isOld; });
    form.querySelector("[data-old]").hidden = !isOld;
    const done = (words) => {
      form.remove();
      if (words !== undefined && words !== before) this.box.change(line.dataset.key, words);
    };
    form.addEventListener("submit", (event) => { event.preventDefault(); done(field.value.trim() || undefined); });
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") done(); });
    form.addEventListener("click", ({ target }) => { if (target.dataset.say) done(target.dataset.say === "back" ? "" : undefined); });
    line.querySelector(".bubble").append(form);
    (isOld ? form.querySelector("[data-say=leave]") : field).focus();
  }

  // How it will be. Of a message that waits itself the mark is there already.
  show(key, words) {
    const line = this.#line(key);
    if (!line) return;
    if (!line.matches("[data-pending], [data-changing]")) {
      this.#was.set(key, line.cloneNode(true));
      line.querySelector(".message-about").prepend(...[...this.box.querySelector("template").content.querySelectorAll("[data-when]")].map((mark) => mark.cloneNode(true)));
      line.toggleAttribute("data-changing", true);
    }
    line.querySelector(".words").textContent = words || this.dataset.gone;
    if (!words) line.querySelector("[data-change]")?.remove();
  }

  // Refused: it is as it was.
  undo(key) { this.#line(key)?.replaceWith(this.#was.get(key) ?? ""); }

  #line(key) { return this.talk.querySelector(`.talk-lines [data-key="${CSS.escape(key)}"]`); }
}

customElements.define("nz-change", Change);
