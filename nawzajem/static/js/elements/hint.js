// <nz-hint data-address="...">: one quiet hint beside the field, asked for after a pause in typing. Sending knows nothing of it.
const PAUSE = 1500; // milliseconds without a key
const FEWEST = 12; // letters, below which there is nothing to look at

class Hint extends HTMLElement {
  #pause; #asked = 0;

  connectedCallback() {
    this.text = this.closest("nz-talk").querySelector("textarea");
    this.token = this.closest("nz-talk").querySelector("[name=csrfmiddlewaretoken]");
    this.text?.addEventListener("input", this.#typed);
    this.addEventListener("submit", this.#dismiss);
  }

  disconnectedCallback() { clearTimeout(this.#pause); this.text?.removeEventListener("input", this.#typed); }

  get #shown() { return this.querySelector("[data-hint]")?.dataset.hint ?? ""; }

  #typed = () => {
    clearTimeout(this.#pause);
    this.#asked += 1; // an answer about what stood there before comes too late
    if (!this.text.value) this.replaceChildren(); // sent, or taken back
    else if (this.text.value.trim().length >= FEWEST) this.#pause = setTimeout(this.#ask, PAUSE);
  };

  #ask = async () => {
    const asked = this.#asked;
    const answer = await this.#post(this.dataset.address, { text: this.text.value, hint: this.#shown });
    if (answer?.status !== 200 || asked !== this.#asked) return;
    const found = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-hint]");
    this.replaceChildren(...(found ? [found] : []));
  };

  #dismiss = async (event) => {
    event.preventDefault();
    const answer = await this.#post(event.target.action, { reason: event.submitter?.value ?? "" });
    if (!answer?.ok) return;
    this.replaceChildren();
    this.text.focus();
  };

  #post(address, said) {
    const body = new URLSearchParams({ ...said, csrfmiddlewaretoken: this.token?.value ?? "" });
    return fetch(address, { method: "POST", headers: { "X-Nawzajem": "hint" }, body }).catch(() => null);
  }
}

customElements.define("nz-hint", Hint);
