"""The parts of the report's HTML page that are the same for every analysis."""

from __future__ import annotations

OUTDATED = (
    '<p class="remark outdated" hidden>Corrected on the Listening desk: what follows is from '
    "before. Save corrections.json there and run mirlab analyze with --corrections to make it "
    "anew.</p>"
)
HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="mirlab">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header>
<h1>{title}</h1>
<dl>{facts}</dl>
<nav aria-label="On this page"><a href="#listen">Listen</a> <a href="#chords">Chords</a>
<a href="#score">Score</a> <a href="#files">Downloads</a> <a href="#made">Methods</a></nav>
</header>
<main>
<section id="listen"><h2>Listen</h2>
"""
BODY = """</section>
<section id="chords"><h2>Chords</h2>{outdated}{chords}</section>
<section id="score"><h2>Score</h2>{outdated}
<div class="papers" tabindex="0" role="region" aria-label="Score">{score}</div>
{score_remark}{timing}</section>
<section id="files"><h2>Downloads</h2><ul>{files}"""
END = """</section>
<section id="made"><h2>Methods</h2>{made}</section>
</main>
{corrected}
"""
TAIL = "</body>\n</html>\n"
