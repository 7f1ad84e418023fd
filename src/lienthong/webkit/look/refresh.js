// Refreshes the parts of a page marked data-refresh with the same parts of a fresh copy, every data-seconds of the body.
// It leaves a part alone while the reader is in it, and the whole page while nobody looks at it.
(function () {
  "use strict";
  var seconds = Number(document.body.dataset.seconds || 0);
  if (!seconds || !window.fetch || !window.DOMParser) { return; }
  function busy(part) {
    var chosen = document.getSelection();
    return part.contains(document.activeElement) || part.querySelector("details[open]") ||
      (chosen && !chosen.isCollapsed && part.contains(chosen.anchorNode));
  }
  function refresh() {
    if (document.hidden) { return; }
    fetch(location.href, { credentials: "same-origin", redirect: "error", cache: "no-store" })
      .then(function (answer) { return answer.ok ? answer.text() : Promise.reject(answer.status); })
      .then(function (text) {
        var fresh = new DOMParser().parseFromString(text, "text/html");
        document.querySelectorAll("[data-refresh]").forEach(function (part) {
          var other = fresh.getElementById(part.id);
          if (other && !busy(part) && other.innerHTML !== part.innerHTML) { part.innerHTML = other.innerHTML; }
        });
        document.body.classList.remove("is-stale");
      })
      .catch(function () { document.body.classList.add("is-stale"); });
  }
  setInterval(refresh, seconds * 1000);
}());
