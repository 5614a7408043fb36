"""Writes texts and the ids CLIP's tokenizer gives them, for TokenizerParityTest:
src/test/resources/dev/itprompt/model/clip-tokens.jsonl.gz, one {"text", "ids"} a line.

    pip install torch ftfy==6.3.1 regex
    python src/test/python/tokenizer_goldens.py open_clip/tokenizer.py bpe_simple_vocab_16e6.txt.gz

The first argument is a file of the package open_clip_torch (3.3.0), whose SimpleTokenizer is that of OpenAI's CLIP but for
the spelling of the two special tokens, which is set back here. Ids are those of the start, the text, the end, cut to 77.
Texts are 1,000: written by hand or drawn with a fixed seed from characters that Unicode 14 (Python 3.11) knows. Of texts
decoded with a wrong character set only those are in it that were UTF-8 read as Windows-1252 or Latin-1 as a whole and that
the reference mends.
"""

import gzip
import html.entities
import importlib.util
import json
import random
import sys
import unicodedata

import ftfy

OUTPUT = "src/test/resources/dev/itprompt/model/clip-tokens.jsonl.gz"

LABELS = """golden retriever; great white shark; pickup_truck; T-shirt/top; lily of the valley; Saint Bernard; Granny Smith;
jack-o'-lantern; crème brûlée; piñata; smörgåsbord; façade; jalapeño; naïve; Škoda; Łódź; Đà Nẵng; São Paulo; Zürich; Malmö;
İstanbul; ISPARTA; IĞDIR; ΟΔΥΣΣΕΥΣ; ΣΑΣ ΣΟΦΟΣ Σ; Ὀδυσσεύς; МОСКВА; Київ; groß; GROẞ; STRASSE; ﬁreﬂy; oﬃce; ﬆ; ſtreet; it'ſ; Ĳssel;
ŉ; ǄUNGLA; ǅ; ǈ; 日本語; 東京タワー; 한국어; 中文; ภาษาไทย; हिन्दी; বাংলা; தமிழ்; עברית; العربية; فارسی; ქართული; հայերեն; አማርኛ; ខ្មែរ; ᏣᎳᎩ;
𐐔𐐯𐑅𐐨𐑉𐐯𐐻;
𝒜 𝓶𝓪𝓽𝓱; ℕ ⊂ ℝ; ½ cup; x² + y³; №5; Ⅷ; ①②③; 10km/h; 3.14159; 1,000,000; ٣٤٥; १२३; 〇一二三; ៥៦; 𝟘𝟙; ㊷; ⅔"""
QUOTED = ["‘single’", "“double”", "‛reversed‟", "„low‟ ‚comma‛", "«guillemets»", "‹single›",
          "it’s; I’m; we’ll; they’re; he’d; I’ve; can’t",
          "IT'S I'M WE'LL", "rock ’n’ roll", "ʼn ʻokina", "5′10″", "`back` ´acute´", "'s't're've'm'll'd", "''' \"\"\"",
          "o'clock 'sup"]
EMOJI = ["😀", "😂🤣", "👍🏽", "👩‍🚀", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🏴‍☠️", "🇩🇪🇫🇷", "1️⃣", "❤️", "❤️‍🔥", "🧑🏿‍🤝‍🧑🏻", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "☺︎", "©️®️™️",
         "👁️‍🗨️", "🫠", "🐈‍⬛"]
ENTITIES = ["&amp;", "&amp;amp;", "&amp;amp;amp;lt;", "&amp;amp;amp;amp;amp;gt;", "&lt;b&gt;bold&lt;/b&gt;",
            "<b>&amp;amp;lt;</b>",
            "<i>&eacute;</i> &amp;amp;amp;eacute;", "&nbsp;cat&nbsp;&nbsp;dog", "caf&eacute;", "caf&eacute", "CAF&EACUTE;",
            "&EACUTE", "&NTILDE; &nTILDE;",
            "BUNDESSTRA&SZLIG;E", "&notit;", "&notin;", "&not", "&ampcat", "&ampamp;", "&AMP; &AMP &LT;", "&unknown;", "&;",
            "&", "&&", "& cat", "&#;",
            "&#x;", "&#xZZ;", "&#65", "&#65;", "&#x41;", "&#X41", "&#65abc;", "&#0;", "&#00065;", "&#128;", "&#x9d;",
            "&#150;&#151;", "&#55357;",
            "&#x1F600;", "&#x110000;", "&#99999999999;", "&#1;", "&#11;", "&#127;", "&#xFFFE;", "&#xFDD0;", "&#59;", "&semi;",
            "&amp#59;", "&#38;#38;",
            "&#x26;lt;", "&hellip;&mdash;&ndash;", "&lsquo;x&rsquo; &ldquo;y&rdquo;", "&fflig; &filig;", "&Jscr;&HilbertSpace;",
            "&NotEqualTilde;",
            "&CounterClockwiseContourIntegral;", "a&lt b&gt c", "tom&jerry;", "x&y=1&copy=2", "&copy2024",
            "&Aacute;&AACUTE;&aacute", "&zwj;&zwnj;&shy;",
            "&lt;|endoftext|&gt;", "&amp;lt;|startoftext|&amp;gt;", "a < b &amp; c", "a &lt; b\nc &amp;amp; d",
            "<\n&amp;amp;amp;", "&amp;amp;amp;\n<", "&Tab;&NewLine;x"]
