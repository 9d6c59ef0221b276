#include "src/experiment/report/style.h"

namespace sublayer::experiment::reporting {

// A canvas has one pixel per cell, which the style sheet enlarges. Weights are read and drawn in the way of attention_picture.cpp and of
// strength_of_weight.
std::string inspection_script() {
  return R"('use strict';
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const valueOf = new Map([...digits].map((digit, value) => [digit, value])), arrow = ' \u2192 ';
function decode(text) {
  const weights = new Float32Array(text.length / 2);  // NaN where it was not finite
  for (let i = 0; i < weights.length; ++i) weights[i] = (64 * valueOf.get(text[2 * i]) + valueOf.get(text[2 * i + 1])) / 4095;
  return weights;
}
function paint(canvas, weights) {
  const context = canvas.getContext('2d'), image = context.createImageData(canvas.width, canvas.height), data = image.data;
  const [red, green, blue] = getComputedStyle(canvas).color.match(/[\d.]+/g).map(Number);
  weights.forEach((weight, i) => {
    const isKnown = weight >= 0;
    data[4 * i] = isKnown ? red : 213;
    data[4 * i + 1] = isKnown ? green : 94;
    data[4 * i + 2] = isKnown ? blue : 0;
    data[4 * i + 3] = isKnown ? 255 * Math.sqrt(weight) : 255;
  });
  context.putImageData(image, 0, 0);
}
function activate(figure) {
  const heads = [...figure.querySelectorAll('.head')], small = heads.map(head => head.firstElementChild);
  const tip = figure.querySelector('.tip'), chosen = figure.querySelector('.chosen'), cells = figure.querySelector('.cells');
  const large = cells.querySelector('canvas'), frame = cells.querySelector('i'), map = figure.querySelector('.map');
  const queries = [...figure.querySelectorAll('.queries bdi')], keys = [...figure.querySelectorAll('.keys bdi')];
  const weights = new Map(small.map(canvas => [canvas, decode(canvas.dataset.weights)]));
  let cell = null;  // [query, key] in the large map

  const paintAll = () => weights.forEach((values, canvas) => paint(canvas, values));
  function choose(head) {
    hide();
    [large.width, large.height] = [small[head].width, small[head].height];
    for (const [name, labels, count] of [['--keys', keys, large.width], ['--queries', queries, large.height]]) {
      map.style.setProperty(name, count);
      labels.forEach((label, i) => label.hidden = i >= count);
    }
    weights.set(large, weights.get(small[head]));
    paint(large, weights.get(large));
    heads.forEach((button, i) => button.setAttribute('aria-pressed', i === head));
    const path = document.createElement('span');
    path.textContent = heads[head].dataset.module;
    chosen.replaceChildren(heads[head].dataset.name + '  ', path);
  }
  function hide() {
    tip.hidden = frame.hidden = true;
    cell = null;
    [...queries, ...keys].forEach(label => label.classList.remove('on'));
  }
  function read(canvas, query, key, x, y) {
    hide();
    queries[query].classList.add('on');
    keys[key].classList.add('on');
    const weight = document.createElement('b'), value = weights.get(canvas)[query * canvas.width + key];
    weight.textContent = value >= 0 ? value.toFixed(3) : 'not a number';
    const where = canvas === large ? '' : '\n' + heads[small.indexOf(canvas)].dataset.name;
    tip.replaceChildren(queries[query].textContent + arrow + keys[key].textContent + ': ', weight, where);
    tip.hidden = false;
    if (canvas === large) {
      cell = [query, key];
      frame.hidden = false;
      frame.style.left = `calc(var(--cell)*${key})`;
      frame.style.top = `calc(var(--cell)*${query})`;
    }
    const outer = figure.getBoundingClientRect(), room = outer.width - tip.offsetWidth;
    tip.style.left = Math.max(0, Math.min(room, x - outer.left + 14)) + 'px';
    tip.style.top = y - outer.top + 18 + 'px';
  }
  function follow(event) {
    const canvas = event.target;
    if (!weights.has(canvas)) return hide();
    const box = canvas.getBoundingClientRect(), last = (count, part) => Math.max(0, Math.min(count - 1, Math.floor(count * part)));
    read(canvas, last(canvas.height, (event.clientY - box.top) / box.height), last(canvas.width, (event.clientX - box.left) / box.width),
         event.clientX, event.clientY);
  }
  figure.addEventListener('pointermove', follow);
  figure.addEventListener('pointerdown', follow);
  figure.addEventListener('pointerleave', hide);
  cells.addEventListener('blur', hide);
  cells.addEventListener('keydown', event => {
    const step = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key];
    if (!step) return;
    event.preventDefault();
    const from = cell ?? [-step[0], -step[1]], box = large.getBoundingClientRect();
    const [query, key] = [large.height, large.width].map((count, i) => Math.max(0, Math.min(count - 1, from[i] + step[i])));
    read(large, query, key, box.left + (key + 1) / large.width * box.width, box.top + (query + 1) / large.height * box.height);
  });
  heads.forEach((button, i) => button.addEventListener('click', () => choose(i)));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', paintAll);
  paintAll();
  choose(0);
}
document.querySelectorAll('.attention').forEach(activate);
)";
}

}  // namespace sublayer::experiment::reporting
