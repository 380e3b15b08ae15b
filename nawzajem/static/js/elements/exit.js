// Leaving at once: by the button, or by Escape three times. Whoever looks over a shoulder shall see nothing of it.
class Exit extends HTMLElement {
  #pressed = [];

  connectedCallback() {
    this.addEventListener("click", (event) => { event.preventDefault(); this.#leave(); });
    addEventListener("keydown", this.#escape);
    // Drafts and unsent words are kept on the device only for somebody who is signed in.
    addEventListener("submit", forgetOnSignOut);
  }

  disconnectedCallback() {
    removeEventListener("keydown", this.#escape);
    removeEventListener("submit", forgetOnSignOut);
  }

  #escape = (event) => {
    if (event.key !== "Escape") { this.#pressed = []; return; }
    this.#pressed = [...this.#pressed.filter((at) => event.timeStamp - at < 2000), event.timeStamp];
    if (this.#pressed.length === 3) this.#leave();
  };

  #leave() {
    // Blank before anything else: the next page may be slow, and a slow line must not give anybody away.
    document.title = " ";
    document.body.hidden = true;
    document.documentElement.style.visibility = "hidden";
    // Replaces this page in the history, so that one step back does not lead here.
    location.replace(this.querySelector("a").href);
  }
}

function forgetOnSignOut(event) {
  if (!/\/logout\//.test(event.target.action ?? "")) return;
  Object.keys(localStorage).filter((key) => key.startsWith("nz:")).forEach((key) => localStorage.removeItem(key));
}

// A page brought back by the browser's own memory would show what was just hidden.
addEventListener("pageshow", (event) => { if (event.persisted && document.body.hidden) location.reload(); });

customElements.define("nz-exit", Exit);
