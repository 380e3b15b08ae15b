// <nz-passkey hidden>: says so when a passkey was not given: put away, not found, or taken too long.
class Passkey extends HTMLElement {
  connectedCallback() {
    document.addEventListener("allauth.error", this.#say);
  }

  disconnectedCallback() {
    document.removeEventListener("allauth.error", this.#say);
  }

  #say = (event) => {
    event.preventDefault(); // nothing for the console: most often somebody changed their mind
    this.hidden = true; // and shown anew, so that it is read out again
    setTimeout(() => { this.hidden = false; });
  };
}

customElements.define("nz-passkey", Passkey);
