// What the first page does by itself: it tells how far the model is.
(function () {
  var box = document.getElementById("model-status");
  function look() {
    if (box.querySelector("[data-settled]")) return;
    fetch(box.dataset.url).then(function (r) { return r.text(); }).then(function (html) {
      box.innerHTML = html; setTimeout(look, 1500);
    }).catch(function () { setTimeout(look, 5000); });
  }
  setTimeout(look, 1000);
})();
