#include "src/experiment/report/style.h"

namespace sublayer::experiment::reporting {

// The curves lie in an inner <svg class="view">: zooming changes its viewBox and draws the ticks anew, in the way of ticks() in scale.cpp.
std::string page_script() {
  return R"('use strict';
const space = 'http://www.w3.org/2000/svg', minus = text => text.replace('-', '\u2212');
function ticks(low, high, count) {
  const rough = (high - low) / count, power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find(factor => factor * power >= rough * (1 - 1e-9));
  const decimals = Math.min(12, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))), result = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; ++k) {
    let label = (k * step).toFixed(decimals);
    if (!decimals && Math.abs(k * step) >= 10000) label = label.replace(/\B(?=(\d{3})+$)/g, '\u202f');
    result.push([k * step, minus(Number(label.replace(/\u202f/g, '')) ? label : label.replace('-', ''))]);
  }
  return result;
}
function draw(parent, name, attributes, text) {
  const node = parent.appendChild(document.createElementNS(space, name));
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (text !== undefined) node.textContent = text;
}
function activate(panel) {
  const svg = panel.querySelector('.drawing'), view = svg.querySelector('.view'), cursor = svg.querySelector('.cursor');
  const selection = svg.querySelector('.selection'), button = panel.querySelector('button'), tip = panel.querySelector('.tip');
  const data = JSON.parse(panel.querySelector('script').textContent), [left, top, width, height] = data.box, home = data.home;
  const right = left + width, bottom = top + height;
  const atX = (u, d) => left + (u - d[0]) / (d[1] - d[0]) * width, atY = (v, d) => bottom - (v - d[2]) / (d[3] - d[2]) * height;
  const same = (a, b) => a.every((value, i) => Math.abs(value - b[i]) <= 1e-9 * Math.max(1, Math.abs(b[i])));
  const hasMore = !same(data.whole, home);
  const updates = [...new Set(data.arms.flatMap(arm => arm.points.map(point => point[0])))].sort((a, b) => a - b);
  let shown = home, start = null, chosen = null;

  function show(domain) {
    shown = domain;
    view.setAttribute('viewBox', [atX(domain[0], home), atY(domain[3], home), atX(domain[1], home) - atX(domain[0], home),
                                  atY(domain[2], home) - atY(domain[3], home)].join(' '));
    const vertical = svg.querySelector('.ticks-y'), horizontal = svg.querySelector('.ticks-x');
    vertical.replaceChildren();
    horizontal.replaceChildren();
    for (const [value, label] of ticks(domain[2], domain[3], 6)) {
      const y = atY(value, domain);
      draw(vertical, 'line', {x1: left, x2: right, y1: y, y2: y, class: 'grid'});
      draw(vertical, 'text', {x: left - 6, y: y + 4, class: 'tick end'}, label);
    }
    for (const [value, label] of ticks(domain[0], domain[1], 5)) {
      const x = atX(value, domain);
      draw(horizontal, 'line', {x1: x, x2: x, y1: bottom, y2: bottom + 4, class: 'axis'});
      draw(horizontal, 'text', {x, y: bottom + 19, class: 'tick middle'}, label);
    }
    const isHome = same(domain, home);
    button.hidden = isHome && !hasMore;
    button.textContent = isHome ? 'Whole range' : 'Reset';
    hide();
  }
  const toggle = () => show(same(shown, home) && hasMore ? data.whole : home);

  function hide() {
    tip.hidden = true;
    cursor.setAttribute('visibility', 'hidden');
  }
  function value(arm, update) {
    const points = arm.points, next = points.findIndex(point => point[0] >= update);
    if (next < 0 || (next === 0 && points[0][0] > update)) return null;
    if (points[next][0] === update) return points[next];
    const part = (update - points[next - 1][0]) / (points[next][0] - points[next - 1][0]);
    return points[next].map((v, i) => points[next - 1][i] + part * (v - points[next - 1][i]));
  }
  function point(update) {
    chosen = update;
    const x = atX(update, shown), format = v => minus(v.toFixed(data.decimals)), rows = [document.createElement('div')];
    rows[0].textContent = 'update ' +
        (update < 10000 ? update : String(update).replace(/\B(?=(\d{3})+$)/g, '\u202f'));
    for (const arm of data.arms) {
      const v = value(arm, update);
      if (!v) continue;
      const row = document.createElement('div'), dot = document.createElement('i'), strong = document.createElement('b');
      dot.className = arm.css;
      strong.textContent = format(v[1]);
      row.append(dot, strong, v[2] < v[3] ? ` (${format(v[2])} to ${format(v[3])}) ` : ' ', arm.name);
      rows.push(row);
    }
    tip.replaceChildren(...rows);
    tip.hidden = false;
    for (const [key, v] of Object.entries({x1: x, x2: x, y1: top, y2: bottom, visibility: 'visible'})) cursor.setAttribute(key, v);
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width, at = x * scale, room = panel.clientWidth;
    const place = at + 12 + tip.offsetWidth <= room ? at + 12 : at - 12 - tip.offsetWidth;
    tip.style.left = Math.max(0, Math.min(place, room - tip.offsetWidth)) + 'px';
    const isBeside = place >= 0 && place + tip.offsetWidth <= room, drawing = svg.getBoundingClientRect();
    tip.style.top = (isBeside ? drawing.top + top * scale + 4 : drawing.bottom) - panel.getBoundingClientRect().top + 'px';
  }
  const nearest = update => updates.reduce((best, u) => Math.abs(u - update) < Math.abs(best - update) ? u : best, updates[0]);
  function position(event) {
    const p = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [Math.min(right, Math.max(left, p.x)), Math.min(bottom, Math.max(top, p.y))];
  }
  const valueAt = ([x, y]) => [shown[0] + (x - left) / width * (shown[1] - shown[0]),
        shown[2] + (bottom - y) / height * (shown[3] - shown[2])];
  function selected(end) {
    const isWide = Math.abs(end[1] - start[1]) < 14;
    return {x: Math.min(start[0], end[0]), width: Math.abs(end[0] - start[0]), y: isWide ? top : Math.min(start[1], end[1]),
            height: isWide ? height : Math.abs(end[1] - start[1])};
  }
  function stop() {
    start = null;
    selection.setAttribute('visibility', 'hidden');
  }
  svg.addEventListener('pointerdown', event => {
    if (event.button === 0) start = position(event);
  });
  svg.addEventListener('pointermove', event => {
    const here = position(event);
    if (start && Math.abs(here[0] - start[0]) > 6) {
      svg.setPointerCapture(event.pointerId);
      hide();
      for (const [key, v] of Object.entries({...selected(here), visibility: 'visible'})) selection.setAttribute(key, v);
    } else if (updates.length) point(nearest(valueAt(here)[0]));
  });
  svg.addEventListener('pointerup', event => {
    if (!start) return;
    const box = selected(position(event));
    stop();
    if (box.width <= 6) return updates.length && point(nearest(valueAt(position(event))[0]));
    const [x0, y1] = valueAt([box.x, box.y]), [x1, y0] = valueAt([box.x + box.width, box.y + box.height]);
    if (x1 - x0 > 1e-6 * (home[1] - home[0]) && y1 - y0 > 1e-9 * (home[3] - home[2])) show([x0, x1, y0, y1]);
  });
  svg.addEventListener('pointercancel', stop);
  svg.addEventListener('pointerleave', () => start || hide());
  svg.addEventListener('blur', hide);
  svg.addEventListener('dblclick', toggle);
  button.addEventListener('click', toggle);
  svg.addEventListener('keydown', event => {
    const step = {ArrowRight: 1, ArrowLeft: -1}[event.key], i = updates.indexOf(chosen);
    if (step && updates.length) {
      point(updates[Math.min(updates.length - 1, Math.max(0, i + step))]);
      event.preventDefault();
    }
    if (event.key === 'Escape') show(home);
  });
  show(home);
}
document.querySelectorAll('.curve-panel').forEach(activate);
)";
}

}  // namespace sublayer::experiment::reporting
