/* Runs before the page is drawn: a reader's choice of light or dark, kept in this browser. */
try {
  const chosen = localStorage.getItem("theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch (error) { /* storage is closed to pages of the file system in some browsers: the system's setting holds */ }
document.documentElement.classList.add("js");
