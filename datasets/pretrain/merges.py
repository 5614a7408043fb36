"""Learns byte-pair merges from captions and writes them in the layout of CLIP's merge list.

usage: python3 merges.py METADATA_JSONL COUNT OUTPUT_GZ

Layout: a header line, then "a b" a line, most useful merge first; a word's last symbol carries "</w>".
Words are the lower-cased captions split as the tokenizer splits them: runs of letters, single digits, runs of other signs.
"""
import collections, gzip, json, re, sys


def byte_symbols():
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    table, extra = {b: chr(b) for b in printable}, 0
    for b in range(256):
        if b not in table:
            table[b] = chr(256 + extra)
            extra += 1
    return table


def main(metadata, count, output):
    symbols, words = byte_symbols(), collections.Counter()
    captions = collections.Counter()
    for line in open(metadata, encoding="utf-8"):
        captions[json.loads(line)["text"].lower()] += 1
    for text, n in captions.items():
        for word in re.findall(r"'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|[^\s\w]+|_+", text):
            units = [symbols[b] for b in word.encode("utf-8")]
            units[-1] += "</w>"
            words[tuple(units)] += min(n, 20)  # a caption that every set has does not rule the vocabulary
    merges = []
    pairs, where = collections.Counter(), collections.defaultdict(set)
    words = [[list(w), n] for w, n in sorted(words.items())]
    for i, (w, n) in enumerate(words):
        for pair in zip(w, w[1:]):
            pairs[pair] += n
            where[pair].add(i)
    while len(merges) < int(count):
        best = max(pairs, key=lambda p: (pairs[p], p))
        if pairs[best] < 2:
            break
        merges.append(best)
        for i in sorted(where.pop(best)):
            w, n = words[i]
            for pair in zip(w, w[1:]):
                pairs[pair] -= n
            j = 0
            while j < len(w) - 1:
                if (w[j], w[j + 1]) == best:
                    w[j:j + 2] = [w[j] + w[j + 1]]
                j += 1
            for pair in zip(w, w[1:]):
                pairs[pair] += n
                where[pair].add(i)
        del pairs[best]
    text = "#version: 0.2 tiny-clip\n" + "".join(f"{a} {b}\n" for a, b in merges)
    with open(output, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
        out.write(text.encode("utf-8"))
    print(f"{len(merges)} merges, vocabulary {512 + len(merges) + 2}")


main(*sys.argv[1:])
