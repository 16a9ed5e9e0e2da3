// What can be seen to be wrong with a page as it is drawn: what is cut, covered, lost in forced colours, or moves.
(() => {
  const UNSEEN = ".unseen, .symbols, script, style, noscript, option, textarea, title";
  const html = (each) => each.outerHTML.replace(/\s+/g, " ").slice(0, 110);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const shown = (each) => each.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const style = (each, part) => getComputedStyle(each, part);
  const channels = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);

  // What lies over the page is looked at alone.
  const top = () => document.querySelector("dialog:modal, :popover-open") ?? document.body;
  const ancestors = function* (each) {
    for (let at = each; at && at !== document.documentElement; at = at.parentElement) yield at;
  };
  // Words for screen readers alone are a pixel large.
  const isForEyes = (each) => shown(each) && !each.closest(UNSEEN)
    && ![...ancestors(each)].some((at) => style(at).clipPath !== "none");

  // ---------------------------------------------------------------- text

  const texts = () => {
    const found = [];
    const walker = document.createTreeWalker(top(), NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (!node.data.trim() || !isForEyes(node.parentElement)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const box of range.getClientRects()) {
        if (box.width > 1 && box.height > 1) found.push({ node, box });
      }
    }
    return found;
  };

  const says = ({ node }) => `“${node.data.trim().replace(/\s+/g, " ").slice(0, 40)}”`;

  // A cut that shows itself by three dots; the whole is in the title, or on the thing's own page.
  const isMeant = (each) => style(each).textOverflow === "ellipsis" || style(each).webkitLineClamp !== "none";
  const isBox = (each) => style(each).display !== "inline" && style(each).display !== "contents"
    && parseFloat(style(each).borderTopWidth) > 0 && channels(style(each).borderTopColor)[3] !== 0;
  const leaves = (box, edge) => box.left < edge.left - 2 || box.right > edge.right + 2
    || box.top < edge.top - 3 || box.bottom > edge.bottom + 3;

  const cut = () => {
    scrollTo(0, 0); // from under the header, which stays
    const faults = [];
    const seen = [];
    for (const one of texts()) {
      let isWhole = true;
      for (const at of ancestors(one.node.parentElement)) {
        const { overflowX, overflowY, display } = style(at);
        const edge = at.getBoundingClientRect();
        if (display === "contents" || display === "inline") continue;
        if (isMeant(at)) { isWhole = false; break; }
        if (/auto|scroll/.test(overflowX + overflowY)) { isWhole = !leaves(one.box, edge); break; }
        const cuts = /hidden|clip/.test(overflowX + overflowY);
        if ((cuts || isBox(at)) && leaves(one.box, edge)) {
          faults.push(`${says(one)} ${cuts ? "is cut by" : "leaves"} ${html(at)}`);
          isWhole = false;
          break;
        }
      }
      if (isWhole) seen.push(one);
    }
    return [...faults, ...covered(seen)];
  };

  const covered = (found) => {
    const faults = [];
    const sorted = found.toSorted((one, two) => one.box.top - two.box.top);
    for (const [at, one] of sorted.entries()) {
      for (let next = at + 1; next < sorted.length && sorted[next].box.top < one.box.bottom - 4; next += 1) {
        const two = sorted[next];
        const wide = Math.min(one.box.right, two.box.right) - Math.max(one.box.left, two.box.left);
        // Lines of one text may come as near as its font lets them.
        if (wide > 2 && one.node !== two.node && !isLineOf(one, two)) {
          faults.push(`${says(one)} and ${says(two)} lie over each other`);
        }
      }
    }
    return faults;
  };

  // Letters reach above and below their line, in some scripts by half of it.
  const isLineOf = (one, two) => Math.min(one.box.bottom, two.box.bottom) - Math.max(one.box.top, two.box.top)
    < Math.min(one.box.height, two.box.height) / 3;

  const spaced = new CSSStyleSheet();
  spaced.replaceSync(`
    * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
    p { margin-block-end: 2em !important; }
  `);

  // ---------------------------------------------------------------- forced colours

  const luminance = (colour) => {
    const [red, green, blue] = channels(colour).map((each) => {
      const part = each / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, two) => {
    const [dark, light] = [luminance(one), luminance(two)].toSorted((left, right) => left - right);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (each) => [...ancestors(each)].map((at) => style(at).backgroundColor)
    .find((colour) => channels(colour)[3] !== 0) ?? style(document.documentElement).backgroundColor;

  const FRAMED = ".button, .chip, .choice-card, .initials, .number, input, select, textarea, .message, .card, dialog";

  // What a state may show itself by where backgrounds are gone.
  const signs = (each) => [each, ...each.children].map((at) => {
    const { outlineStyle, outlineWidth, borderTopStyle, borderTopWidth, borderBottomWidth,
      borderInlineStartWidth, fontWeight, textDecorationLine, color, borderBottomColor } = style(at);
    return [outlineStyle, outlineWidth, borderTopStyle, borderTopWidth, borderBottomWidth, borderInlineStartWidth,
      fontWeight, textDecorationLine, color, borderBottomColor, ...all("use", at).map((one) => one.getAttribute("href"))].join(" ");
  }).join();
  const STATES = "[aria-current], [aria-sort], .ticked, .now, .done:not(button)";
  const alike = (each) => all(each.tagName, each.closest("nav, ol, ul, form, tbody, thead") ?? document.body)
    .filter((other) => !other.matches(STATES) && shown(other) && other.closest("nav, ol, ul, form") === each.closest("nav, ol, ul, form"));

  const lost = () => {
    const faults = [];
    for (const each of all(FRAMED).filter(isForEyes)) {
      if (each.matches("[type=checkbox], [type=radio], [type=hidden], [type=file]")) continue;
      const { borderTopStyle, borderTopWidth, borderTopColor } = style(each);
      if (borderTopStyle === "none" || !parseFloat(borderTopWidth) || contrast(borderTopColor, ground(each.parentElement)) < 3) {
        faults.push(`has no border: ${html(each)}`);
      }
    }
    for (const each of all(STATES).filter(isForEyes)) {
      if (alike(each).some((other) => signs(other) === signs(each))) faults.push(`looks like any other: ${html(each)}`);
    }
    for (const each of all("svg:not(.drawing, .symbols)").filter(isForEyes)) {
      // What <use> draws has the colour of the text.
      const inks = all("path, rect, circle, use", each)
        .flatMap((at) => (at.matches("use") ? [style(at).color] : [style(at).stroke, style(at).fill]))
        .filter((paint) => paint.startsWith("rgb"));
      if (!inks.some((ink) => contrast(ink, ground(each)) >= 3)) faults.push(`isn't seen: ${html(each)}`);
    }
    return faults;
  };

  // ---------------------------------------------------------------- motion

  const moving = () => {
    const parts = all("*").flatMap((each) => ["", "::before", "::after"].map((part) => [each, part]));
    return parts.filter(([each, part]) => {
      const { animationName, transitionProperty, transitionDuration, scrollBehavior } = style(each, part || null);
      return animationName !== "none" || scrollBehavior === "smooth"
        || (transitionProperty !== "none" && parseFloat(transitionDuration) > 0);
    }).map(([each, part]) => `moves: ${html(each)}${part}`);
  };

  window.looks = {
    cut,
    lost,
    moving,
    space() { document.adoptedStyleSheets = [spaced]; },
    unspace() { document.adoptedStyleSheets = []; },
    sideways() {
      const by = document.documentElement.scrollWidth - document.documentElement.clientWidth;
      return by > 0 ? [`scrolls sideways by ${by}`] : [];
    },
  };
})();
