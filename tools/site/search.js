// The search of the site. The index comes as a script, when it is first needed: pages from the
// file system may not fetch data.
(function () {
  "use strict";
  var root = document.currentScript.dataset.root;
  var box = document.querySelector(".search input");
  var list = document.querySelector(".results");
  var rows = null, chosen = -1;

  function prepare(index) {
    return index.map(function (row) {
      return { title: row[0], page: row[1], link: row[2], text: row[3],
        low: row[0].toLowerCase(), body: row[3].toLowerCase() };
    });
  }

  function load(done) {
    if (rows) { return done(); }
    var script = document.createElement("script");
    script.src = root + "search-index.js";
    script.onload = function () { rows = prepare(SEARCH_INDEX); done(); };
    document.head.appendChild(script);
  }

  // How well a piece fits: its title counts more than its text; all words have to be there.
  function score(row, words) {
    var sum = 0;
    for (var i = 0; i < words.length; i++) {
      var word = words[i], at = row.low.indexOf(word), points = 0;
      if (at >= 0) {
        var before = at > 0 ? row.low[at - 1] : " ", after = row.low[at + word.length] || " ";
        points = 20 + (/[a-z0-9_]/.test(before) ? 0 : 15) + (/[a-z0-9_]/.test(after) ? 0 : 15);
        points += Math.max(0, 20 - Math.round(row.low.length / 16) * 4);
      } else if (row.body.indexOf(word) >= 0) {
        points = 4;
      } else if (row.page.toLowerCase().indexOf(word) >= 0) {
        points = 2;
      } else {
        return 0;
      }
      sum += points;
    }
    return sum + (row.link.indexOf("docs/manual/") === 0 ? 3 : 0);
  }

  function find(words) {
    var found = [];
    rows.forEach(function (row, i) {
      var points = score(row, words);
      if (points > 0) { found.push({ row: row, points: points, order: i }); }
    });
    found.sort(function (a, b) { return b.points - a.points || a.order - b.order; });
    return found.slice(0, 20).map(function (item) { return item.row; });
  }

  function marked(parent, text, words) {
    var low = text.toLowerCase(), at = 0;
    while (at < text.length) {
      var next = -1, length = 0;
      words.forEach(function (word) {
        var i = low.indexOf(word, at);
        if (i >= 0 && (next < 0 || i < next)) { next = i; length = word.length; }
      });
      if (next < 0) { break; }
      parent.append(text.slice(at, next));
      var mark = document.createElement("mark");
      mark.textContent = text.slice(next, next + length);
      parent.append(mark);
      at = next + length;
    }
    parent.append(text.slice(at));
  }

  // The part of the text around the first word.
  function around(row, words) {
    var at = -1;
    words.forEach(function (word) {
      var i = row.body.indexOf(word);
      if (i >= 0 && (at < 0 || i < at)) { at = i; }
    });
    var from = Math.max(0, at - 60);
    return (from > 0 ? "…" : "") + row.text.slice(from, from + 160);
  }

  function element(row, words) {
    var item = document.createElement("li"), link = document.createElement("a");
    var title = document.createElement("b"), page = document.createElement("i");
    var text = document.createElement("p");
    link.href = root + row.link;
    marked(title, row.title, words);
    page.textContent = row.page === row.title ? "" : row.page;
    marked(text, around(row, words), words);
    link.append(title, page, text);
    item.append(link);
    return item;
  }

  function show() {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    list.textContent = "";
    chosen = -1;
    list.hidden = words.length === 0;
    if (list.hidden) { return; }
    var found = find(words);
    found.forEach(function (row) { list.append(element(row, words)); });
    if (found.length === 0) {
      var none = document.createElement("li");
      none.className = "none";
      none.textContent = "Nothing found.";
      list.append(none);
    }
  }

  function choose(step) {
    var items = list.querySelectorAll("li");
    if (items.length === 0) { return; }
    if (items[chosen]) { items[chosen].classList.remove("chosen"); }
    chosen = (chosen + step + items.length) % items.length;
    items[chosen].classList.add("chosen");
    items[chosen].scrollIntoView({ block: "nearest" });
  }

  box.addEventListener("focus", function () { load(show); });
  box.addEventListener("input", function () { load(show); });
  box.addEventListener("keydown", function (event) {
    if (event.key === "ArrowDown") { choose(1); event.preventDefault(); }
    if (event.key === "ArrowUp") { choose(-1); event.preventDefault(); }
    if (event.key === "Escape") { list.hidden = true; box.blur(); }
    if (event.key === "Enter") {
      var link = list.querySelector(chosen >= 0 ? ".chosen a" : "a");
      if (link) { link.click(); list.hidden = true; }
    }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && document.activeElement !== box) {
      box.focus();
      event.preventDefault();
    }
  });
  document.addEventListener("click", function (event) {
    if (!event.target.closest(".search")) { list.hidden = true; }
  });

  // A wide screen shows the menu; a telephone opens it.
  var menu = document.querySelector(".menu");
  var wide = window.matchMedia("(min-width: 52rem)");
  function unfold() { menu.open = wide.matches; }
  wide.addEventListener("change", unfold);
  unfold();

  var asked = new URLSearchParams(location.search).get("q");
  if (asked) { box.value = asked; load(show); }
})();
