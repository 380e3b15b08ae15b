// <nz-bell data-key data-worker>: asks the browser whether this device may ring, and gives the house the address at which.
class Bell extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    const can = "serviceWorker" in navigator && "PushManager" in window && Notification.permission !== "denied";
    (can ? this.form : this.querySelector("[data-no]")).hidden = false;
    this.form.addEventListener("submit", this.#hang);
  }

  #hang = async (event) => {
    event.preventDefault();
    try {
      await navigator.serviceWorker.register(this.dataset.worker);
      const { pushManager } = await navigator.serviceWorker.ready;
      const old = await pushManager.getSubscription(); // perhaps of a key that the house had before
      await old?.unsubscribe();
      const hung = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: this.dataset.key });
      this.form.elements.address.value = hung.endpoint;
      this.form.submit();
    } catch {
      this.form.hidden = true; // not allowed, or the service could not be reached
      this.querySelector("[data-no]").hidden = false;
    }
  };
}

customElements.define("nz-bell", Bell);
