// Keeps a choice where the server reads it, so that the next page comes right at once (trackerweb/frame.py).
const YEAR_SECONDS = 365 * 24 * 3600;

export function remember(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
}