SPECIAL = ["<|startoftext|>", "<|endoftext|>", "<|STARTOFTEXT|> cat", "cat<|EndOfText|>dog", "<|endoftext|", "<| endoftext |>",
           "<start_of_text>", "</w>",
           "cat</w>", "＜|endoftext|＞", "<|end\u0007oftext|>", "<|startoftext|><|endoftext|><|endoftext|>", "a<|startoftext|>b"]
SPACES = ["", " ", "\n", "\t cat \t", "a\u00a0b", "a\u2003b\u2009c\u200ad", "a\u3000b", "a\u2028b\u2029c", "a\r\nb\rc",
          "a\u000bb\u000cc", "a\u0085b", "a\u1680b\u202fc\u205fd",
          "zero\u200bwidth", "zero\u200cnon\u200djoiner", "\ufeffbom", "b\ufeffom", "soft\u00adhyphen", "a\u180eb",
          "\u202ertl\u202c", "\u2066isolate\u2069",
          "\u001b[31mred\u001b[0m cat", "\u001b[2J", "\u001bX", "bell\u0007", "nul\u0000l", "del\u007f", "a\u001cb\u001fc",
          "\u206a\u206f", "\ufff9a\ufffab\ufffb", "\ufffc", "\ufffd"]
SURROGATES = ["\ud83d", "cat \udca9", "\ud83d\ude00", "\udca9\ud83d"]
WRONG = ["café", "naïve", "it’s", "“quoted”", "Ünïcödé", "déjà vu", "Zürich", "São", "piñata", "— dash", "… dots", "€ 5",
         "50 £", "日本", "Привет", "🙂 ok",
         "Łódź", "crème brûlée", "10 °C", "señor ¿qué?", "Škoda", "naïve café façade", "Ærøskøbing", "smörgåsbord", "×", "½",
         "Αθήνα", "✔ done"]

SCRIPTS = [(0xC0, 0x24F), (0x370, 0x3FF), (0x1F00, 0x1FFF), (0x400, 0x52F), (0x531, 0x58A), (0x591, 0x5F4), (0x600, 0x6FF),
           (0x700, 0x74F), (0x780, 0x7B1),
           (0x900, 0x97F), (0x980, 0x9FE), (0xA01, 0xA76), (0xB82, 0xBFA), (0xC00, 0xC7F), (0xE01, 0xE5B), (0xE81, 0xEDF),
           (0xF00, 0xFDA), (0x1000, 0x109F), (0x10A0, 0x10FF),
           (0x1100, 0x11FF), (0x1200, 0x137F), (0x13A0, 0x13FD), (0x1780, 0x17F9), (0x1800, 0x18AA), (0x1C80, 0x1CBF),
           (0x1E00, 0x1EFF), (0x2C00, 0x2C5F), (0x2C80, 0x2CFF), (0x3041, 0x30FF),
           (0x4E00, 0x9FFF), (0xA000, 0xA48C), (0xA640, 0xA69F), (0xA720, 0xA7CA), (0xAB70, 0xABBF), (0xAC00, 0xD7A3),
           (0xFB00, 0xFB17), (0xFB50, 0xFDFF), (0xFF01, 0xFFEF), (0x10400, 0x1044F), (0x1D400, 0x1D7FF), (0x1E900, 0x1E943)]
SYMBOLS = [(0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x209C), (0x20A0, 0x20C0), (0x2100, 0x218B), (0x2190, 0x23FF),
           (0x2460, 0x24FF), (0x2500, 0x27BF), (0x3001, 0x303F), (0x3200, 0x33FF), (0x1F100, 0x1F1FF), (0x1F300, 0x1FAFF),
           (0x21, 0x7E), (0xA1, 0xBF)]
