// <nz-earlier>: what was said before is put above, and what one is reading stays where it is.
class Earlier extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", async (event) => {
      const link = event.target.closest("a");
      if (!link) return;
      event.preventDefault();
      link.setAttribute("aria-busy", "true");
      const answer = await fetch(link.href, { headers: { "X-Nawzajem": "talk" } }).catch(() => null);
      if (answer?.ok) this.#put(await answer.text()); else location.href = link.href;
    });
  }

  #put(words) {
    const first = this.parentElement.querySelector(".message");
    const top = first.getBoundingClientRect().top;
    this.outerHTML = words; // it brings the next way back with it
    if (first.previousElementSibling?.dataset.day === first.dataset.day) first.querySelector(".message-day")?.remove();
    scrollBy({ top: first.getBoundingClientRect().top - top, behavior: "instant" });
  }
}

customElements.define("nz-earlier", Earlier);
