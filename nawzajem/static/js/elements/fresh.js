// <nz-fresh data-address="..." data-on="ask:ID">: fetches its content again when the house says that something changed.
class Fresh extends HTMLElement {
  #timer = 0;

  connectedCallback() {
    document.addEventListener("nz:changed", this.#heard);
    document.addEventListener("nz:open", this.#again); // what changed while nothing could be heard
  }

  disconnectedCallback() {
    document.removeEventListener("nz:changed", this.#heard);
    document.removeEventListener("nz:open", this.#again);
    clearTimeout(this.#timer);
  }

  #heard = (event) => { if (this.dataset.on.split(" ").includes(event.detail)) this.#again(); };

  // Several changes at once are one; and somebody in the middle of a form is not disturbed.
  #again = () => {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#isUsed() ? this.#again() : this.#fetch()), 300);
  };

  // Somebody is there just now, or has chosen or typed something that is not sent yet.
  #isUsed() {
    const differs = (one) => one.checked !== one.defaultChecked || one.value !== one.defaultValue;
    return this.contains(document.activeElement) || [...this.querySelectorAll("input, textarea")].some(differs);
  }

  async #fetch() {
    const answer = await fetch(this.dataset.address, { headers: { "X-Nawzajem": "fresh", "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const words = await answer.text();
    if (this.#isUsed()) return this.#again(); // begun while it was fetched
    if (words.trim() === this.innerHTML.trim()) return;
    this.innerHTML = words;
    this.dispatchEvent(new Event("nz:fresh", { bubbles: true }));
  }
}

customElements.define("nz-fresh", Fresh);
