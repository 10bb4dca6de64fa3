// Without this script every table is a plain one; with it, its headings sort and the first is searched.
(function () {
  "use strict";
  var collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  function valueOf(row, column, isNumber) {
    var cell = row.cells[column];
    if (!isNumber) return cell.textContent.trim();
    return cell.dataset.value ? Number(cell.dataset.value) : null;
  }

  // Who has no figure stands last, whichever way the others are sorted.
  function compare(one, other, direction) {
    if (one === null || other === null || one === "" || other === "") {
      return (one === null || one === "") - (other === null || other === "");
    }
    return direction * (typeof one === "number" ? one - other : collator.compare(one, other));
  }

  function sort(table, heading) {
    var direction = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    var column = heading.cellIndex;
    var isNumber = heading.dataset.kind === "number";
    var body = table.tBodies[0];
    var rows = Array.from(body.rows, function (row, index) {
      return { row: row, index: index, value: valueOf(row, column, isNumber) };
    });
    rows.sort(function (a, b) {
      return compare(a.value, b.value, direction) || a.index - b.index;
    });
    table.querySelectorAll("th[aria-sort]").forEach(function (other) {
      other.removeAttribute("aria-sort");
    });
    heading.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
    body.append.apply(body, rows.map(function (entry) { return entry.row; }));
  }

  function makeSortable(table) {
    Array.from(table.tHead.rows[0].cells).forEach(function (heading) {
      var button = document.createElement("button");
      button.type = "button";
      button.append.apply(button, Array.from(heading.childNodes));
      heading.append(button);
      button.addEventListener("click", function () { sort(table, heading); });
    });
  }

  // Accents and case do not count: "dabrowski" finds Dąbrowski.
  function plain(text) {
    return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  }

  function makeSearchable(table) {
    var box = document.getElementById("search");
    var shown = document.getElementById("shown");
    var rows = Array.from(table.tBodies[0].rows, function (row) {
      return { row: row, text: plain(row.textContent.replace(/\s+/g, " ")) };
    });

    function search() {
      var words = plain(box.value).split(/\s+/).filter(Boolean);
      var count = 0;
      rows.forEach(function (entry) {
        var found = words.every(function (word) { return entry.text.includes(word); });
        entry.row.hidden = !found;
        count += found;
      });
      shown.textContent = count + " of " + rows.length + " shown";
    }

    box.addEventListener("input", search);
    box.closest(".tools").hidden = false;
    search();
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll("table.sortable").forEach(makeSortable);
    document.querySelectorAll("table.searchable").forEach(makeSearchable);
  });
})();
