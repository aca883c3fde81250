/** The colours that were chosen in this browser, before the first of them is drawn. */
try {
  const theme = window.localStorage.getItem("samovar.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Without a memory the system decides.
}
