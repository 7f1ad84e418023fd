// Before the first paint: the width of the navigation and the density that this reader chose on this computer.
(function () {
  "use strict";
  var root = document.documentElement;
  try {
    root.dataset.nav = localStorage.getItem("look:nav") || "wide";
    root.dataset.density = localStorage.getItem("look:density") || "comfort";
  } catch (refused) { root.dataset.nav = "wide"; }
}());
