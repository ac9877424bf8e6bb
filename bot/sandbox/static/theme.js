// Light or dark, before anything is drawn: the person's choice here, else their device's.
try {
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
} catch {
  /* a browser that keeps nothing follows the device */
}