ALL = [chr(c) for c in range(0x20000) if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co", "Cc")]
MARKS = [c for c in ALL if unicodedata.category(c)[0] == "M"]
NUMBERS = [c for c in ALL if unicodedata.category(c)[0] == "N"]
CASED = [c for c in ALL if c.lower() != c or c.upper() != c]


def assigned(chance, ranges):
    while True:
        character = chr(chance.randint(*chance.choice(ranges)))
        if unicodedata.category(character) not in ("Cn", "Cs", "Co", "Cc"):
            return character


def word(chance, ranges, longest=7):
    return "".join(assigned(chance, ranges) for _ in range(chance.randint(1, longest)))


def entity(chance):
    name = chance.choice(sorted(html.entities.html5))
    return chance.choice([
        lambda: "&" + name, lambda: "&" + name.rstrip(";"), lambda: "&" + name.upper(), lambda: "&amp;" + name,
        lambda: "&amp;amp;" + name,
        lambda: "&" + name.rstrip(";") + chance.choice("aZ9=;&"), lambda: f"&#{ord(chance.choice(ALL))};",
        lambda: f"&#x{ord(chance.choice(ALL)):x};",
        lambda: f"&#{chance.randrange(300)}", lambda: f"&amp;#{chance.randrange(300)};", lambda: "&" + name[:chance.randint(0,
        len(name))]])()


def drawn(chance):
    """One text of a kind chosen by chance; texts that ftfy takes for mojibake come from mojibake() alone."""
    while True:
        ranges = [chance.choice(SCRIPTS)]
        english = chance.choice(LABELS.split(";")).strip()
        text = chance.choice([
            lambda: " ".join(word(chance, ranges) for _ in range(chance.randint(1, 4))),
            lambda: " ".join(word(chance, ranges) for _ in range(chance.randint(1, 4))),
            lambda: english + " " + word(chance, SYMBOLS, 4) + word(chance, ranges, 3),
            lambda: "".join(chance.choice(EMOJI) + chance.choice(["", " ", "\u200d", "\ufe0f"])
                              for _ in range(chance.randint(1, 5))),
            lambda: english + "".join(chance.choice(["", " ", "x"]) + entity(chance) for _ in range(chance.randint(1, 4))),
            lambda: english + "".join(chance.choice(["", " ", "<"]) + entity(chance) for _ in range(chance.randint(1, 4))),
            lambda: "".join(chance.choice("aeıουиあ") + chance.choice(MARKS) for _ in range(chance.randint(1, 5))),
            lambda: "".join(chance.choice(NUMBERS) + chance.choice(["", "", ".", "x"]) for _ in range(chance.randint(1, 6))),
            lambda: "".join(chance.choice(CASED)
                              for _ in range(chance.randint(1, 6))) + chance.choice(["", "Σ", "Σ.", "İ", "'S"]),
            lambda: "".join(chr(chance.randint(0xFF01, 0xFF5E)) for _ in range(chance.randint(1, 8))),
            lambda: english.title() + chr(chance.randrange(0xA0)) + chance.choice(SPACES) + chr(chance.randrange(0x20)) + english,
            lambda: "".join(chr(chance.randint(0x20, 0x7E)) for _ in range(chance.randint(1, 30))),
            lambda: chance.choice(QUOTED) + " " + english.swapcase() + chance.choice(SPECIAL),
            lambda: "".join(chance.choice(ALL) for _ in range(chance.randint(1, 5))),
            lambda: " ".join(chance.choice([english, "photo", "of", "a", "10", word(chance, ranges)])
                              for _ in range(chance.randint(40, 90))),
        ])()
        if ftfy.fix_encoding(text) == text or all(c < "\xa0" for c in text):
            return text


def mojibake():
    for text in WRONG:
        latin = text.encode().decode("latin-1")
        windows = "".join(bytes([ord(c)]).decode("cp1252", "replace").replace("\ufffd", c) for c in latin)
        twice = [windows.encode("cp1252").decode("latin-1").encode().decode("cp1252")] if text in ("café", "it’s") else []
        yield from (wrong for wrong in (latin, windows, *twice) if ftfy.fix_encoding(wrong) == text)


def texts():
    every = dict.fromkeys([
        *(label.strip() for label in LABELS.split(";")), *QUOTED, *EMOJI, *ENTITIES, *SPECIAL, *SPACES, *SURROGATES, *mojibake(),
        "e\u0345 1\u0345\u0345!", "a photo of " * 30, "x" * 500, "ab " * 75, "ab " * 76, "日本語" * 40, "😀" * 60, "&amp;" * 100])
    chance = random.Random(20240808)
    while len(every) < 1000:
        every[drawn(chance)] = None
    return every


def reference(tokenizer_file, merges):
    spec = importlib.util.spec_from_file_location("tokenizer", tokenizer_file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tokenizer = module.SimpleTokenizer(bpe_path=merges)
    specials = {"<|startoftext|>": 49406, "<|endoftext|>": 49407}
    tokenizer.encoder |= specials
    tokenizer.cache = {special: special for special in specials}
    ours, theirs = r"<\|startoftext\|>|<\|endoftext\|>", "<start_of_text>|<end_of_text>"
    assert theirs in tokenizer.pat.pattern
    tokenizer.pat = module.re.compile(tokenizer.pat.pattern.replace(theirs, ours), module.re.IGNORECASE)
    return tokenizer


def main():
    tokenizer = reference(*sys.argv[1:])
    with open(OUTPUT, "wb") as file, gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as out:
        for text in texts():
            ids = [49406, *tokenizer.encode(text), 49407]
            if len(ids) > 77:
                ids = [*ids[:76], 49407]
            out.write((json.dumps({"text": text, "ids": ids}) + "\n").encode())


if __name__ == "__main__":
    main()
