/** What a browser can find wrong with a page: expressions whose value must be an empty list. */

/** Elements that reach beyond the page's margins; what is hidden from eyes may. */
export const TOO_WIDE = `(() => {
  const right = document.querySelector("main").getBoundingClientRect().right;
  return [...document.querySelectorAll("main *")]
    .filter((e) => !e.closest(".hidden, thead") && e.getBoundingClientRect().right > right + 0.5)
    .map((e) => e.outerHTML.slice(0, 100));
})()`;

/** Texts with less contrast than WCAG's 4.5 to 1 against what is behind them. */
export const LOW_CONTRAST = `(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (color) => rgb(color).slice(0, 3).map((v) => v / 255)
    .map((v) => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const color = getComputedStyle(element).backgroundColor;
    const clear = rgb(color).length === 4 && rgb(color)[3] === 0;
    return clear && element.parentElement ? behind(element.parentElement) : color;
  };
  return [...document.querySelectorAll("body *")]
    .filter((e) => e.checkVisibility() && [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
    .filter((e) => !e.disabled)
    .map((e) => [light(getComputedStyle(e).color), light(behind(e)), e.textContent])
    .filter(([a, b]) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5)
    .map(([, , text]) => text);
})()`;
