// The buttons that change the portal.
"use strict";

(() => {
  const panel = document.getElementById("panel");
  const said = document.getElementById("panel-said");
  panel.addEventListener("click", async ({ target }) => {
    const order = target.dataset.order;
    if (!order) return;
    const time = new Date().toTimeString().slice(0, 8);
    const answer = await fetch(`/_control/${panel.dataset.portal}`, { method: "POST", body: order.replace("{time}", time) });
    const outcome = answer.ok ? panel.dataset.done : `${panel.dataset.failed}: ${(await answer.json()).error}`;
    said.textContent = `${target.textContent} — ${outcome}, ${time}`;
  });
})();
