// Runs before the page is painted: the chosen scheme, kept per browser; without a choice the system decides.
const KEY = "groundswell-theme";

export function chosen() {
  try {
    return localStorage.getItem(KEY) || "system";
  } catch {
    return "system";
  }
}

export function choose(theme) {
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    /* private mode: the choice lasts for this page */
  }
  apply(theme);
}

export function apply(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.dispatchEvent(new CustomEvent("theme:change"));
}

apply(chosen());
