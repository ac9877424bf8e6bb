// Our own small drawings, all on a grid of twenty.

const PATHS = {
  hash: "M8 3 6 17M14 3l-2 14M3.5 7.5h13M3 12.5h13",
  lock: "M5 9h10v8H5zM7 9V6.5a3 3 0 0 1 6 0V9",
  pulse: "M2 10h3.5l2-5 4 10 2.5-5H18",
  sliders: "M4 5h7M15 5h1M4 10h1M9 10h7M4 15h8M16 15h0M11 3v4M7 8v4M13 13v4",
  moon: "M15.5 12.5A6.5 6.5 0 0 1 7.5 4.5 6.5 6.5 0 1 0 15.5 12.5z",
  sun: "M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7zM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M16 4l-1.4 1.4M5.4 14.6 4 16",
  menu: "M3 5.5h14M3 10h14M3 14.5h14",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12 4l-6 6 6 6",
  forward: "M8 4l6 6-6 6",
  down: "M5 8l5 5 5-5",
  send: "M3 4.5 17 10 3 15.5l2-5.5zM5 10h6",
  reply: "M3.5 4.5h13v9H10l-3.5 3v-3h-3zM7 8h6M7 10.5h4",
  more: "M10 4.5v.01M10 10v.01M10 15.5v.01",
  eye: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zM10 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4z",
  warning: "M10 3 18 16.5H2zM10 8v4M10 14.2v.01",
  info: "M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15zM10 9v5M10 6.2v.01",
  check: "M4 10.5l4 4 8-9",
  trash: "M4 6h12M8 6V4h4v2M5.5 6l.8 11h7.4l.8-11",
  up: "M7 9v7H4V9zM7 9l3-6c1.5 0 2.2 1 1.8 2.5L11 8h4.5l-1.3 7.2c-.1.5-.5.8-1 .8H7",
  downvote: "M7 11V4H4v7zM7 11l3 6c1.5 0 2.2-1 1.8-2.5L11 12h4.5l-1.3-7.2c-.1-.5-.5-.8-1-.8H7",
  picture: "M3 4h14v12H3zM3 13l4-4 3.5 3.5L13 10l4 4M13 7v.01",
  out: "M8 5H4v11h11v-4M11 4h5v5M16 4l-7 7",
  link: "M8.5 11.5l3-3M9 6l1.5-1.5a3.2 3.2 0 0 1 4.5 4.5L13.5 10.5M11 14l-1.5 1.5a3.2 3.2 0 0 1-4.5-4.5L6.5 9.5",
  at: "M10 7a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM13 7v4.5a2 2 0 0 0 4 0V10a7 7 0 1 0-3 5.7",
  slash: "M4 3h12v14H4zM12 6l-4 8",
  people:
    "M7.5 4a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM2.5 16c0-3 2.2-5 5-5s5 2 5 5M13 4.4a2.6 2.6 0 0 1 0 5M14.5 11.3c1.8.6 3 2.3 3 4.7",
  play: "M7 4.5v11l9-5.5z",
  again: "M16 10a6 6 0 1 1-2-4.5M16 3v3.5h-3.5",
};

export function icon(name, className = "icon") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

// The app's own sign: an open book under a roof.
export function appSign() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("class", "app-sign");
  svg.setAttribute("aria-hidden", "true");
  for (const d of ["M7 22V10l9 5 9-5v12l-9 4z", "M16 15v11"]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", d);
    svg.append(path);
  }
  return svg;
}
