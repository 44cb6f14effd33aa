import type { Measured } from './measure.js';

const [WIDTH, HEIGHT] = [720, 400];
const MARGIN = { left: 56, right: 190, top: 24, bottom: 44 };
const COLOURS = ['#1f6feb', '#8250df', '#cf222e', '#bf8700', '#1a7f37', '#6e7781'];

/** Runs exported over time, a line for each, as SVG. */
export function plot(measured: readonly Measured[]): string {
  const minutesOf = (at: number, speed: number): number => (at * speed) / 60_000;
  const lastMinute = Math.max(...measured.map(({ seconds, load }) => (seconds * load.speed) / 60));
  const most = Math.max(...measured.map(({ seen }) => seen.exports.length));
  const x = (minute: number): number => MARGIN.left + (minute / lastMinute) * (WIDTH - MARGIN.left - MARGIN.right);
  const y = (count: number): number => HEIGHT - MARGIN.bottom - (count / most) * (HEIGHT - MARGIN.top - MARGIN.bottom);

  const lines = measured.map(({ name, load, seen }, index) => {
    const times = seen.exports.toSorted((one, other) => one - other);
    const step = Math.max(Math.floor(times.length / 200), 1);
    const points = times
      .map((at, count) => ({ minute: minutesOf(at, load.speed), count: count + 1 }))
      .filter(({ count }) => count % step === 0 || count === times.length);
    const path = [{ minute: 0, count: 0 }, ...points, { minute: lastMinute, count: times.length }]
      .map(({ minute, count }) => `${x(minute).toFixed(1)},${y(count).toFixed(1)}`)
      .join(' ');
    const colour = COLOURS[index % COLOURS.length] ?? 'black';
    const label = `${name}, ${load.window} window: ${times.length}`;
    const labelY = MARGIN.top + 16 + index * 32;
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${path}"/>`,
      ...wrapped(label).map(
        (text, row) =>
          `<text x="${WIDTH - MARGIN.right + 12}" y="${labelY + row * 13}" fill="${colour}">${escaped(text)}</text>`,
      ),
    ].join('\n');
  });
  const everyMinutes = Math.max(10, Math.ceil(lastMinute / 60) * 10);
  const ticks = [
    ...steps(lastMinute, everyMinutes).map(
      (minute) =>
        `<text x="${x(minute).toFixed(1)}" y="${HEIGHT - MARGIN.bottom + 18}" text-anchor="middle">${minute}</text>`,
    ),
    ...steps(most, 500).map(
      (count) =>
        `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(count).toFixed(1)}" y2="${y(count).toFixed(1)}" stroke="#d0d7de"/>` +
        `<text x="${MARGIN.left - 8}" y="${(y(count) + 4).toFixed(1)}" text-anchor="end">${count}</text>`,
    ),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="11" fill="#57606a">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    ...ticks,
    `<text x="${x(lastMinute / 2).toFixed(1)}" y="${HEIGHT - 8}" text-anchor="middle">minutes</text>`,
    `<text x="12" y="14">runs exported</text>`,
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}

function steps(last: number, step: number): number[] {
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, index) => index * step);
}

function wrapped(label: string): string[] {
  const [name = '', ...rest] = label.split(', ');
  return [name, rest.join(', ')];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
