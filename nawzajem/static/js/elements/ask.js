// <nz-ask data-patterns='{"contact": [...]}'>: a question before a message with a way to reach somebody, or with money in it,
// is sent. It is asked on this device, by the rules that come with the page; nothing is told to anybody, and "send" sends.
class Ask extends HTMLElement {
  #asked = "";

  connectedCallback() {
    this.form = this.closest("form");
    this.text = this.form.querySelector("textarea");
    const rules = Object.entries(JSON.parse(this.dataset.patterns));
    this.rules = rules.map(([kind, all]) => [kind, all.map((one) => new RegExp(one, "iu"))]);
    this.form.addEventListener("submit", this.#before);
    this.addEventListener("click", (event) => this.#answer(event.target.closest("[data-say]")?.dataset.say));
    this.text.addEventListener("input", () => { this.hidden = true; });
  }

  disconnectedCallback() { this.form.removeEventListener("submit", this.#before); }

  #before = (event) => {
    const words = this.text.value;
    const kinds = this.rules.filter(([, all]) => all.some((one) => one.test(words))).map(([kind]) => kind);
    if (!kinds.length || this.#asked === words) { this.#asked = ""; this.hidden = true; return; }
    event.preventDefault();
    event.stopPropagation(); // the box above does not hear of it
    for (const one of this.querySelectorAll("[data-kind]")) one.hidden = !kinds.includes(one.dataset.kind);
    this.hidden = false;
    this.querySelector("[data-say=back]").focus();
  };

  #answer(said) {
    if (!said) return;
    this.hidden = true;
    this.#asked = said === "send" ? this.text.value : "";
    if (said === "send") this.form.requestSubmit(); else this.text.focus();
  }
}

customElements.define("nz-ask", Ask);
