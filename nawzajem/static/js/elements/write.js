// <nz-write data-keep="...">: a field to write in, whose draft stays on this device until it is sent or somebody signs out.
class Write extends HTMLElement {
  #saidAt = 0; #draft;

  connectedCallback() {
    this.text = this.querySelector("textarea");
    this.#draft = `nz:draft:${this.dataset.keep}`;
    if (!this.text.value) this.text.value = this.#kept((store) => store.getItem(this.#draft)) ?? "";
    this.addEventListener("input", () => this.#typed());
    this.addEventListener("keydown", (event) => this.#key(event));
    this.#grow();
  }

  #typed() {
    const words = this.text.value;
    this.#kept((store) => (words ? store.setItem(this.#draft, words) : store.removeItem(this.#draft)));
    this.#grow();
    if (!words || Date.now() - this.#saidAt < 3000) return;
    this.#saidAt = Date.now();
    fetch(`${this.closest("nz-talk").dataset.address}typing`, { method: "POST", headers: { "X-Nawzajem": "talk" } }).catch(() => {});
  }

  // Where there is a keyboard, Enter sends; in a text of several lines, and on a phone, it begins a new line.
  #key(event) {
    if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
    const sends = matchMedia("(hover: hover) and (pointer: fine)").matches && !this.text.value.includes("\n");
    if (!sends && !event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    this.text.form.requestSubmit();
  }

  // Browsers that know `field-sizing` do it by themselves.
  #grow() {
    if (CSS.supports("field-sizing", "content")) return;
    this.text.style.blockSize = "auto";
    this.text.style.blockSize = `${this.text.scrollHeight + 2}px`;
  }

  #kept(ask) { try { return ask(localStorage); } catch { return null; } }
}

customElements.define("nz-write", Write);
