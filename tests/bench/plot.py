"""The plot that README.md shows: what each server pays for a call, beside NATS, on a logarithmic scale."""
import math
from html import escape

WIDTH, LEFT, RIGHT, TOP, BAR, GAP, CASE_GAP = 760, 150, 70, 64, 17, 5, 22
NAMES = {"1x1": "one call at a time", "8x16": "8 callers, 16 in flight each", "1x1-tls": "one at a time, TLS",
         "8x16-tls": "8 x 16, TLS"}
# Transparent ground, and colours that hold on white as on black; ink follows the reader's scheme where it is told.
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #7d8590 }
  .title { font-size: 15px; font-weight: 600 }
  .grid { stroke: #8c959f; stroke-width: 1; opacity: .35 }
  .base { stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 4 3 }
  .xbusd { fill: #1f7a5c } .nats { fill: #3b82c4 } .ejabberd { fill: #c2792b } .prosody { fill: #8f6bb8 }
  @media (prefers-color-scheme: dark) {
    text { fill: #c9d1d9 } .xbusd { fill: #3fb68b }
  }
"""


def svg(found):
    bars = [(case, [(name, found.median(case, name, "cpu"), found.ratios(case, name, "cpu")) for name in servers])
            for case, servers in found.rows.items()]
    values = [value for _, row in bars for _, value, _ in row]
    low = 10 ** math.floor(math.log10(min(values) / 1.5))
    high = 10 ** math.ceil(math.log10(max(values)))
    scale = (WIDTH - LEFT - RIGHT) / math.log10(high / low)

    def x(value):
        return LEFT + math.log10(value / low) * scale

    parts, y = [], TOP
    for case, row in bars:
        parts.append(f'<text x="{LEFT - 140}" y="{y + 12}" font-weight="600">{escape(NAMES.get(case, case))}</text>')
        y += BAR + GAP
        for name, value, ratio in row:
            beside = f"{value:.3g} us" + (f" = {ratio[0]:.2f} x NATS" if ratio and name != "nats" else "")
            anchor, at = ("start", x(value) + 6) if x(value) < WIDTH - 180 else ("end", x(value) - 6)
            fill = "" if anchor == "start" else ' style="fill:#fff"'
            parts += [f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{escape(name)}</text>',
                      f'<rect class="{escape(name)}" x="{LEFT}" y="{y}" width="{x(value) - LEFT:.1f}" height="{BAR}" rx="2"/>',
                      f'<text x="{at:.1f}" y="{y + 13}" text-anchor="{anchor}"{fill}>{escape(beside)}</text>']
            y += BAR + GAP
        y += CASE_GAP - GAP
    grid = []
    for power in range(round(math.log10(low)), round(math.log10(high)) + 1):
        at = x(10.0 ** power)
        grid += [f'<line class="grid" x1="{at:.1f}" y1="{TOP - 12}" x2="{at:.1f}" y2="{y - 8}"/>',
                 f'<text x="{at:.1f}" y="{TOP - 18}" text-anchor="middle">{10.0 ** power:g} us</text>']
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y}" width="{WIDTH}" height="{y}" role="img" '
            f'aria-label="Server CPU time a call">\n<style>{STYLE}</style>\n'
            f'<text class="title" x="{LEFT - 140}" y="20">Server CPU time for one call, there and back; logarithmic, shorter is better</text>\n')
    return head + "\n".join(grid + parts) + "\n</svg>\n"
